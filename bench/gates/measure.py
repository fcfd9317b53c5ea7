"""Turns each line of a policy into a number with one-sided evidence, from the run's own records."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bench.comparison.columns import pairs_of
from bench.comparison.sides import UNPAIRED, design_of, key_differences
from bench.comparison.sides import Side as RunSide
from bench.errors import Unavailable, UsageError, printable
from bench.gates import of_findings, of_sets
from bench.gates.bounds import Estimate, Share
from bench.gates.decide import Measured
from bench.gates.evidence import (
    Evidence,
    NothingDecided,
    Row,
    names,
    uncertified,
    with_column_rows,
)
from bench.gates.means import mean_of, welch
from bench.gates.policy import Line, Policy
from bench.gates.undecided import (
    counted_as,
    decided_rows,
    remarks,
    stand_in,
    too_many_errors,
    undecided_rows,
)
from bench.metrics.base import Column, SetMetric
from bench.set_rows import cluster_labels
from bench.stats.clusters import cluster_means
from bench.types import VETO, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a line's difference is from: rows of the baseline or of the real videos, by name."""

    name: str
    side: RunSide
    design: str


def measure(policy: Policy, run: Evidence, baseline: Evidence | None) -> list[Measured]:
    """One number for each line, in the policy's order.

    Raises:
        UsageError: when a line names what the run or its baseline does not hold, or must not be
            compared; the line is named.
        NothingDecided: when no trial of a line has a number.
    """
    return [measure_line(line, run, baseline) for line in policy.lines]


def measure_line(line: Line, run: Evidence, baseline: Evidence | None) -> Measured:
    """The number of one line."""
    if line.against == "baseline" and baseline is None:
        raise UsageError(
            f"line {line.id}: no baseline is given",
            then="--baseline RUN, or baseline in the policy",
        )
    if line.finding:
        return of_findings.measure_finding(line, run, baseline)
    if line.coverage:
        return _coverage(line, run)
    line = _with_column(line, run)
    made = _measure_metric(line, run, baseline)
    return replace(made, uncertified=uncertified(run, line.metric))


def _measure_metric(line: Line, run: Evidence, baseline: Evidence | None) -> Measured:
    metric, column = run.metric(line.metric), run.column(line.metric, line.column)
    if not line.against and not column.low <= line.limit <= column.high:
        raise UsageError(
            f"line {line.id}: no number of {line.what()} can be {line.limit:g}",
            legal=f"{column.low:g} to {column.high:g}",
        )
    if isinstance(metric, SetMetric):
        return of_sets.measure_set(line, run, metric, baseline)
    mine = (line.metric, line.column)
    held = [r for r in run.side.rows if (r["metric"], r["column"]) == mine]
    rows = decided_rows(held, line.subset)
    undecided = undecided_rows(rows)
    side = with_column_rows(run.side, rows)
    against = _against(line, run, baseline, side)
    seen = _estimate(line, side, column, against, run.seed)
    value, why = stand_in(line, column, len(undecided))
    worst = None
    if undecided and value is not None and not why:
        whole = with_column_rows(side, counted_as(rows, undecided, value))
        worst = _estimate(line, whole, column, against, run.seed)
    counts = _counts(rows, undecided)
    ok = [row for row in rows if row["status"] == Status.OK]
    blocked = too_many_errors(line, {**counts, "ok": len(ok)}) or why
    if not blocked and seen is None:
        blocked = "too few prompts, or none that differ: chance cannot be told from a difference"
    return Measured(
        line=line,
        what=line.what(),
        seen=seen,
        worst=worst,
        n=len(ok),
        n_clusters=len(set(cluster_labels(ok)[0])),
        counts=counts,
        blocked=blocked,
        notes=tuple(remarks(line, undecided, value, against.design if against else None)),
        details={} if against is None else {"against": against.name, "design": against.design},
    )


def _with_column(line: Line, run: Evidence) -> Line:
    """The line with its column, known to the run."""
    known = list(names(run.headlines))
    of_metric = [h for h in run.headlines if h["metric"] == line.metric and h["is_main"]]
    column = line.column or (of_metric[0]["column"] if of_metric else "")
    if run.headline(line.metric, column, "kept") is not None:
        return replace(line, column=column)
    lacking = run.side.manifest["unavailable"]
    reason = next((why for spec, why in lacking.items() if spec.startswith(line.metric)), None)
    if reason is not None:
        raise Unavailable(f"line {line.id}: {line.metric} was not computed: {reason}")
    name = f"{line.metric}.{column}" if column else line.metric
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    raise UsageError(
        f"line {line.id}: the run has no such number"
        + (f"; did you mean {near[0]}?" if near else ""),
        seen=name,
        legal=", ".join(known),
    )


