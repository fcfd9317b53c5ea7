"""From the table of scores to the numbers that a person reads, with intervals and counts.

A headline is a mean over the videos of one source that have the number and are not vetoed, or the
value of a set metric. Where clips were vetoed, a second row with subset `with vetoed` shows what
the number would be with them; it is marked and never a headline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench.errors import printable
from bench.scoring import Plugins, failure
from bench.set_rows import SetRows, cluster_labels
from bench.stats.bootstrap import mean_interval, proportion_interval
from bench.types import VETO, Headline, Interval, Json, Prompt, Status, Trial

if TYPE_CHECKING:
    from bench.metrics.base import Column, SetMetric, VideoMetric

F64 = npt.NDArray[np.float64]
Row = Mapping[str, Any]
KEPT = "kept"
WITH_VETOED = "with vetoed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How intervals are made and what every comparability key holds.

    `options` are those a metric was asked for with, by its name; `codecs` those of the videos that
    were read, by source.
    """

    confidence: float
    n_resamples: int
    seed: int
    key: Mapping[str, Json]
    extractor_fields: Mapping[str, Mapping[str, Json]]
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    codecs: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A run whose scores are there: its folder, what was tried, and with which plug-ins."""

    root: Path
    trials: Sequence[Trial]
    prompts: Mapping[str, Prompt]
    plugins: Plugins
    setting: Setting


def headlines(run: Scored, rows: Sequence[Row]) -> list[Headline]:
    """Every headline of a run from the rows of its scores, set metrics first."""
    vetoed = {
        row["trial_id"]
        for row in rows
        if (row["metric"], row["column"]) == VETO and row["value"] == 1
    }
    made: list[Headline] = []
    for set_metric in run.plugins.set.values():
        made += _set_headlines(run, set_metric, vetoed)
    by_column: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        by_column.setdefault((row["metric"], row["column"], row["source"]), []).append(row)
    for metric in run.plugins.video.values():
        for column in metric.columns:
            for source in ("candidate", "reference"):
                held = by_column.get((metric.name, column.name, source), [])
                if held:
                    made += _video_headlines(metric, column, source, held, run.setting)
    return made


def _video_headlines(
    metric: VideoMetric, column: Column, source: str, rows: Sequence[Row], setting: Setting
) -> Iterator[Headline]:
    ok = [row for row in rows if row["status"] == Status.OK]
    vetoed = [row for row in rows if row["status"] == Status.VETOED]
    base = Headline(
        metric=metric.name,
        column=column.name,
        source=source,
        subset=KEPT,
        value=math.nan,
        interval=None,
        unit=column.unit,
        higher_is_better=column.higher_is_better,
        n=0,
        n_clusters=0,
        cluster="",
        n_missing=_count(rows, Status.MISSING),
        n_error=_count(rows, Status.ERROR),
        n_suppressed=_count(rows, Status.SUPPRESSED),
        n_vetoed=len(vetoed),
        n_unavailable=_count(rows, Status.UNAVAILABLE),
        key={
            **setting.key,
            **_identity(metric, setting),
            "codecs": list(setting.codecs.get(source, ())),
        },
        is_main=column.headline,
    )
    yield _mean(base, ok, column, setting)
    if vetoed:
        yield replace(_mean(base, [*ok, *vetoed], column, setting), subset=WITH_VETOED)


def _identity(metric: VideoMetric | SetMetric, setting: Setting) -> dict[str, Json]:
    """The part of a comparability key that says how the metric is computed."""
    return {
        "metric": metric.name,
        "version": metric.version,
        "options": dict(setting.options.get(metric.name, {})),
        "features": [dict(setting.extractor_fields[spec]) for spec in metric.needs],
    }


def _count(rows: Sequence[Row], status: Status) -> int:
    return sum(row["status"] == status for row in rows)


def _mean(base: Headline, rows: Sequence[Row], column: Column, setting: Setting) -> Headline:
    if not rows:
        return base
    values = np.array([row["value"] for row in rows], dtype=np.float64)
    labels, cluster = cluster_labels(rows)
    interval = (
        proportion_interval(values, labels, confidence=setting.confidence)
        if column.is_flag
        else mean_interval(
            values,
            labels,
            confidence=setting.confidence,
            n_resamples=setting.n_resamples,
            seed=setting.seed,
        )
    )
    return replace(
        base,
        value=float(values.mean()),
        interval=interval and _within(interval, column),
        n=len(rows),
        n_clusters=len(set(labels)),
        cluster=cluster,
        notes=(*base.notes, *_remarks(rows)),
    )


def _remarks(rows: Sequence[Row]) -> Iterator[str]:
    """What a metric said of videos that have a number all the same (a prompt was cut, ...)."""
    said = [row for row in rows if row["status"] == Status.OK and row["reason"]]
    if said:
        first = f"{printable(said[0]['name'])}: {said[0]['reason']}"
        yield f"{len(said)} of {len(rows)} numbers come with a remark, for instance {first}"


def _within(interval: Interval, column: Column) -> Interval:
    """The interval without what lies outside the column's range, where no mean can be."""
    low, high = max(interval.low, column.low), min(interval.high, column.high)
    cut = (low, high) != (interval.low, interval.high)
    notes = interval.notes
    if interval.low == interval.high:
        notes = (*notes, "no two videos differ, so it cannot show how rare another value is")
    method = f"{interval.method}, cut to the range of the number" if cut else interval.method
    return replace(interval, low=low, high=high, method=method, notes=notes)


