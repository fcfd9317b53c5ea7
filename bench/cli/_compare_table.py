"""A comparison as lines for a terminal, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from bench.cli._table import _ARROWS, number
from bench.comparison.columns import Part
from bench.comparison.compare import Comparison, Line
from bench.errors import printable
from bench.types import Interval


def record(made: Comparison) -> dict[str, Any]:
    """The comparison for JSON: no NaN, each line flat with its finding."""
    lines = [
        {**{k: v for k, v in asdict(line).items() if k != "found"}, **asdict(line.found)}
        for line in made.lines
    ]
    whole = {**asdict(made), "lines": lines, "family": made.family}
    finite: dict[str, Any] = _finite(whole)
    return finite


def comparison_lines(made: Comparison) -> Iterator[str]:
    """The table of the main numbers; below it what explains it and what was left out."""
    main = [line for line in made.lines if line.is_main]
    level = f"{100 * made.settings.confidence:g} % interval"
    header = (
        "metric",
        "",
        "A",
        "B",
        "B - A",
        level,
        "p",
        "p adj.",
        "effect",
        "can show",
        "pairs",
        "",
    )
    rows = [header, *(_row(line) for line in main)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    for row in rows:
        yield "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
    yield (
        f"{made.design}; p adjusted over {made.family} numbers ({made.correction}); `can show`: "
        f"the smallest true difference that is seen {100 * made.settings.power:g} times in 100"
    )
    for line in main:
        yield from _below(line)
    yield from _same_notes(main)
    for name, why in made.refused.items():
        yield f"refused   {printable(name)}: made differently: {printable(why, 400)}"
    for side, names in made.only_in.items():
        if names:
            yield f"only in {side.upper()} {printable(', '.join(names), 400)}"


def _row(line: Line) -> tuple[str, ...]:
    found = line.found
    words = [line.verdict] if line.verdict else []
    if line.marked:
        words.append(f"NOT COMPARABLE: {', '.join(line.marked)}")
    return (
        printable(f"{line.metric}.{line.column}"),
        _ARROWS[line.higher_is_better],
        _number(found.a),
        _number(found.b),
        _signed(found.difference),
        _interval(found.interval),
        _number(found.p),
        _number(line.p_adjusted),
        _number(found.effect),
        _number(found.detectable),
        f"{found.n} in {found.n_clusters} prompts",
        "; ".join(words),
    )


def _below(line: Line) -> Iterator[str]:
    name, found = printable(f"{line.metric}.{line.column}"), line.found
    if any(found.lost):
        lost_a, lost_b = found.lost
        yield f"note      {name}: no partner with a number for {lost_a} of A and {lost_b} of B"
    if line.verdict in {"", "no difference shown"}:
        return
    for part in found.categories:
        yield f"category  {name}: {_part(part)}"
    for part in found.moved:
        yield f"moved     {name}: {_part(part)}"


def _same_notes(lines: Sequence[Line]) -> Iterator[str]:
    """Each note once, with the numbers that it is of."""
    owners: dict[str, list[str]] = {}
    for line in lines:
        for note in line.found.notes:
            owners.setdefault(note, []).append(f"{line.metric}.{line.column}")
    for note, names in owners.items():
        yield f"note      {printable(note, 400)}: {printable(', '.join(names), 1000)}"


def _part(part: Part) -> str:
    between = f" {_interval(part.interval)}" if part.interval else ""
    return f"{_signed(part.difference)}{between}  n={part.n}  {printable(part.name)}"


def _number(value: float) -> str:
    return number(None if math.isnan(value) else value)


def _signed(value: float) -> str:
    return number(None) if math.isnan(value) else f"{value:+.4g}"


def _interval(made: Interval | None) -> str:
    return "no interval" if made is None else f"[{number(made.low)}, {number(made.high)}]"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
