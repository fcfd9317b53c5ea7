"""The decision's record follows from the run, and verify finds what was changed in it."""

import datetime
import json

import numpy as np
import pytest

from bench.errors import RunDamaged, UsageError
from bench.gates.gate import gate, known_day, recheck
from bench.gates.policy import read_policy
from bench.runs import GATE, SCORES, read_json
from support.gated import certify, gated_run, policy_file

SHARP = ("sharpness", "sharpness")
TODAY = datetime.date(2026, 11, 24)
LINES = (
    'metric = "sharpness"\nmin = 8',
    'id = "same"\nmetric = "sharpness"\nagainst = "baseline"\nmax_drop = 1',
)


@pytest.fixture
def decided(private_cache, tmp_path):
    certify(private_cache, "sharpness")
    values = np.random.default_rng(0).normal(10, 1, size=(24, 1))
    root = gated_run(tmp_path / "run", {SHARP: values})
    before = gated_run(tmp_path / "before", {SHARP: values + values % 0.3})
    policy = read_policy(policy_file(tmp_path / "p.toml", *LINES))
    return root, gate(root, policy, today=TODAY, baseline=before)


def test_the_record_holds_all_that_the_decision_rests_on(decided):
    root, record = decided
    assert record == read_json(root / GATE)
    assert record["verdict"] == "PASS"
    assert len(record["journal_head"]) == len(record["baseline"]["journal_head"]) == 64
    first, second = record["lines"]
    assert first["pass"]["p_adjusted"] <= 0.05
    assert first["pass"]["bound"] > 8
    assert (second["rule"], second["limit"], second["against"]) == ("max_drop", 1, "baseline")
    assert second["details"]["design"] == "paired by prompt and seed"


def test_the_same_run_gives_the_same_bytes(decided, tmp_path):
    root, record = decided
    before = (root / GATE).read_bytes()
    policy = read_policy(tmp_path / "p.toml")
    assert gate(root, policy, today=TODAY, baseline=tmp_path / "before") == record
    assert (root / GATE).read_bytes() == before


def test_a_decision_can_be_made_again(decided):
    assert recheck(decided[0]) == (True, "decided again: PASS")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(verdict="FAIL"), "does not follow from the run: not its lines"),
        (lambda r: r["lines"][0].update(value=9.0), "does not follow from the run: sharpness"),
        (lambda r: r["policy"].update(text="x"), "is no TOML"),
        (lambda r: r.pop("today"), "is no decision of the gate"),
    ],
)
def test_a_decision_that_was_changed_is_found(decided, change, message):
    root, record = decided
    change(record)
    (root / GATE).write_text(json.dumps(record))
    ok, detail = recheck(root)
    assert not ok
    assert message in detail


def test_without_its_baseline_a_decision_is_not_made_again(decided, tmp_path):
    (tmp_path / "before").rename(tmp_path / "moved")
    ok, detail = recheck(decided[0])
    assert ok
    assert "is no longer there" in detail


def test_where_none_can_be_made_no_earlier_decision_stays(decided, tmp_path):
    root, _ = decided
    (root / SCORES).write_bytes(b"")
    with pytest.raises(RunDamaged):
        gate(root, read_policy(tmp_path / "p.toml"), today=TODAY)
    assert not (root / GATE).exists()


def test_a_day_is_a_day():
    assert known_day("2026-11-24") == TODAY
    with pytest.raises(UsageError, match="this is no date"):
        known_day("24.11.2026")
