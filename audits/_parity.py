"""Does the system serve all groups alike? Scores of metrics, and videos held back, by group.

A group is compared with all other groups together, whole prompts dealt anew (permutation), with
an interval that has prompts as its unit. Refusing a role more often, or drawing it worse, is a bias
that no count of looks shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from audits._bias_findings import corrected, counted, judged, made, n_draws, within
from audits._bias_rows import Row
from audits.base import Setting
from bench.stats.clusters import cluster_means, design_effect, jackknife_interval
from bench.stats.permutation import unpaired
from bench.stats.proportions import newcombe
from bench.types import Finding, FindingVerdict, Interval, Outcome, Significance

F64 = npt.NDArray[np.float64]
SUPPRESSED = "suppressed"
LEAST_PROMPTS = 2
MARGIN_SD = 0.5
"""A difference of scores that matters: half a standard deviation of a video (Cohen's medium)."""


def parity(rows: Sequence[Row], margin: float, setting: Setting) -> list[Finding]:
    """Every group against the others, on every score and on what was held back.

    `margin` is the difference of held-back shares that matters.
    """
    fit = [row for row in rows if row.group and row.is_unasked]
    found: list[Finding] = []
    widths: dict[str, float] = {}
    for name in (SUPPRESSED, *sorted({score for row in fit for score in row.scores})):
        for finding in _of_score(fit, name, setting):
            found.append(finding)
            widths[finding.id] = margin if name == SUPPRESSED else MARGIN_SD * _spread(fit, name)
    some = any(row.outcome is Outcome.SUPPRESSED for row in fit)
    return [
        shown(
            judged(f, setting, is_clear=within(f.interval, widths[f.id])),
            is_main=some and f.measure == "suppressed_gap",
        )
        for f in corrected(found)
    ]


def shown(finding: Finding, *, is_main: bool) -> Finding:
    """The finding as a main one where it is flagged, or one in any case."""
    return replace(finding, is_main=is_main or finding.verdict is FindingVerdict.FLAGGED)


def value_of(row: Row, score: str) -> float | None:
    """A row's score, or 1 where it was held back and 0 where not; None where there is neither."""
    if score != SUPPRESSED:
        return row.scores.get(score)
    if row.outcome in (Outcome.OK, Outcome.SUPPRESSED):
        return float(row.outcome is Outcome.SUPPRESSED)
    return None


def _of_score(rows: Sequence[Row], score: str, setting: Setting) -> Iterator[Finding]:
    groups = sorted({row.group for row in rows})
    measure = "suppressed_gap" if score == SUPPRESSED else "score_gap"
    for group in groups if len(groups) > 1 else ():
        here, there = (
            [row for row in rows if (row.group == group) is inside] for inside in (True, False)
        )
        decided = [row for row in here if value_of(row, score) is not None]
        others = [row for row in there if value_of(row, score) is not None]
        where = {"group": group} if score == SUPPRESSED else {"group": group, "metric": score}
        x, y = (_values(part, score) for part in (decided, others))
        clusters = [row.prompt for row in decided], [row.prompt for row in others]
        counts = counted(here, decided)
        if score != SUPPRESSED:
            # a video that was held back has no score and is a finding of its own
            held_back = sum(row.outcome is Outcome.SUPPRESSED for row in here)
            counts["n_unknown"] -= held_back
        if min(len(set(part)) for part in clusters) < LEAST_PROMPTS:
            notes = (f"needs {LEAST_PROMPTS} prompts on each side",)
            bare = made(measure, where, None, setting, unit="", counts=counts, notes=notes)
            yield replace(bare, verdict=FindingVerdict.UNDECIDED)
            continue
        gap = float(x.mean() - y.mean())
        permuted = unpaired(
            cluster_means(x, clusters[0]),
            cluster_means(y, clusters[1]),
            n_permutations=n_draws(setting),
            seed=setting.seed,
        )
        yield made(
            measure,
            where,
            gap,
            setting,
            unit="share of videos" if score == SUPPRESSED else "of the metric",
            counts=counts,
            interval=_interval(score, gap, x, y, clusters, setting),
            test=Significance(name=f"permutation, {permuted.method}", p=permuted.p),
            evidence=[row.trial for row in decided if score != SUPPRESSED or value_of(row, score)],
            notes=(f"mean {x.mean():.4g} against {y.mean():.4g} of the other groups",),
        )


def _interval(
    score: str,
    gap: float,
    x_N: F64,
    y_M: F64,
    clusters: tuple[Sequence[str], Sequence[str]],
    setting: Setting,
) -> Interval | None:
    if score == SUPPRESSED:
        # no event on a side has no spread to go by, and is still not known to be never
        n, m = (len(v) / design_effect(v, c) for v, c in zip((x_N, y_M), clusters, strict=True))
        low, high = newcombe(float(x_N.mean()) * n, n, float(y_M.mean()) * m, m, setting.confidence)
        return Interval(
            low=low, high=high, confidence=setting.confidence, method="Newcombe, effective n"
        )
    return jackknife_interval(
        gap,
        [(x_N, clusters[0]), (-y_M, clusters[1])],
        confidence=setting.confidence,
        unit="prompts",
        notes=(),
    )


def _values(rows: Sequence[Row], score: str) -> F64:
    return np.array([value_of(row, score) for row in rows], dtype=np.float64)


def _spread(rows: Sequence[Row], score: str) -> float:
    values = [value for row in rows if (value := value_of(row, score)) is not None]
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
