"""Targets, references and confusions: read from files and inline, refused when they are none."""

import json

import pytest

from audits._bias_options import (
    crossed,
    read_confusion,
    read_reference,
    read_target,
    target_json,
    values_of,
)
from audits.readers.phantom import Phantom
from bench.errors import UsageError
from support.bias import BAND, BANDS, TARGET, THIRDS

READER = Phantom()


def target(targets, source="a test"):
    return read_target(json.dumps({"source": source, "targets": targets}), (), READER)


def test_a_target_from_a_file_is_that_of_the_same_text(tmp_path):
    path = tmp_path / "target.json"
    path.write_text(TARGET)
    made = read_target(str(path), (), READER)
    assert made == read_target(TARGET, (), READER)
    assert made.of(BAND, "doctor", BANDS) == [0.4, 0.35, 0.25]
    assert made.of("hair", "doctor", ("short",)) is None
    assert target_json(made) == {"source": "a test", "targets": {BAND: {"*": THIRDS}}}
    assert target_json(None) is None


def test_uniform_is_declared_by_name_and_for_named_attributes_alone():
    made = read_target("uniform", ("hair",), READER)
    assert made.of("hair", "x", READER.attributes["hair"]) == [0.25] * 4
    assert "declared" in made.source
    with pytest.raises(UsageError, match="uniform over what"):
        read_target("uniform", (), READER)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({BAND: {"light": 0.5, "dark": 0.5}}, "is of other values; seen: light, dark"),
        ({BAND: {"light": 1.0, "medium": 0.0, "dark": 0.0}}, "above 0, adding up to 1"),
        ({BAND: {"light": 0.5, "medium": 0.5, "dark": 0.5}}, "above 0, adding up to 1"),
        ({"gender": {"a": 1.0}}, "how a person is perceived"),
        ({"race": {"a": 1.0}}, "no look shows this"),
        ({"posture": {"a": 1.0}}, "the reader phantom does not perceive this"),
        ({BAND: 3}, "the target cannot be read"),
        ([], "the target cannot be read"),
    ],
)
def test_a_target_that_is_none_is_refused(targets, message):
    with pytest.raises(UsageError, match=message):
        target(targets)


def test_a_target_must_say_where_it_comes_from_and_be_there(tmp_path):
    with pytest.raises(UsageError, match="does not say where it comes from"):
        target({BAND: THIRDS}, source=" ")
    with pytest.raises(UsageError, match="the target cannot be read"):
        read_target(str(tmp_path / "nowhere.json"), (), READER)


def test_a_reference_states_year_pivot_and_shares_between_0_and_1():
    held = {"source": "a table", "year": 2025, "attribute": BAND, "value": "dark", "pivot": 0.5}
    made = read_reference(json.dumps({**held, "shares": {"doctor": 0.2}}), READER)
    assert (made.source, made.shares) == ("a table, 2025", {"doctor": 0.2})
    assert read_reference("", READER) is None
    for change, message in (
        ({"shares": {"doctor": 1.0}}, "must lie between 0 and 1"),
        ({"value": "pale", "shares": {}}, "of a value that there is not"),
        ({"shares": {}, "year": None, "pivot": "x"}, "the reference cannot be read"),
        ({}, "the reference cannot be read"),
    ):
        with pytest.raises(UsageError, match=message):
            read_reference(json.dumps({**held, **change}), READER)


def test_a_confusion_has_the_readers_values_in_their_order():
    table = {"values": list(BANDS), "counts": [[50, 0, 0], [0, 50, 0], [0, 0, 50]]}
    made = read_confusion(json.dumps({"source": "s", "attributes": {BAND: table}}), READER)
    assert made[BAND].counts_KJ.trace() == 150
    assert read_confusion("", READER) == {}
    turned = {**table, "values": list(BANDS[::-1])}
    with pytest.raises(UsageError, match="is of other values"):
        read_confusion(json.dumps({"source": "s", "attributes": {BAND: turned}}), READER)
    with pytest.raises(UsageError, match="the confusion cannot be read"):
        read_confusion(json.dumps({"source": "s", "attributes": {BAND: {}}}), READER)


def test_intersections_have_all_combinations_and_need_all_parts():
    cross = f"{BAND}+hair"
    assert len(values_of(cross, READER)) == 12
    assert values_of(cross, READER)[:2] == ("light+short", "light+long")
    assert crossed(cross, {BAND: "dark", "hair": "bald"}) == "dark+bald"
    assert crossed(cross, {BAND: "dark", "hair": None}) is None
    made = target({BAND: THIRDS, "hair": dict.fromkeys(READER.attributes["hair"], 0.25)})
    product = made.of(cross, "x", values_of(cross, READER))
    assert product[0] == pytest.approx(0.1)
    assert sum(product) == pytest.approx(1)
    assert target({BAND: THIRDS}).of(cross, "x", values_of(cross, READER)) is None
