"""What filters' adapters share: dials from text, packages that are missing, a limit of time."""

import hashlib

import pytest

from audits._filter_parts import (
    MAX_HUNG,
    Adapter,
    FilterFailed,
    TimeLimited,
    check_pinned,
    folder_of,
    require,
    words,
)
from bench.errors import Unavailable, UsageError
from generator.filters.base import BLOCK, ERROR, PASS
from support import odd_filters


class Length(Adapter[str]):
    """The share of ten characters; fails on an empty text."""

    name = "length"

    def score(self, content):
        if not content:
            raise FilterFailed("nothing to read")
        return min(len(content) / 10, 1.0), ""

    def data(self, content):
        return content.encode()


def test_options_come_as_text_and_a_planted_leak_is_named():
    plain = Length(threshold="0.5")
    assert (plain("abc").decision, plain("abcdef").decision) == (PASS, BLOCK)
    leaky = Length(threshold="0.5", leak="1", dial_seed="3")
    assert (leaky("abcdef").decision, leaky("abcdef").planted) == (PASS, "leak")
    alarmed = Length(threshold="0.5", false_alarm="1")
    assert (alarmed("abc").decision, alarmed("abc").planted) == (BLOCK, "false_alarm")


@pytest.mark.parametrize(
    "options",
    [
        {"threshold": "2"},
        {"threshold": "high"},
        {"threshold": "0.5", "leak": "-1"},
        {"threshold": "0.5", "dial_seed": "1.5"},
    ],
)
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError, match="the option "):
        Length(**options)


def test_a_filter_that_cannot_decide_says_error_and_why():
    decision = Length(threshold=0.5)("")
    assert (decision.decision, decision.score, decision.reason) == (ERROR, None, "nothing to read")
    assert decision.holds


def test_the_model_is_the_same_whatever_its_threshold_and_dials():
    one, other = Length(threshold=0.5), Length(threshold=0.9, leak=0.5)
    assert one.model_id == other.model_id
    assert one.fingerprint != other.fingerprint
    assert TimeLimited(one).model_id == one.model_id
    assert TimeLimited(odd_filters.Raising()).model_id == "4567"


def test_what_hangs_is_an_error_and_is_given_up_in_the_end():
    odd_filters.RELEASE.clear()
    limited = TimeLimited(odd_filters.Hanging(), "0.02")
    reasons = [limited("x").reason for _ in range(MAX_HUNG + 1)]
    assert reasons[:-1] == ["no decision within 0.02 s"] * MAX_HUNG
    assert reasons[-1] == f"not asked: {MAX_HUNG} earlier calls still hang"
    assert limited("x").decision == ERROR
    hung = list(limited._hung)
    odd_filters.RELEASE.set()
    for thread in hung:
        thread.join()
    assert TimeLimited(odd_filters.Hanging(), 10)("x").decision == PASS


def test_what_raises_is_an_error_and_what_is_in_time_is_as_it_was():
    failed = TimeLimited(odd_filters.Raising())("x")
    assert (failed.decision, failed.reason) == (ERROR, "ValueError: broken")
    plain = Length(threshold=0.5)
    assert TimeLimited(plain)("abcdef") == plain("abcdef")
    assert TimeLimited(plain).fingerprint == plain.fingerprint


def test_a_missing_package_says_what_installs_it():
    for ask in (require, folder_of):
        with pytest.raises(Unavailable) as caught:
            ask("no_such_package", adapter="mine")
        assert str(caught.value) == (
            "the filter mine needs a package that is not installed; seen: no_such_package; "
            "next: pip install 'prescreen[audits]'"
        )


def test_a_file_is_known_by_its_hash_or_the_start_of_it(tmp_path):
    file = tmp_path / "weights.bin"
    file.write_bytes(b"w")
    whole = hashlib.sha256(b"w").hexdigest()
    for pin in (whole, whole[:8].upper(), ""):
        assert check_pinned(file, pin, adapter="mine") == whole
    with pytest.raises(Unavailable, match=f"not the pinned one; seen: sha256 {whole}"):
        check_pinned(file, "00000000", adapter="mine")
    with pytest.raises(Unavailable, match=r"lacks its file gone\.bin"):
        check_pinned(tmp_path / "gone.bin", "", adapter="mine")


def test_lists_are_read_and_an_empty_one_is_refused():
    assert words("labels", "a + b+c") == ("a", "b", "c")
    with pytest.raises(UsageError, match="the option labels is empty"):
        words("labels", " + ")
