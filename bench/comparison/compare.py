"""Every number that two runs share, compared; what must not be compared, refused by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.comparison.columns import (
    Difference,
    Settings,
    compare_paired,
    compare_unpaired,
    pairs_of,
)
from bench.comparison.sets import compare_sets
from bench.comparison.sides import UNPAIRED, Side, design_of, key_differences
from bench.errors import UsageError, printable
from bench.resolution import plugins_of
from bench.stats.multiplicity import ADJUSTMENTS, rejected

Name = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One compared number. `marked` names the fields of its key that differ (with `force`)."""

    metric: str
    column: str
    unit: str
    higher_is_better: bool | None
    is_main: bool
    found: Difference
    p_adjusted: float
    verdict: str
    marked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All of them, how the runs were paired, and what was not compared and why."""

    design: str
    correction: str
    settings: Settings
    lines: tuple[Line, ...]
    refused: Mapping[str, str]
    only_in: Mapping[str, Sequence[str]]

    @property
    def family(self) -> int:
        """How many tests the correction is over."""
        return sum(not math.isnan(line.p_adjusted) for line in self.lines)


def compare(
    a: Path,
    b: Path,
    *,
    settings: Settings | None = None,
    correction: str = "holm",
    force: bool = False,
) -> Comparison:
    """Compare run B with run A, number by number.

    Args:
        a: run folder of the baseline.
        b: run folder of the other.
        settings: levels and draws; None for the usual ones.
        correction: over the main numbers: `holm`, `bh` or `by`.
        force: compare also numbers whose comparability keys differ, and mark them.

    Raises:
        UsageError: when a folder holds no finished run, they share no number, or every shared
            number was made differently; the message names the first field that differs.
    """
    if correction not in ADJUSTMENTS:
        raise UsageError("no such correction", seen=correction, legal=", ".join(ADJUSTMENTS))
    chosen = settings or Settings()
    ours, theirs = Side.of(a), Side.of(b)
    shared = [name for name in ours.headlines if name in theirs.headlines]
    if not shared:
        raise UsageError(
            "the runs share no number",
            seen=f"{_names(ours.headlines)} and {_names(theirs.headlines)}",
            then="score both with the same metrics",
        )
    differing = {name: _differing(ours, theirs, name) for name in shared}
    refused = {name: fields for name, fields in differing.items() if fields and not force}
    kept = [name for name in shared if name not in refused]
    if not kept:
        field, one, other = refused[shared[0]][0]
        raise UsageError(
            f"the runs' numbers were made differently and must not be compared: {field}",
            seen=f"{_short(one)} and {_short(other)}",
            then="score both in the same way, or --force to see them marked",
        )
    design = design_of(ours, theirs)
    lines = [
        _line(ours, name, found, tuple(field for field, _, _ in differing[name]))
        for name, found in _found(ours, theirs, kept, design, chosen).items()
    ]
    return Comparison(
        design=design,
        correction=correction,
        settings=chosen,
        lines=tuple(_adjusted(lines, correction, chosen.alpha)),
        refused={".".join(name): _why(fields) for name, fields in refused.items()},
        only_in={
            "a": [".".join(n) for n in ours.headlines if n not in theirs.headlines],
            "b": [".".join(n) for n in theirs.headlines if n not in ours.headlines],
        },
    )


def _found(
    a: Side, b: Side, names: Sequence[Name], design: str, settings: Settings
) -> dict[Name, Difference]:
    scored = {(row["metric"], row["column"]) for row in a.rows}
    categories = {prompt: a.category(prompt) for prompt in a.prompts}
    texts = {prompt: str(record["text"]) for prompt, record in a.prompts.items()}
    found: dict[Name, Difference] = {}
    of_sets = [name for name in names if name not in scored]
    if of_sets:
        plugins = plugins_of(a.manifest)
        for metric in plugins.set.values():
            wanted = {column for name, column in of_sets if name == metric.name}
            made = compare_sets(a, b, metric, plugins, design, settings) if wanted else {}
            found |= {(metric.name, column): made[column] for column in wanted if column in made}
    for metric_name, column in names:
        if (metric_name, column) in scored:
            pairs = pairs_of(a, b, metric_name, column, design)
            found[metric_name, column] = (
                compare_unpaired(pairs, settings)
                if design == UNPAIRED
                else compare_paired(pairs, settings, categories, texts)
            )
    return found


def _line(a: Side, name: Name, found: Difference, marked: tuple[str, ...]) -> Line:
    headline = a.headlines[name]
    return Line(
        metric=name[0],
        column=name[1],
        unit=headline["unit"],
        higher_is_better=headline["higher_is_better"],
        is_main=headline["is_main"],
        found=found,
        p_adjusted=math.nan,
        verdict="",
        marked=marked,
    )


def _adjusted(lines: Sequence[Line], correction: str, alpha: float) -> list[Line]:
    """The lines with corrected p-values over the main numbers, and a word for each.

    Columns that only explain a main one have a p of their own and no verdict. Nor has a number
    whose key differs, or one that is the same in every pair: no sign flip could make its p small,
    so it takes no share of the level (Tarone 1990). They enter no family.
    """
    tested = [
        i
        for i, line in enumerate(lines)
        if line.is_main and not line.marked and _can_differ(line.found)
    ]
    made = list(lines)
    if not tested:
        return made
    p_M = ADJUSTMENTS[correction](np.array([lines[i].found.p for i in tested]))
    for i, p, differs in zip(tested, p_M, rejected(p_M, alpha), strict=True):
        made[i] = replace(lines[i], p_adjusted=float(p), verdict=_word(lines[i], bool(differs)))
    return made


def _can_differ(found: Difference) -> bool:
    same = found.interval is None or found.interval.low == found.interval.high
    return math.isfinite(found.p) and not (same and found.difference == 0 and found.p == 1)


def _word(line: Line, differs: bool) -> str:
    if not differs:
        return "no difference shown"
    rose = line.found.difference > 0
    if line.higher_is_better is None:
        return "higher" if rose else "lower"
    return "better" if rose == line.higher_is_better else "worse"


def _differing(a: Side, b: Side, name: Name) -> list[tuple[str, Any, Any]]:
    return list(key_differences(a.headlines[name]["key"], b.headlines[name]["key"]))


def _why(fields: Sequence[tuple[str, Any, Any]]) -> str:
    return "; ".join(f"{field}: {_short(one)} and {_short(other)}" for field, one, other in fields)


def _short(value: object) -> str:
    return "none" if value in ("", None) else printable(value, 80)


def _names(headlines: Mapping[Name, Any]) -> str:
    return ", ".join(sorted({metric for metric, _ in headlines})) or "none"
