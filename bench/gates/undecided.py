"""Trials without a number: which they are, what they count as, and when they are too many.

A video that is missing, broken or vetoed counts towards a PASS as the worst that the number can be
on the limit's side, so that a bad video is never helped by not being there. What the model's own
filter held back is left out by name: that it blocks too much is a coverage line's question.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.gates.bounds import Side
from bench.gates.policy import Line
from bench.metrics.base import Column
from bench.types import Status

Row = Mapping[str, Any]
UNDECIDED = frozenset({Status.MISSING, Status.ERROR, Status.VETOED})


def decided_rows(rows: Sequence[Row], subset: str) -> list[dict[str, Any]]:
    """Rows as a subset sees them: with the vetoed ones, those have their number."""
    also = subset == "with vetoed"
    return [
        {**row, "status": Status.OK} if also and row["status"] == Status.VETOED else dict(row)
        for row in rows
    ]


def undecided_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows of one column that should have a number and have none.

    A video that is not there has a row even where the column says nothing of its prompt; the
    prompt's other videos tell.
    """
    states: dict[str, set[str]] = {}
    for row in rows:
        if row["prompt_id"] and row["status"] not in {Status.MISSING, Status.ERROR}:
            states.setdefault(row["prompt_id"], set()).add(str(row["status"]))
    return [
        row
        for row in rows
        if row["status"] in UNDECIDED
        and states.get(row["prompt_id"] or "", set()) != {str(Status.UNAVAILABLE)}
    ]


def counted_as(rows: Sequence[Row], undecided: Sequence[Row], value: float) -> list[dict[str, Any]]:
    """The rows with a number in place of each undecided one."""
    ids = {row["trial_id"] for row in undecided}
    return [
        {**row, "status": Status.OK, "value": value} if row["trial_id"] in ids else dict(row)
        for row in rows
    ]


def too_many_errors(line: Line, counts: Mapping[str, int]) -> str:
    """Why errors leave the line undecided, if they do; `counts` are of all its trials by end."""
    total = sum(counts.values())
    if counts["error"] <= line.error_cap * total:
        return ""
    return (
        f"{counts['error']} of {total} trials ended in an error, "
        f"more than the cap of {100 * line.error_cap:g} %"
    )


def stand_in(line: Line, column: Column, n_undecided: int) -> tuple[float | None, str]:
    """What an undecided video counts as, or why nothing can stand for it."""
    if line.undecided is None or not n_undecided:
        return None, ""
    if isinstance(line.undecided, float):
        return line.undecided, ""
    worst = column.high if line.side is Side.BELOW else column.low
    if math.isfinite(worst):
        return float(worst), ""
    return None, (
        f"{n_undecided} videos have no number, and it has no worst: say undecided = NUMBER "
        "(what such a video counts as), or left_out"
    )


def remarks(
    line: Line, undecided: Sequence[Row], value: float | None, design: str | None
) -> Iterator[str]:
    """What a reader of the line must be told."""
    if undecided and value is not None:
        yield f"{len(undecided)} without a number count as {value:g} towards a PASS"
    if undecided and line.undecided is None:
        yield f"{len(undecided)} without a number are left out, as the policy says"
    if design:
        yield design
    if line.allow:
        yield f"may differ from the real videos in {', '.join(line.allow)}"
