"""Findings survive being written and read; other records are refused."""

import math

import pytest

from bench.errors import RunDamaged
from bench.findings import finding_of, finding_record, read_findings, write_findings
from bench.runs import FINDINGS
from bench.types import Finding, FindingVerdict, Interval, Significance


def finding(**changes):
    fields = {
        "id": "filters.tpr[layer=input]",
        "audit": "filters",
        "measure": "tpr",
        "where": {"layer": "input"},
        "value": 0.25,
        "interval": Interval(low=0.1, high=0.5, confidence=0.95, method="Wilson", notes=("few",)),
        "unit": "share",
        "higher_is_better": True,
        "n": 4,
        "n_unknown": 1,
        "n_error": 0,
        "n_clusters": 4,
        "cluster": "prompt",
        "key": {"audit": "filters"},
        "k": 1,
        "bounds": (0.2, 0.4),
        "test": Significance(name="McNemar", p=0.5),
        "verdict": FindingVerdict.FLAGGED,
        "evidence": ("t1",),
        "notes": ("日本語 \u202e",),
    }
    return Finding(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes", [{}, {"interval": None, "bounds": None, "test": None, "value": None, "k": None}]
)
def test_a_finding_comes_back_as_it_was(tmp_path, changes):
    held = finding(**changes)
    write_findings(tmp_path / FINDINGS, [held])
    assert read_findings(tmp_path) == [held]


def test_a_run_without_audits_has_no_findings(tmp_path):
    assert read_findings(tmp_path) == []


def test_what_is_no_finding_is_refused():
    with pytest.raises(RunDamaged, match="this is no finding"):
        finding_of({"id": "x"})
    with pytest.raises(RunDamaged, match="maybe"):
        finding_of({**finding_record(finding()), "verdict": "maybe"})


def test_a_number_that_is_not_finite_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        finding_record(finding(value=math.nan))
