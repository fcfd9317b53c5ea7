"""Lines on metrics of a set of videos (FVD, ...), by the metric's own interval at any level."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping

from bench.comparison.sets import twins_of
from bench.comparison.sides import UNPAIRED, design_of, key_differences
from bench.errors import RunDamaged, UsageError, printable
from bench.gates.bounds import Inverted
from bench.gates.decide import Measured
from bench.gates.evidence import Evidence, NothingDecided
from bench.gates.policy import Line
from bench.gates.undecided import too_many_errors
from bench.metrics.base import SetMetric
from bench.runs import GENERATION, read_jsonl
from bench.set_rows import SetRows
from bench.types import VETO, Interval, Outcome, Trial


def measure_set(
    line: Line, run: Evidence, metric: SetMetric, baseline: Evidence | None
) -> Measured:
    """A set metric's number, absolute or against a baseline's.

    Raises:
        UsageError: for a line against the real videos, which are in the number already.
        NothingDecided: when the run has no number, with what it says of it.
    """
    if line.against == "real":
        raise UsageError(f"line {line.id}: {line.metric} is a distance to the real videos already")
    headline = run.headline(line.metric, line.column, line.subset)
    if headline is None or headline["value"] is None:
        notes = "; ".join(headline["notes"]) if headline else ""
        raise NothingDecided(f"line {line.id}: no number of {line.what()}: {notes}")
    counts = {
        name: int(headline[f"n_{name}"]) for name in ("missing", "error", "vetoed", "suppressed")
    }
    if line.subset != "kept":
        counts["vetoed"] = 0
    n_undecided = counts["missing"] + counts["error"] + counts["vetoed"]
    why = ""
    if n_undecided and line.undecided is not None:
        why = (
            f"{n_undecided} videos have no number, and a number of a set has no place for them: "
            'undecided = "left_out" would say that they do not matter'
        )
    seen, design = (
        _absolute(line, run, metric, headline)
        if not line.against or baseline is None
        else _paired(line, run, metric, baseline)
    )
    if seen is None:
        why = why or "the metric has no interval here"
    return Measured(
        line=line,
        what=line.what(),
        seen=seen,
        n=int(headline["n"]),
        n_clusters=int(headline["n_clusters"]),
        counts={**counts, "unknown": 0},
        blocked=too_many_errors(line, {**counts, "ok": int(headline["n"])}) or why,
        notes=tuple(str(note) for note in headline["notes"]),
        details={"design": design} if design else {},
    )


def _absolute(
    line: Line, run: Evidence, metric: SetMetric, headline: Mapping[str, object]
) -> tuple[Inverted | None, str]:
    candidate, reference = _rows(run, metric, line.subset)
    value = metric.value(candidate.x_ND, reference.x_ND)[line.column]
    if not math.isclose(value, float(str(headline["value"])), rel_tol=1e-9, abs_tol=1e-12):
        raise RunDamaged(
            f"line {line.id}: the features of {run.root} do not give its {line.what()}",
            seen=f"{value:.6g} and {headline['value']}",
            then="prescreen verify the run",
        )

    @functools.cache
    def at(confidence: float) -> Interval | None:
        return metric.interval(
            candidate.x_ND,
            reference.x_ND,
            x_clusters=candidate.labels,
            y_clusters=reference.labels,
            confidence=confidence,
            n_resamples=int(run.side.manifest["request"]["n_resamples"]),
            seed=run.seed,
        ).get(line.column)

    return _inverted(value, len(candidate.labels), at), ""


def _inverted(value: float, n: int, at: Callable[[float], Interval | None]) -> Inverted | None:
    made = at(0.9)
    return None if made is None else Inverted(value=value, n=n, interval=at, method=made.method)


def _rows(run: Evidence, metric: SetMetric, subset: str) -> tuple[SetRows, SetRows]:
    records = read_jsonl(run.root / GENERATION)
    trials = [Trial(**{**r, "outcome": Outcome(r["outcome"]), "path": None}) for r in records]
    both = (*run.side.rows, *run.real)
    vetoed = {
        row["trial_id"]
        for row in both
        if (row["metric"], row["column"]) == VETO and row["value"] == 1
    }
    candidate, reference = (
        SetRows.gather(run.root, [t for t in trials if t.source == source], metric, run.plugins)
        for source in ("candidate", "reference")
    )
    kept = candidate if subset == "with vetoed" else candidate.without(vetoed)
    return kept, reference.without(vetoed)


def _paired(
    line: Line, run: Evidence, metric: SetMetric, baseline: Evidence
) -> tuple[Inverted | None, str]:
    name = (line.metric, line.column)
    theirs = baseline.side.headlines.get(name)
    if theirs is None:
        raise UsageError(f"line {line.id}: the baseline has no number {line.what()}")
    for field, one, other in key_differences(theirs["key"], run.side.headlines[name]["key"]):
        raise UsageError(
            f"line {line.id}: the baseline was made with another {field}",
            seen=f"{printable(one, 80)} and {printable(other, 80)}",
        )
    design = design_of(baseline.side, run.side)
    if design == UNPAIRED:
        return None, design
    twins = twins_of(baseline.side, run.side, metric, run.plugins, design)
    if len(twins.prompts) < metric.min_videos:
        return None, design
    y_MD = twins.reference.x_ND
    value = metric.value(twins.z_ND, y_MD)[line.column]
    value -= metric.value(twins.x_ND, y_MD)[line.column]

    @functools.cache
    def at(confidence: float) -> Interval | None:
        return metric.difference(
            twins.x_ND,
            twins.z_ND,
            y_MD,
            clusters=twins.prompts,
            y_clusters=twins.reference.labels,
            confidence=confidence,
        ).get(line.column)

    return _inverted(value, len(twins.prompts), at), design
