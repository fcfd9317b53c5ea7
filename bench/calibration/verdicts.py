"""The rule by which a ladder is passed, failed or left open. It was fixed before it was applied.

Of a column that must rise (or fall) with the strength of damage, with rho the correlation in the
declared direction and its 95 % interval over clusters of clips:

- fewer than 16 clips: not enough, whatever they show;
- no value of any clip changes at all: blind;
- pass: the whole interval of rho is at least 0.5, and at strength 5 the mean has moved in the
  declared direction by its 95 % interval;
- fail: the whole interval of rho is below 0.5, or at strength 5 the mean has not moved that way
  although rho says so (it turned back);
- not enough clips: the interval holds 0.5.

Of one that must ignore the damage, with a tolerance: pass when at every strength the interval of
the mean change lies within it, fail when at some strength it lies outside, else not enough clips.

0.5 because chance alone gives one clip a correlation of 0 +- 0.45 at six strengths, sixteen clips
0 +- 0.11, and because a flag that answers to the strongest damage alone, and answers in every clip,
has 0.65.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.calibration.measure import CONFIDENCE, Measured
from bench.certificates import Certificate, Row, Verdict
from bench.metrics._expects import Expects
from bench.types import Json

MIN_CLIPS = 16
MIN_RHO = 0.5

RULE: dict[str, Json] = {
    "min_clips": MIN_CLIPS,
    "min_rho": MIN_RHO,
    "confidence": CONFIDENCE,
    "version": "1",
}

Judged = tuple[Verdict, bool, str]
"""Verdict, whether the expectation is met, and why."""


def expected_of(expects: Expects, ladder: str) -> tuple[str, float | None]:
    """What is expected of a ladder (empty where nothing is), and the tolerance of `ignores`."""
    if ladder in expects.ignores:
        return "ignores", expects.ignores[ladder]
    for word in ("rises", "falls", "blind"):
        if ladder in getattr(expects, word):
            return word, None
    return "", None


def judge(
    found: Measured | None,
    expected: str,
    tolerance: float | None,
    higher_is_better: bool | None,
    lacking: str = "",
) -> Judged:
    """The verdict on one column and ladder.

    Args:
        found: what was measured; None when no clip has a value at every strength.
        expected: rises, falls, ignores, blind, or empty.
        tolerance: of `ignores`, in the column's unit.
        higher_is_better: of the column.
        lacking: why nothing was measured, where more than the number of clips says so.
    """
    n_clips = found.n_clips if found else 0
    if found is None or n_clips < MIN_CLIPS or found.rho_interval is None:
        few = f"{n_clips} clips have a value at every strength; {MIN_CLIPS} are needed"
        why = lacking or few
        return Verdict.NOT_ENOUGH, not expected or expected == "blind", why
    if expected == "ignores":
        return _ignored(found, tolerance or 0.0)
    if expected in {"rises", "falls"}:
        return _ordered(found, 1 if expected == "rises" else -1)
    return _unclaimed(found, expected, higher_is_better)


def _ordered(found: Measured, sign: int) -> Judged:
    low, high = _bounds(found, sign)
    if not found.moved:
        return Verdict.BLIND, False, "no value of any clip changes"
    if high < MIN_RHO:
        return Verdict.FAIL, False, f"the correlation is below {MIN_RHO:g}"
    if low < MIN_RHO:
        return Verdict.NOT_ENOUGH, False, f"the interval holds {MIN_RHO:g}; more clips decide"
    if not _moved_at_last(found, sign):
        return Verdict.FAIL, False, "at strength 5 the mean is back where it was"
    return Verdict.PASS, True, ""


def _ignored(found: Measured, tolerance: float) -> Judged:
    if bool(((found.low_S > tolerance) | (found.high_S < -tolerance)).any()):
        return Verdict.FAIL, False, f"the mean moves by more than {tolerance:g}"
    if bool(((found.low_S >= -tolerance) & (found.high_S <= tolerance)).all()):
        return Verdict.PASS, True, ""
    return Verdict.NOT_ENOUGH, False, f"the interval is wider than {tolerance:g}; more clips decide"


def _unclaimed(found: Measured, expected: str, higher_is_better: bool | None) -> Judged:
    """A ladder of which nothing is claimed, or that is known not to make the value worse."""
    seen = next((s for s in (1, -1) if _bounds(found, s)[0] >= MIN_RHO), 0)
    if seen == 0 or not _moved_at_last(found, seen):
        return Verdict.BLIND, True, ""
    word = "rises" if seen > 0 else "falls"
    if higher_is_better is None:
        return Verdict.UNEXPECTED, True, f"it {word} with the damage"
    if (seen > 0) == higher_is_better:
        known = expected == "blind"
        verdict = Verdict.BLIND if known else Verdict.UNEXPECTED
        return verdict, True, "it takes the damage for an improvement"
    return Verdict.UNEXPECTED, True, f"it {word} with the damage: it sees it"


def _bounds(found: Measured, sign: int) -> tuple[float, float]:
    """The interval of the correlation in the direction of `sign`."""
    interval = found.rho_interval
    if interval is None:
        return -1.0, 1.0
    return (interval.low, interval.high) if sign > 0 else (-interval.high, -interval.low)


def _moved_at_last(found: Measured, sign: int) -> bool:
    return bool(found.low_S[-1] > 0 if sign > 0 else found.high_S[-1] < 0)


def conclude(certificate: Certificate, expects: Sequence[Expects]) -> Certificate:
    """The certificate with its verdict.

    It passes when every ladder that the metric must order or ignore was measured on some clips and
    every such row passes. One that is missed, or not measured, keeps it from passing.
    """
    bad = [row for row in certificate.rows if not row.meets]
    held = {(row.column, row.ladder) for row in certificate.rows}
    claims = [(e.column, ladder) for e in expects for ladder in (*e.rises, *e.falls, *e.ignores)]
    lacking = [f"{column} on {ladder}" for column, ladder in claims if (column, ladder) not in held]
    missed = [row for row in bad if row.verdict is not Verdict.NOT_ENOUGH]
    if not claims:
        verdict, reason = Verdict.NOT_ENOUGH, "the metric declares nothing that it must see"
    elif missed:
        verdict, reason = Verdict.FAIL, _names(missed)
    elif bad:
        verdict, reason = Verdict.NOT_ENOUGH, f"too few clips to tell: {_names(bad)}"
    elif lacking:
        verdict, reason = Verdict.NOT_ENOUGH, f"not measured: {', '.join(lacking)}"
    else:
        verdict, reason = Verdict.PASS, ""
    return replace(certificate, verdict=verdict, reason=reason)


def _names(rows: Sequence[Row]) -> str:
    return ", ".join(f"{row.column} on {row.ladder} ({row.clips}: {row.verdict})" for row in rows)
