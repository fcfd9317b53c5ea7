"""A run's summary as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.errors import printable
from bench.types import Outcome

SHOWN = 10
"""So many videos are named for each thing that can be wrong with one."""
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
    others = ("missing", "error", "suppressed", "vetoed", "unavailable")
    parts = [f"{headline['n_' + name]} {name}" for name in others if headline["n_" + name]]
    n, n_clusters = headline["n"], headline["n_clusters"]
    m = headline["key"].get("n_reference")
    sizes = f"n={n}" if m is None else f"n={n}, m={m}"
    by = f" by {headline['cluster']}" if n and headline["cluster"] != "video" else ""
    clusters = f" in {n_clusters} clusters{by}" if n_clusters != n else by
    return ", ".join([f"{sizes}{clusters}", *parts])


def headline_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The table that `prescreen score` prints, and below it whatever the numbers leave out.

    Columns that only explain a metric's main one stand in the report and in `--json`.
    """
    main = [headline for headline in summary["headlines"] if headline["is_main"]]
    idle = list(_idle(main))
    main = [headline for headline in main if headline not in idle]
    rows = [_row(headline) for headline in main]
    header = ("metric", "", "videos", "value", _level(main), "unit", "counts")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    yield from dict.fromkeys(
        f"note    {printable(headline['metric'])}: {printable(note, 400)}"
        for headline in main
        for note in headline["notes"]
    )
    for metric in dict.fromkeys(headline["metric"] for headline in idle):
        columns = dict.fromkeys(h["column"] for h in idle if h["metric"] == metric)
        yield f"does not apply  {printable(metric)}: {printable(', '.join(columns), 400)}"
    for spec, reason in summary["unavailable"].items():
        yield f"not computed  {printable(spec)}: {printable(reason, 400)}"
    yield from _problem_lines(summary["problems"])
    for source, outcomes in summary["outcomes"].items():
        if outcomes:
            held = (f"{outcomes[name]} {name}" for name in Outcome if name in outcomes)
            yield f"{source}  " + ", ".join(held)


def _idle(headlines: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Columns that apply to no video, of metrics of which another column has a number."""
    counted = {headline["metric"] for headline in headlines if headline["n"]}
    for headline in headlines:
        others = ("missing", "error", "suppressed", "vetoed")
        applies = headline["n"] or any(headline[f"n_{name}"] for name in others)
        if headline["metric"] in counted and not applies:
            yield headline


def _level(headlines: Sequence[Mapping[str, Any]]) -> str:
    """The heading of the intervals' column: at which confidence they are."""
    made = next((h["interval"] for h in headlines if h["interval"]), None)
    return "interval" if made is None else f"{100 * made['confidence']:g} % interval"


def _problem_lines(problems: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """At most ten lines for each status, and a count of the rest."""
    by_status: dict[str, list[Mapping[str, Any]]] = {}
    for problem in problems:
        by_status.setdefault(problem["status"], []).append(problem)
    for status, held in by_status.items():
        for problem in held[:SHOWN]:
            yield f"{status:<10}{_who(problem)}: {printable(problem['reason'], 400)}"
        if len(held) > SHOWN:
            yield f"{status:<10}... and {len(held) - SHOWN} more; the report lists all"


def _who(problem: Mapping[str, Any]) -> str:
    name = printable(problem["name"] or f"prompt {problem['prompt_id']}")
    where = "" if problem["source"] == "candidate" else f" ({problem['source']})"
    lacking = f" [{', '.join(map(printable, problem['metrics']))}]" if problem["metrics"] else ""
    return f"{name}{where}{lacking}"


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
