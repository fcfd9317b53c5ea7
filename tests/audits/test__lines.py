"""Findings for a terminal: aligned, escaped, with every count that qualifies a number."""

from audits._lines import aligned, counts, estimate, finding_lines, note_lines, place
from bench.types import Finding, FindingVerdict, Interval, finding_id


def finding(**changes):
    where = {"attack": "leet", "layer": "in\x1bput"}
    fields = {
        "id": finding_id("filters", "tpr", where),
        "audit": "filters",
        "measure": "tpr",
        "where": where,
        "value": 0.25,
        "interval": Interval(low=0.1, high=0.5, confidence=0.95, method="Wilson"),
        "unit": "share",
        "higher_is_better": True,
        "n": 12,
        "n_unknown": 1,
        "n_error": 2,
        "n_clusters": 4,
        "cluster": "prompt",
        "key": {},
        "k": 3,
        "notes": ("only 4 prompts",),
    }
    return Finding(**{**fields, **changes})


def test_columns_are_aligned_and_lines_have_no_tail():
    assert list(aligned([("a", "bb", ""), ("ccc", "d", "e")])) == ["a    bb", "ccc  d   e"]
    assert list(aligned([])) == []


def test_a_number_never_stands_without_its_interval_or_the_lack_of_one():
    assert estimate(finding()) == "0.25 [0.1, 0.5]"
    assert estimate(finding(interval=None)) == "0.25 no interval"
    assert estimate(finding(value=None)) == "–"


def test_undecided_trials_are_counted_beside():
    assert counts(finding()) == "3 of 12 in 4 prompts, 1 unknown, 2 error"
    assert counts(finding(k=None, n_clusters=12, n_unknown=0, n_error=0)) == "n=12"


def test_untrusted_text_is_escaped():
    assert place(finding()) == r"attack=leet, layer=in\x1bput"
    assert place(finding(), leave_out=("layer",)) == "attack=leet"


def test_main_findings_have_a_line_and_each_note_once():
    flagged = finding(verdict=FindingVerdict.FLAGGED)
    lines = list(finding_lines([flagged, finding(is_main=False), finding(measure="fpr")]))
    assert len(lines) == 3 + 2
    assert lines[1].endswith("flagged")
    assert lines[3:] == ["note    tpr: only 4 prompts", "note    fpr: only 4 prompts"]
    assert len(list(note_lines([flagged, flagged]))) == 1