def _of(trials: Sequence[Trial], source: str) -> list[Trial]:
    return [trial for trial in trials if trial.source == source]


def _set_headlines(run: Scored, metric: SetMetric, vetoed: set[str]) -> Iterator[Headline]:
    gathered = {
        source: SetRows.gather(run.root, _of(run.trials, source), metric, run.plugins)
        for source in ("candidate", "reference")
    }
    candidate, reference = gathered["candidate"], gathered["reference"].without(vetoed)
    kept = candidate.without(vetoed)
    for subset, chosen in ((KEPT, kept), (WITH_VETOED, replace(candidate, n_vetoed=kept.n_vetoed))):
        if subset == KEPT or chosen.n_vetoed:
            yield from _set_values(subset, chosen, reference, metric, run.setting)


def _set_values(
    subset: str, rows: SetRows, reference: SetRows, metric: SetMetric, setting: Setting
) -> Iterator[Headline]:
    n, m = len(rows.labels), len(reference.labels)
    values, intervals, notes = _compared(rows, reference, metric, setting)
    notes = (*notes, *rows.notes("candidate"), *reference.notes("reference"))
    if reference.n_vetoed:
        notes = (*notes, f"{reference.n_vetoed} reference videos vetoed and left out")
    for column in metric.columns:
        value = values.get(column.name, math.nan)
        yield Headline(
            metric=metric.name,
            column=column.name,
            source="candidate",
            subset=subset,
            value=value,
            interval=intervals.get(column.name) if math.isfinite(value) else None,
            unit=column.unit,
            higher_is_better=column.higher_is_better,
            n=n,
            n_clusters=len(set(rows.labels)),
            cluster=rows.cluster,
            n_missing=rows.n_missing,
            n_error=rows.n_error,
            n_suppressed=rows.n_suppressed,
            n_vetoed=rows.n_vetoed,
            n_unavailable=0,
            key={
                **setting.key,
                **_identity(metric, setting),
                "codecs": list(setting.codecs.get("candidate", ())),
                "n_reference": m,
            },
            notes=notes,
            is_main=column.headline,
        )


def _compared(
    rows: SetRows, reference: SetRows, metric: SetMetric, setting: Setting
) -> tuple[Mapping[str, float], Mapping[str, Interval], tuple[str, ...]]:
    """The set metric's values and intervals by column, those that there are, and its notes."""
    n, m = len(rows.labels), len(reference.labels)
    if min(n, m) < metric.min_videos:
        why = f": {metric.why_min}" if metric.why_min else ""
        return {}, {}, (f"needs {metric.min_videos} videos on each side, has {n} and {m}{why}",)
    try:
        values = metric.value(rows.x_ND, reference.x_ND)
        intervals = metric.interval(
            rows.x_ND,
            reference.x_ND,
            x_clusters=rows.labels,
            y_clusters=reference.labels,
            confidence=setting.confidence,
            n_resamples=setting.n_resamples,
            seed=setting.seed,
        )
        notes = metric.notes(n, m)
    except Exception as error:  # noqa: BLE001 - a plug-in must not cost the run's other numbers
        return {}, {}, (failure(error),)
    wrong = [
        f"{name} came out as {value}" for name, value in values.items() if not math.isfinite(value)
    ]
    return {k: v for k, v in values.items() if math.isfinite(v)}, intervals, (*notes, *wrong)
