"""The tables of both demos: one row a metric, one column a set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.cli._table import interval, number
from bench.demo import Cell
from bench.showcase import Row

_KEY = (
    "[low, high]: 95 % interval, clustered by shot. worse, better, higher, lower: the paired",
    "difference from the same clips undamaged excludes no change, at 95 %.",
    "✓ expected and seen, ✗ expected and not seen. *: with clips that are vetoed by name, most of",
    "the set: shown here and never a headline.",
)


def demo_lines(cells: Mapping[str, Mapping[str, Cell]]) -> tuple[list[str], bool]:
    """The lines to print, and whether every expected damage was seen."""
    sets = list(next(iter(cells.values())))
    header = ["metric", *("real clips" if name == "candidate" else name for name in sets)]
    rows = [[key, *(_text(row[name]) for name in sets)] for key, row in cells.items()]
    lines = list(_aligned([header, *rows]))
    expected = [cell for row in cells.values() for cell in row.values() if cell.expected]
    seen = sum(cell.change == "worse" for cell in expected)
    total = f"{seen} of {len(expected)} expected damages were seen"
    return [*lines, "", *_KEY, total], seen == len(expected)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def showcase_lines(rows: Sequence[Row]) -> Iterator[str]:
    """The lines to print of a model's videos beside those that the rule drew."""
    table = [["metric", "n", "cascade", "95 % interval", "phantom"]]
    for name, asked, drawn in rows:
        if asked is None:
            continue
        beside = "" if drawn is None else number(drawn["value"])
        table.append([name, str(asked["n"]), number(asked["value"]), interval(asked), beside])
    yield from _aligned(table)


def _text(cell: Cell) -> str:
    if cell.value is None:
        return "–"
    interval = "" if cell.low is None else f" [{number(cell.low)}, {number(cell.high)}]"
    mark = ""
    if cell.expected:
        mark = " ✓" if cell.change == "worse" else " ✗"
    change = f" {cell.change}" if cell.change else ""
    return f"{number(cell.value)}{'*' if cell.mostly_vetoed else ''}{interval}{change}{mark}"
