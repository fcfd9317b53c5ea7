"""A gate's decision as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.cli._table import number
from bench.errors import printable


def gate_lines(record: Mapping[str, Any]) -> Iterator[str]:
    """What `prescreen gate` prints: each line's verdict, the waivers, the whole last."""
    policy = record["policy"]
    name = printable(policy["name"])
    yield (
        f"policy        {name} (sha256 {policy['sha256'][:12]}), alpha {policy['alpha']:g}, "
        f"{policy['correction']}; {record['today']}"
    )
    if record["baseline"]:
        yield f"baseline      {printable(record['baseline']['run'], 400)}"
    rows = [_row(line) for line in record["lines"]]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for line, row in zip(record["lines"], rows, strict=True):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join((*cells, *row[4:])).rstrip()
        if line["verdict"] != "PASS" or line["waived_by"]:
            yield f"              {_why(line)}"
        for note in line["notes"]:
            yield f"              note: {printable(note, 300)}"
    for waiver in record["waivers"]:
        state = "EXPIRED" if waiver["expired"] else "until"
        who = printable(f"{waiver['line']} ({waiver['waives']}) by {waiver['owner']}")
        yield f"waiver        {who} {state} {waiver['expires']}: {printable(waiver['reason'], 300)}"
    yield f"{record['verdict']:<12}  {printable(record['reason'], 400)}"


def _row(line: Mapping[str, Any]) -> tuple[str, ...]:
    n, clusters = line["n"], line["n_clusters"]
    sizes = f"n={n}" + (f" in {clusters} clusters" if clusters != n else "")
    left = [f"{count} {name}" for name, count in line["counts"].items() if count]
    return (
        f"{line['verdict']:<12}",
        printable(line["id"], 60),
        f"{number(line['value'])}, {line['rule']} {line['limit']:g}"
        + (f" from {line['against']}" if line["against"] else ""),
        _bound(line),
        ", ".join([sizes, *left]),
    )


def _bound(line: Mapping[str, Any]) -> str:
    # the bound that decided, or the one that a PASS would need
    tested = line["fail"] if line["verdict"] == "FAIL" else line["pass"]
    if tested is None:
        return "counted"
    if tested["bound"] is None:
        return "no bound"
    upper = (line["rule"] in {"max", "max_rise"}) != (line["verdict"] == "FAIL")
    side = "at most" if upper else "at least"
    return f"{side} {number(tested['bound'])} at {100 * (1 - tested['level']):.4g} %"


def _why(line: Mapping[str, Any]) -> str:
    parts = [printable(line["reason"], 400)]
    if line["needed_n"]:
        parts.append(f"about {line['needed_n']} videos would decide, if it is what it seems")
    if line["waived_by"]:
        how = "set aside by" if line["set_aside"] else "has a waiver of"
        parts.append(f"{how} {printable(line['waived_by'])}")
    return "; ".join(parts)
