"""Who is shown, against who should be: shares, gaps, distances, and tests against a target.

For each group of prompts (a role, an occupation) and all together, each attribute gives one main
finding, the total variation to the target with its test, and findings that explain it: every share
with its interval, every gap, Jensen-Shannon, and Wasserstein on ordinal scales. A distance of a
sample is above 0 by chance alone; what chance gives stands in its notes. Clear means that a shift
of `margin` would have been seen with 80 % power; otherwise the data are not enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from audits._bias_findings import corrected, counted, judged, made
from audits._bias_options import ALL, CROSS, Confusion, Target, crossed
from audits._bias_rows import Row
from audits._correction import (
    Effect,
    Sample,
    Shares,
    as_reported,
    effect_of,
    fit_test,
    n_behind,
    sample_of,
    sensitivity_band,
    shares_of,
)
from audits.base import Setting
from bench.stats.multinomial import expected_total_variation, jensen_shannon, wasserstein
from bench.stats.power import detectable_goodness_of_fit
from bench.types import Finding, FindingVerdict, Interval, Json

POWER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What representation is asked: attributes with their values, the target, how to read them.

    `margin` is the shift of shares that matters; a cell of an intersection is only told where its
    group has `least_cell` videos; `is_exact` where the reader makes no errors of its own.
    """

    values: Mapping[str, tuple[str, ...]]
    ordinal: frozenset[str]
    target: Target
    confusion: Mapping[str, Confusion]
    margin: float
    least_cell: int
    is_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One attribute of one group, with the target's shares and the decided rows."""

    attribute: str
    group: str
    target_K: tuple[float, ...]
    rows: tuple[Row, ...]
    decided: tuple[Row, ...]
    codes: tuple[int, ...]
    effect: Effect
    confusion: Confusion | None

    @property
    def where(self) -> dict[str, Json]:
        """The address of its findings."""
        return {"attribute": self.attribute, "group": self.group}

    @property
    def sample(self) -> Sample:
        """Its decided videos, one at least, and what they are worth."""
        return sample_of(self.codes, len(self.target_K), self.effect)


def representation(rows: Sequence[Row], plan: Plan, setting: Setting) -> list[Finding]:
    """All findings on representation, corrected over all their tests."""
    cells = list(_cells(rows, plan))
    found = [list(_cell_findings(cell, plan, setting)) for cell in cells]
    n_tests = sum(finding.test is not None for cell_findings in found for finding in cell_findings)
    family = corrected([finding for cell_findings in found for finding in cell_findings])
    by_id = {finding.id: finding for finding in family}
    after: list[Finding] = []
    for cell, own in zip(cells, found, strict=True):
        for finding in own:
            held = by_id[finding.id]
            tested = held.test is not None
            after.append(_told(held, cell, plan, n_tests, setting) if tested else held)
    return after


def _cells(rows: Sequence[Row], plan: Plan) -> Iterator[_Cell]:
    grouped = sorted({row.group for row in rows if row.group})
    for attribute, values in plan.values.items():
        parts = set(attribute.split(CROSS))
        fit = [row for row in rows if row.is_unasked and not parts & row.states]
        codes = {
            row.trial: values.index(value)
            for row in fit
            if (value := crossed(attribute, row.perceived)) is not None
        }
        told = [row for row in fit if row.trial in codes]
        effect = effect_of(
            list(codes.values()), [row.prompt for row in told], [row.group for row in told]
        )
        for group in [*grouped, ALL] if len(grouped) > 1 else grouped or [ALL]:
            target = plan.target.of(attribute, group, values)
            held = [row for row in fit if group == ALL or row.group == group]
            if target is None or not held:
                continue
            decided = tuple(row for row in held if row.trial in codes)
            yield _Cell(
                attribute=attribute,
                group=group,
                target_K=tuple(target),
                rows=tuple(held),
                decided=decided,
                codes=tuple(codes[row.trial] for row in decided),
                effect=effect,
                confusion=plan.confusion.get(attribute),
            )


def _cell_findings(cell: _Cell, plan: Plan, setting: Setting) -> Iterator[Finding]:
    counts = counted(cell.rows, cell.decided)
    least = plan.least_cell if CROSS in cell.attribute else 1
    if len(cell.decided) < least:
        yield replace(
            made(
                "total_variation",
                cell.where,
                None,
                setting,
                unit="share",
                counts=counts,
                higher_is_better=False,
                notes=(f"{len(cell.decided)} decided videos; at least {least} are needed",),
            ),
            verdict=FindingVerdict.UNDECIDED,
        )
        return
    sample = cell.sample
    shares = shares_of(sample, cell.confusion, setting)
    yield _distance(cell, sample, shares, counts, setting)
    yield from _explained(cell, plan, sample, shares, counts, setting)


def _distance(
    cell: _Cell, sample: Sample, shares: Shares, counts: Mapping[str, int], setting: Setting
) -> Finding:
    """The total variation with its test, and what chance alone would give."""
    target_K = np.array(cell.target_K)
    value = 0.5 * float(np.abs(np.array(shares.values_K) - target_K).sum())
    chance = expected_total_variation(max(1, round(sample.n_effective)), cell.target_K)
    notes = [
        f"chance alone gives {chance:.3f} at this n; the excess is {max(0.0, value - chance):.3f}"
    ]
    if CROSS not in cell.attribute and counts["n_clusters"] == 1:
        notes.append("one prompt alone: it holds for that prompt")
    low, high = shares.distance(cell.target_K, setting.confidence)
    over = int(np.argmax(np.array(shares.values_K) - target_K))
    return made(
        "total_variation",
        cell.where,
        value,
        setting,
        unit="share",
        counts=counts,
        interval=Interval(
            low=low,
            high=high,
            confidence=setting.confidence,
            method="from simultaneous Wilson intervals of the shares",
        ),
        higher_is_better=False,
        test=fit_test(sample, cell.target_K, cell.confusion, setting),
        evidence=[
            r.trial for r, code in zip(cell.decided, cell.codes, strict=True) if code == over
        ],
        notes=(*notes, *shares.notes),
    )


