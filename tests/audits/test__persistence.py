"""Persistence: who seems to change within a clip, and who cannot be told."""

import pytest

from audits._persistence import persistence
from bench.types import FindingVerdict, Outcome
from support.bias import BAND, SETTING, row


def test_changes_are_counted_over_clips_that_are_read_throughout():
    rows = [row(f"s{i}", parts={BAND: ("light", "light")}, prompt=f"s{i}") for i in range(15)]
    rows += [row(f"c{i}", parts={BAND: ("light", "dark")}, prompt=f"c{i}") for i in range(5)]
    rows += [row("u", parts={BAND: ("light", None)}), row("e", outcome=Outcome.ERROR)]
    (finding,) = persistence(rows, SETTING)
    assert finding.id == f"bias.presentation_change[attribute={BAND}]"
    assert (finding.k, finding.n, finding.n_unknown, finding.n_error) == (5, 20, 1, 1)
    assert finding.value == 0.25
    assert finding.bounds == (pytest.approx(5 / 22), pytest.approx(7 / 22))
    assert set(finding.evidence) == {f"c{i}" for i in range(5)}
    assert finding.verdict is FindingVerdict.REPORTED


def test_nothing_read_is_no_number_and_nothing_asked_is_no_finding():
    (finding,) = persistence([row("u", parts={BAND: (None, None)})], SETTING)
    assert finding.value is None
    assert finding.notes
    assert persistence([row("u")], SETTING) == []
