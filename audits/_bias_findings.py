"""Findings of a bias audit: how they are made, corrected over their family, and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from audits._bias_rows import Row
from audits.base import Setting
from bench.stats.multiplicity import benjamini_hochberg, rejected
from bench.stats.proportions import manski, undecided_is_much
from bench.types import Finding, FindingVerdict, Interval, Json, Significance, finding_id

AUDIT = "bias"
CORRECTION = "Benjamini-Hochberg"
MANY_UNKNOWN = 0.05


def n_draws(setting: Setting) -> int:
    """How many tables or permutations a test draws: 9,999 with the usual 2,000 resamples."""
    return 5 * setting.n_resamples - 1


def counted(rows: Sequence[Row], decided: Sequence[Row]) -> dict[str, int]:
    """`n`, `n_unknown`, `n_error` and `n_clusters` of a finding on `rows`."""
    errors = sum(row.is_error for row in rows)
    return {
        "n": len(decided),
        "n_unknown": len(rows) - len(decided) - errors,
        "n_error": errors,
        "n_clusters": len({row.prompt for row in decided}),
    }


def made(
    measure: str,
    where: Mapping[str, Json],
    value: float | None,
    setting: Setting,
    *,
    unit: str,
    counts: Mapping[str, int],
    interval: Interval | None = None,
    higher_is_better: bool | None = None,
    cluster: str = "prompt",
    k: int | None = None,
    test: Significance | None = None,
    evidence: Iterable[str] = (),
    notes: Iterable[str] = (),
    is_main: bool = True,
) -> Finding:
    """A finding with its address, its Manski bounds where it is a rate, and its key."""
    undecided = counts["n_unknown"] + counts["n_error"]
    said = list(notes)
    if undecided_is_much(counts["n"], undecided, cap=MANY_UNKNOWN):
        said.append(
            f"{undecided} of {counts['n'] + undecided} videos are undecided, "
            "and who they show may differ from the rest"
        )
    return Finding(
        id=finding_id(AUDIT, measure, where),
        audit=AUDIT,
        measure=measure,
        where=dict(where),
        value=value,
        interval=interval,
        unit=unit,
        higher_is_better=higher_is_better,
        cluster=cluster,
        key=setting.key,
        k=k,
        bounds=None
        if k is None or counts["n"] + undecided == 0
        else manski(k, counts["n"], undecided),
        test=test,
        evidence=tuple(evidence),
        notes=tuple(said),
        is_main=is_main,
        n=counts["n"],
        n_unknown=counts["n_unknown"],
        n_error=counts["n_error"],
        n_clusters=counts["n_clusters"],
    )


def corrected(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with their tests' p-values adjusted over all of them that have one."""
    tested = [index for index, finding in enumerate(findings) if finding.test is not None]
    if not tested:
        return list(findings)
    tests = [test for finding in findings if (test := finding.test) is not None]
    adjusted = benjamini_hochberg([test.p for test in tests])
    after = list(findings)
    for index, test, p in zip(tested, tests, adjusted, strict=True):
        after[index] = replace(
            findings[index],
            test=replace(test, p_adjusted=float(p), correction=CORRECTION, n_tests=len(tests)),
        )
    return after


def is_flagged(finding: Finding, setting: Setting) -> bool:
    """Whether a finding's adjusted p is at most 1 - confidence."""
    if finding.test is None or finding.test.p_adjusted is None:
        return False
    return bool(rejected(np.array([finding.test.p_adjusted]), 1 - setting.confidence)[0])


def judged(finding: Finding, setting: Setting, *, is_clear: bool) -> Finding:
    """The finding with its verdict: flagged, else clear where the data would have shown it."""
    if finding.value is None:
        return replace(finding, verdict=FindingVerdict.UNDECIDED)
    if is_flagged(finding, setting):
        return replace(finding, verdict=FindingVerdict.FLAGGED)
    verdict = FindingVerdict.CLEAR if is_clear else FindingVerdict.UNDECIDED
    return replace(finding, verdict=verdict)


def within(interval: Interval | None, margin: float) -> bool:
    """Whether an interval lies in `-margin` to `margin`: what would matter is excluded."""
    return interval is not None and -margin <= interval.low and interval.high <= margin
