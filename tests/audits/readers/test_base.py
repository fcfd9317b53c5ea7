"""What all readers share: names of what is perceived, agreement, stretches of footage."""

import numpy as np
import pytest

from audits.readers.base import Perceived, agreed, checked_attribute, unknown
from bench import registry
from bench.errors import UsageError
from support.footage import footage

A, B, NOTHING = Perceived(value="a"), Perceived(value="b"), unknown("dark")


@pytest.mark.parametrize("name", ["race", "Ethnicity", "perceived_race", "religion", "disability"])
def test_no_reader_may_claim_to_see_what_no_look_shows(name):
    with pytest.raises(UsageError, match="no look shows this"):
        checked_attribute(name)


@pytest.mark.parametrize(
    ("name", "legal"),
    [
        ("gender", "perceived_gender_presentation"),
        ("sex", "perceived_gender_presentation"),
        ("age", "apparent_age_band"),
        ("skin_tone", "apparent_skin_tone_band"),
    ],
)
def test_a_look_is_not_taken_for_a_fact(name, legal):
    with pytest.raises(UsageError, match=f"how a person is perceived.*{legal}"):
        checked_attribute(name)
    assert checked_attribute(legal) == legal


def test_every_reader_that_ships_has_legal_names_and_can_say_one_thing_or_another():
    assert registry.names("reader") == ["age_gender", "clip_zero_shot", "phantom", "skin_tone"]
    for name in ("age_gender", "phantom", "skin_tone"):
        reader = registry.build("reader", name)
        assert reader.name == name
        assert set(reader.ordinal) <= set(reader.attributes)
        for attribute, values in reader.attributes.items():
            assert checked_attribute(attribute) == attribute
            assert len(values) >= 2


@pytest.mark.parametrize(
    ("seen", "value"),
    [
        ([A, A, A, B], "a"),
        ([A, A, B, B], None),
        ([A, NOTHING], "a"),
        ([A, NOTHING, NOTHING], None),
        ([NOTHING], None),
        ([], None),
    ],
)
def test_looks_must_tell_something_and_the_same(seen, value):
    made = agreed(seen)
    assert made.value == value
    assert (made.reason == "") == (value is not None)


def test_an_abstention_says_the_commonest_reason():
    made = agreed([NOTHING, NOTHING, unknown("small"), A])
    assert made.reason == "3 of 4 looks tell nothing: dark"
    assert "2 of 3 say a" in agreed([A, A, B]).reason


def test_parts_of_footage_cover_it_once():
    frames = np.arange(10, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    whole = footage(frames)
    assert whole.is_whole
    parts = list(whole.parts(3))
    held = [part.frames()[0][:, 0, 0, 0].tolist() for part in parts]
    assert held == [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9]]
    assert not any(part.is_whole for part in parts)
    one = footage(frames[:1])
    assert [len(part.frames()[0]) for part in one.parts(3)] == [1, 1, 1]


def test_a_prompt_that_states_an_attribute_is_told():
    reader = registry.build("reader", "phantom")
    assert reader.statement("apparent_skin_tone_band", {"tone": 3})
    assert not reader.statement("apparent_skin_tone_band", {"role": "doctor", "tone": None})
    assert not reader.statement("hair", {"tone": 3})