def _against(line: Line, run: Evidence, baseline: Evidence | None, side: RunSide) -> Against | None:
    mine = (line.metric, line.column)
    if line.against == "baseline" and baseline is not None:
        held = [r for r in baseline.side.rows if (r["metric"], r["column"]) == mine]
        headline = baseline.side.headlines.get(mine)
        name, place = "baseline", baseline.side
    elif line.against == "real":
        held = [r for r in run.real if (r["metric"], r["column"]) == mine]
        found = (h for h in run.headlines if (h["metric"], h["column"]) == mine)
        headline = next((h for h in found if h["source"] == "reference"), None)
        name, place = "real videos", run.side
    else:
        return None
    if headline is None or not headline["n"]:
        raise UsageError(f"line {line.id}: the {name} has no number {line.what()}")
    other = with_column_rows(place, decided_rows(held, line.subset))
    of_run = run.headline(line.metric, line.column, "kept") or {"key": {}}
    refuse_other_keys(line, headline["key"], of_run["key"], name)
    return Against(
        name=f"{name} {headline['value']:.4g} (n={headline['n']})",
        side=other,
        design=design_of(other, side),
    )


def refuse_other_keys(
    line: Line, theirs: Mapping[str, Any], ours: Mapping[str, Any], name: str
) -> None:
    """Numbers that were made differently are not compared; the first field is named."""
    for field, one, other in key_differences(theirs, ours):
        if field.partition("[")[0] not in line.allow:
            raise UsageError(
                f"line {line.id}: the {name} was made with another {field}",
                seen=f"{printable(one, 80)} and {printable(other, 80)}",
                then='allow = ["codecs"] in the line' if field[:6] == "codecs" else None,
            )


def _estimate(
    line: Line, side: RunSide, column: Column, against: Against | None, seed: int
) -> Estimate | None:
    if against is None:
        ok = [row for row in side.rows if row["status"] == Status.OK]
        if not ok:
            raise nothing(line, side.rows)
        values = np.array([row["value"] for row in ok], dtype=np.float64)
        labels, _ = cluster_labels(ok)
        if column.is_flag:
            return Share.of(values, labels)
        return mean_of(values, labels, low=column.low, high=column.high, seed=seed)
    pairs = pairs_of(against.side, side, line.metric, line.column, against.design)
    if not len(pairs.a_N) or not len(pairs.b_M):
        raise nothing(line, side.rows)
    if against.design == UNPAIRED:
        return welch(
            cluster_means(pairs.a_N, pairs.prompts_a), cluster_means(pairs.b_M, pairs.prompts_b)
        )
    reach = column.high - column.low
    return mean_of(pairs.b_M - pairs.a_N, pairs.prompts_a, low=-reach, high=reach, seed=seed)


def nothing(line: Line, rows: Sequence[Row]) -> NothingDecided:
    """The error for a line of which no trial has a number."""
    held = Counter(str(row["status"]) for row in rows)
    seen = ", ".join(f"{count} {name}" for name, count in sorted(held.items())) or "no trial"
    return NothingDecided(
        f"line {line.id}: no decided trial of {line.what()}",
        seen=seen,
        then="score videos that have the number",
    )


def _counts(rows: Sequence[Row], undecided: Sequence[Row]) -> dict[str, int]:
    counts = Counter(str(row["status"]) for row in undecided)
    suppressed = sum(row["status"] == Status.SUPPRESSED for row in rows)
    return {
        "missing": counts[Status.MISSING],
        "error": counts[Status.ERROR],
        "vetoed": counts[Status.VETOED],
        "suppressed": suppressed,
        "unknown": 0,
    }


def _coverage(line: Line, run: Evidence) -> Measured:
    """The share of the run's candidate trials that ended in one way."""
    rows = [row for row in run.side.rows if (row["metric"], row["column"]) == VETO]
    if not rows:
        raise NothingDecided(f"line {line.id}: the run has no trial with an outcome")
    ends = [
        str(Status.VETOED) if row["status"] == Status.OK and row["value"] == 1 else row["status"]
        for row in rows
    ]
    flags = np.array([end == line.coverage for end in ends], dtype=np.float64)
    labels, _ = cluster_labels(rows)
    share = Share.of(flags, labels)
    counts = {name: ends.count(name) for name in ("missing", "error", "vetoed", "suppressed")}
    return Measured(
        line=line,
        what=line.what(),
        seen=None if line.counted else share,
        counted=share.value if line.counted else None,
        n=len(rows),
        n_clusters=len(set(labels)),
        counts={**counts, "unknown": 0},
        details={"k": share.k},
    )
