"""JUnit XML: another program reads it, and its cases are the policy's lines."""

import junitparser
import pytest

from bench.reports.junit import junit, write_could_not_run


def line(name, verdict, **changes):
    fields = {
        "id": name,
        "what": "m.c",
        "rule": "max",
        "limit": 0.5,
        "verdict": verdict,
        "reason": "why <&> \x1b[31m",
        "value": 0.25,
        "n": 20,
        "n_clusters": 10,
        "pass": {"p": 0.01, "p_adjusted": 0.02, "level": 0.025, "bound": 0.4},
        "needed_n": None,
        "notes": ["a note"],
        "waived_by": None,
        "set_aside": False,
    }
    return {**fields, **changes}


@pytest.fixture
def record():
    lines = [
        line("passes", "PASS"),
        line("fails", "FAIL"),
        line("open", "INCONCLUSIVE", needed_n=90),
        line("waived", "FAIL", waived_by="A. Person", set_aside=True),
        line("counted", "PASS", **{"pass": None}),
    ]
    waiver = {"line": "waived", "owner": "A. Person", "expires": "2027-01-31", "reason": "known"}
    return {
        "policy": {"name": "mine & yours", "sha256": "ab"},
        "verdict": "FAIL",
        "today": "2026-11-24",
        "journal_head": "cd",
        "lines": lines,
        "waivers": [waiver],
    }


def test_each_line_is_a_case_that_another_program_reads(record):
    (suite,) = junitparser.JUnitXml.fromstring(junit(record))
    assert suite.name == "prescreen gate: mine & yours"
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (5, 1, 1, 1)
    kinds = {case.name: [type(result).__name__ for result in case.result] for case in suite}
    assert kinds == {
        "passes: max 0.5": [],
        "fails: max 0.5": ["Failure"],
        "open: max 0.5": ["Error"],
        "waived: max 0.5": ["Skipped"],
        "counted: max 0.5": [],
    }
    assert {p.name: p.value for p in suite.properties()}["run.journal_head"] == "cd"


def test_figures_reasons_and_waivers_are_told(record):
    cases = {case.name: case for (suite,) in [junitparser.JUnitXml.fromstring(junit(record))]
             for case in suite}  # fmt: skip
    assert "about 90 videos would decide" in cases["open: max 0.5"].system_out
    assert "bound 0.4 at level 0.025" in cases["passes: max 0.5"].system_out
    waived = cases["waived: max 0.5"].result[0].message
    assert waived.startswith(
        "waived by A. Person until 2027-01-31: known (FAIL: why <&> \\x1b[31m)"
    )


def test_equal_decisions_give_equal_bytes(record):
    assert junit(record) == junit(record)


def test_what_could_not_run_is_an_error(tmp_path):
    path = tmp_path / "a" / "gate.xml"
    write_could_not_run(path, "the journal's chain breaks")
    (suite,) = junitparser.JUnitXml.fromfile(str(path))
    assert (suite.tests, suite.errors) == (1, 1)
    (case,) = suite
    assert case.result[0].message == "the journal's chain breaks"
