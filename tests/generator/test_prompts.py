"""Prompts of every make: what is read, what is said about it, and how often."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.prompts import MAX_CHARACTERS, PromptReader, check_prompt
from generator.world.phantom import Format, Phantom, generate

CAPTION = "a red ball moves to the left on a grey background"
ANY_TEXT = st.text(st.characters(codec=None), max_size=400)


def test_a_caption_is_read_in_silence() -> None:
    reader = PromptReader()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert reader.read([CAPTION]) == [CAPTION]
    assert (reader.n_prompts, dict(reader.counts)) == (1, {})


@pytest.mark.parametrize(
    ("prompt", "text", "oddities"),
    [
        ("", "", ("empty",)),
        (" \t\n\u3000", "", ("empty",)),
        ("\x00\x07", "", ("hidden", "empty")),
        ("\u200f\u202e", "", ("hidden", "empty")),
        ("a red\x00 ball", "a red ball", ("hidden",)),
        ("a r\u200bed ball", "a red ball", ("hidden",)),
        ("a red ball\ud800", "a red ball", ("hidden",)),
        ("a  red\tball\n", "a red ball", ()),
        ("ein roter Ball", "ein roter Ball", ("outside",)),
        ("红色的球", "红色的球", ("outside",)),
        ("كرة حمراء", "كرة حمراء", ("outside",)),
        ("🎈🎈", "🎈🎈", ("outside",)),
    ],
)
def test_what_is_read_and_what_is_odd(prompt, text, oddities) -> None:
    check = check_prompt(prompt)
    assert (check.text, check.oddities) == (text, oddities)


def test_ten_thousand_characters_are_cut() -> None:
    check = check_prompt("red ball " * 1111)
    assert check.oddities == ("long", "outside")
    assert len(check.text) <= MAX_CHARACTERS


def test_each_kind_is_warned_of_once_with_its_count() -> None:
    reader = PromptReader()
    with pytest.warns(UserWarning, match=r"2 of 3 prompts lie outside .*'dragon'") as seen:
        reader.read(["a dragon", CAPTION, "a castle"])
    assert len(seen) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader.read(["another dragon"] * 5)
    with pytest.warns(UserWarning, match=r"^1 of 2 prompts hold nothing to show"):
        reader.read(["", "a dragon"])
    assert (reader.n_prompts, dict(reader.counts)) == (10, {"outside": 8, "empty": 1})


def test_unknown_words_are_shown_as_ascii() -> None:
    with pytest.warns(UserWarning, match="of 1 prompts") as seen:
        PromptReader().read(["\u043c\u044f\u0447 \x1b[31m"])
    said = [str(warning.message) for warning in seen]
    assert [text.split()[4] for text in said] == ["hold", "lie"]
    assert "first unknown words: '" in said[1]
    assert all(map(str.isascii, said))


@pytest.mark.parametrize("odd", [None, 3, b"a red ball", ["a"]])
def test_what_is_no_text_is_refused(odd) -> None:
    with pytest.raises(TypeError, match=r"a prompt is text; seen: .*; legal: str"):
        check_prompt(odd)


@settings(max_examples=200)
@given(ANY_TEXT)
def test_any_text_is_read_to_clean_text(prompt) -> None:
    check = check_prompt(prompt)
    assert check.text.isprintable()
    assert check.text == " ".join(check.text.split())
    check.text.encode("utf-8")
    assert ("empty" in check.oddities) == (check.text == "")
    assert check_prompt(check.text).text == check.text


@settings(max_examples=30, deadline=None)
@given(ANY_TEXT, st.integers(0, 2**31))
def test_the_phantom_draws_any_text(prompt, seed) -> None:
    form = Format(height_px=24, width_px=40, n_frames=2)
    shown = generate(prompt, seed, None, form)
    assert shown.frames.shape == (2, 24, 40, 3)
    assert (shown.frames == generate(prompt, seed, None, form).frames).all()


@pytest.mark.parametrize(
    "size",
    [
        {"height_px": 0},
        {"width_px": -3},
        {"height_px": 10**9},
        {"n_frames": 0},
        {"fps": 0.0},
        {"fps": float("nan")},
        {"fps": float("inf")},
    ],
)
def test_impossible_sizes_are_refused(size) -> None:
    with pytest.raises(ValueError, match=r"impossible size; seen: .*; legal: 1 frame and up"):
        Phantom(form=Format(**size))
