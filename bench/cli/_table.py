"""A run's summary as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.errors import printable

_ARROWS = {True: "↑", False: "↓", None: " "}


def number(value: float | None) -> str:
    """Four significant digits; a dash where there is no number."""
    return "–" if value is None else f"{value:.4g}"


def interval(headline: Mapping[str, Any]) -> str:
    """`[low, high]`, or why there is none."""
    made = headline["interval"]
    if made is None:
        return "" if headline["value"] is None else "no interval"
    return f"[{number(made['low'])}, {number(made['high'])}]"


def counts(headline: Mapping[str, Any]) -> str:
    """How many videos entered and what became of the others."""
    others = ("missing", "error", "vetoed", "unavailable")
    parts = [f"{headline['n_' + name]} {name}" for name in others if headline["n_" + name]]
    return ", ".join([f"n={headline['n']}", *parts])


def headline_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The table that `prescreen score` prints, then what could not be computed, then the ledger."""
    rows = [_row(headline) for headline in summary["headlines"]]
    header = ("metric", "", "videos", "value", "interval", "unit", "counts")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    seen = []
    for headline in summary["headlines"]:
        for note in headline["notes"]:
            if (headline["metric"], note) not in seen:
                seen.append((headline["metric"], note))
                yield f"note    {headline['metric']}: {note}"
    for spec, reason in summary["unavailable"].items():
        yield f"not computed  {spec}: {reason}"
    for source, outcomes in summary["outcomes"].items():
        if outcomes:
            yield f"{source}  " + ", ".join(f"{count} {name}" for name, count in outcomes.items())


def _row(headline: Mapping[str, Any]) -> tuple[str, ...]:
    videos = headline["source"]
    if headline["subset"] != "kept":
        videos += f" ({headline['subset']})"
    return (
        printable(f"{headline['metric']}.{headline['column']}"),
        _ARROWS[headline["higher_is_better"]],
        videos,
        number(headline["value"]),
        interval(headline),
        headline["unit"],
        counts(headline),
    )
