"""Which video answers which prompt: four rules in order, and every doubt named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.models._match import match_prompts
from bench.models.base import ListedVideo, Listing
from bench.suites.base import Suite
from bench.types import Prompt


def suite(**texts):
    return Suite(name="s", prompts=tuple(Prompt(id=i, text=t) for i, t in texts.items()))


def listing(*videos):
    listed = [
        v if isinstance(v, ListedVideo) else ListedVideo(name=v, path=Path("/v") / v)
        for v in videos
    ]
    return Listing(spec="v", root=Path("/v"), videos=tuple(listed))


def video(name, **said):
    return ListedVideo(name=name, path=Path("/v") / name, **said)


def pairs(ledger):
    return {p.video.name: (p.prompt.id, p.seed, p.how) for p in ledger.pairs}


@pytest.mark.parametrize(
    ("given_", "seed", "how"),
    [
        (video("x.mp4", prompt_id="cat", seed=4), 4, "prompt_id"),
        (video("x.mp4", prompt_text="A cat sits."), None, "prompt text"),
        ("cat.mp4", None, "file name"),
        ("deep/er/cat.webm", None, "file name"),
        ("cat-3.mp4", 3, "file name"),
        ("cat_12.MP4", 12, "file name"),
        ("cat/7.mp4", 7, "file name"),
        ("cat", None, "file name"),
        ("A cat sits..mp4", None, "name is text"),
        ("A cat sits.-2.mp4", 2, "name is text"),
    ],
)
def test_each_rule(given_, seed, how):
    ledger = match_prompts(listing(given_), suite(cat="A cat sits.", dog="A dog runs."))
    assert list(pairs(ledger).values()) == [("cat", seed, how)]
    assert ledger.prompts_without_videos == ("dog",)
    assert not ledger.videos_without_prompt
    assert not ledger.ambiguous
    assert ledger.videos[0].prompt_id == "cat"
    assert ledger.videos[0].seed == seed


def test_what_a_manifest_says_goes_before_the_name():
    ledger = match_prompts(listing(video("cat.mp4", prompt_id="dog")), suite(cat="a", dog="b"))
    assert pairs(ledger) == {"cat.mp4": ("dog", None, "prompt_id")}


def test_an_id_that_no_prompt_has_is_not_guessed_at():
    ledger = match_prompts(listing(video("cat.mp4", prompt_id="cow")), suite(cat="a"))
    assert [v.name for v in ledger.videos_without_prompt] == ["cat.mp4"]
    assert ledger.videos[0].prompt_id is None


def test_unicode_forms_are_one():
    ledger = match_prompts(listing("cafe\u0301.mp4"), suite(café="coffee"))
    assert len(ledger.pairs) == 1


def test_two_videos_of_one_prompt_and_seed_are_both_in_doubt():
    ledger = match_prompts(listing("cat-1.mp4", "sub/cat-1.mp4", "cat-2.mp4"), suite(cat="a"))
    assert pairs(ledger) == {"cat-2.mp4": ("cat", 2, "file name")}
    assert [(a.video.name, a.reason) for a in ledger.ambiguous] == [
        ("cat-1.mp4", "sub/cat-1.mp4 too answers cat with seed 1"),
        ("sub/cat-1.mp4", "cat-1.mp4 too answers cat with seed 1"),
    ]


def test_a_manifest_may_leave_seeds_unsaid():
    said = [video(name, prompt_id="cat") for name in ("a.mp4", "b.mp4")]
    ledger = match_prompts(listing(*said), suite(cat="a"))
    assert len(ledger.pairs) == 2
    ledger = match_prompts(listing("cat.mp4", "x/cat.mp4"), suite(cat="a"))
    assert len(ledger.ambiguous) == 2


def test_a_name_that_fits_two_prompts_is_in_doubt():
    ledger = match_prompts(listing("cat-1.mp4"), suite(**{"cat": "a", "cat-1": "b"}))
    (doubt,) = ledger.ambiguous
    assert doubt.prompt_ids == ("cat", "cat-1")
    assert doubt.reason == "could answer cat-1 or cat"
    assert ledger.prompts_without_videos == ("cat", "cat-1")


def test_a_manifest_with_another_text_than_the_suite_is_in_doubt():
    said = video("x.mp4", prompt_id="cat", prompt_text="a dog")
    (doubt,) = match_prompts(listing(said), suite(cat="a cat")).ambiguous
    assert doubt.reason == "its manifest gives cat another text than the suite"


def test_without_a_suite_the_listing_stays_as_it_is():
    listed = listing(video("x.mp4", prompt_id="shot-1", seed=2), "y.mp4")
    ledger = match_prompts(listed, None)
    assert ledger.videos == listed.videos
    assert ledger.n_prompts == 0


def test_a_video_that_cannot_be_opened_still_says_whose_it_is():
    broken = ListedVideo(name="cat.mp4", path=None, problem="permission denied")
    ledger = match_prompts(listing(broken), suite(cat="a"))
    assert ledger.prompts_without_videos == ()
    counts = ledger.counts()
    assert (counts["n_prompts_answered"], counts["n_videos_unopenable"]) == (0, 1)


NAMES = st.from_regex(r"[ab](/[ab12])?([-_][12])?\.mp4", fullmatch=True)


@given(st.sets(NAMES, max_size=8), st.sets(st.sampled_from(["a", "b", "a-1", "b_2"]), min_size=1))
def test_every_video_and_prompt_is_in_just_one_place(names, ids):
    ledger = match_prompts(listing(*sorted(names)), suite(**{i: f"text {i}" for i in ids}))
    places = [
        *(p.video.name for p in ledger.pairs),
        *(v.name for v in ledger.videos_without_prompt),
        *(a.video.name for a in ledger.ambiguous),
    ]
    assert sorted(places) == sorted(names)
    answered = {p.prompt.id for p in ledger.pairs}
    assert answered.isdisjoint(ledger.prompts_without_videos)
    assert answered | set(ledger.prompts_without_videos) == ids
    claims = [(p.prompt.id, p.seed) for p in ledger.pairs]
    assert len(set(claims)) == len(claims)