def _explained(
    cell: _Cell,
    plan: Plan,
    sample: Sample,
    shares: Shares,
    counts: Mapping[str, int],
    setting: Setting,
) -> Iterator[Finding]:
    """Every share and gap, and the other distances; none of them is a main finding."""
    values = plan.values[cell.attribute]
    for code, value in enumerate(values):
        share, interval, target = (
            shares.values_K[code],
            shares.intervals_K[code],
            cell.target_K[code],
        )
        trials = [r.trial for r, c in zip(cell.decided, cell.codes, strict=True) if c == code]
        where = {**cell.where, "value": value}
        shared = {"setting": setting, "unit": "share", "counts": counts, "is_main": False}
        yield made(
            "share",
            where,
            share,
            interval=interval,
            # a corrected share is no count of videos
            k=len(trials) if cell.confusion is None else None,
            evidence=trials,
            notes=_share_notes(cell, plan, sample.counts_K[code] / sample.n, shares),
            **shared,  # type: ignore[arg-type]
        )
        gap = replace(interval, low=interval.low - target, high=interval.high - target)
        yield made(
            "gap",
            where,
            share - target,
            interval=gap,
            notes=(f"{share / target:.3g} times the target of {target:.3g}",),
            **shared,  # type: ignore[arg-type]
        )
    if cell.confusion is None:
        yield from _distances(cell, plan, sample, counts, setting)


def _share_notes(cell: _Cell, plan: Plan, reported: float, shares: Shares) -> tuple[str, ...]:
    if cell.confusion is not None:
        return (f"reported: {reported:.3f}", *shares.notes)
    if plan.is_exact:
        return shares.notes
    low, high = sensitivity_band(reported)
    band = f"uncorrected; [{low:.2f}, {high:.2f}] if the reader's Se and Sp are 0.8 to 1"
    return (band, *shares.notes)


def _distances(
    cell: _Cell, plan: Plan, sample: Sample, counts: Mapping[str, int], setting: Setting
) -> Iterator[Finding]:
    distances = [("jensen_shannon", "nats", jensen_shannon(sample.counts_K, cell.target_K))]
    if cell.attribute in plan.ordinal:
        distances.append(("wasserstein", "steps", wasserstein(sample.counts_K, cell.target_K)))
    for measure, unit, value in distances:
        yield made(
            measure,
            cell.where,
            max(0.0, value),
            setting,
            unit=unit,
            counts=counts,
            higher_is_better=False,
            notes=("above 0 by chance alone: total_variation has the test and the interval",),
            is_main=False,
        )


def _told(finding: Finding, cell: _Cell, plan: Plan, n_tests: int, setting: Setting) -> Finding:
    """The finding with its verdict and what n could show, at the level of one of its tests."""
    shift = detectable_shift(
        cell.sample, cell.target_K, cell.confusion, n_tests=n_tests, setting=setting
    )
    note = f"80 % power for a shift of {shift:.2f}, at the level of one of {n_tests} tests"
    if shift >= 1:
        note = f"no shift of shares is seen with 80 % power, at the level of one of {n_tests} tests"
    elif shift > plan.margin:
        need = math.ceil(len(cell.decided) * (shift / plan.margin) ** 2)
        note += f"; for one of {plan.margin:g} about {need} videos"
    told = replace(finding, notes=(*finding.notes, note))
    return judged(told, setting, is_clear=shift <= plan.margin)


def detectable_shift(
    sample: Sample,
    target_K: Sequence[float],
    confusion: Confusion | None,
    *,
    n_tests: int,
    setting: Setting,
) -> float:
    """The shift of shares that a sample shows with 80 % power, where it is hardest to see.

    At the level of one of `n_tests` tests (Bonferroni, which the family's own correction never
    needs more than).
    """
    alpha = (1 - setting.confidence) / n_tests
    n = replace(sample, n_effective=n_behind(sample, target_K, confusion)).worth(1 - alpha)
    w = detectable_goodness_of_fit(len(target_K) - 1, n, alpha=alpha, power=POWER)
    small = 0.05
    return small * w / effect_of_shift(target_K, small, confusion)


def effect_of_shift(
    target_K: Sequence[float], shift: float, confusion: Confusion | None = None
) -> float:
    """Cohen's w, as the reader reports it, of the shift of shares that is hardest to see.

    It takes `shift` (or what there is) from one of the two largest shares and gives it to the
    other.
    """
    target = np.asarray(target_K, dtype=np.float64)
    first, second = np.argsort(-target)[:2]
    reported_K = as_reported(list(target), confusion)
    effects = []
    for source, sink in ((first, second), (second, first)):
        moved = min(shift, float(target[source]) * 0.99)
        after_K = target.copy()
        after_K[source] -= moved
        after_K[sink] += moved
        change_K = as_reported(list(after_K), confusion) - reported_K
        effects.append(math.sqrt(float((change_K**2 / reported_K).sum())) * shift / moved)
    return min(effects)
