"""Results of the surveys of real filters: JSON files in docs, numbers as the page prints them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.home import write_atomic
from bench.types import canonical_json

FOLDER = Path(__file__).parent.parent / "docs" / "audits"
PAGE, TEXT, FRAMES = "real_filters.md", "real_filters_text.json", "real_filters_frames.json"


def write_results(path: Path, found: Mapping[str, Any]) -> None:
    """Write results: sorted, four decimals, whole or not at all."""
    plain = json.loads(canonical_json(rounded(dict(found))))
    write_atomic(path, (json.dumps(plain, indent=1, sort_keys=True) + "\n").encode())


def rounded(value: Any) -> Any:
    """Numbers with four decimals: what differs beyond is the machine's."""
    match value:
        case float():
            return round(value, 4)
        case list() | tuple():
            return [rounded(item) for item in value]
        case dict():
            return {key: rounded(item) for key, item in value.items()}
    return value


def percent(rate: Mapping[str, Any]) -> str:
    """`12 % [5, 25] of 40`; a dash where there is nothing to count."""
    if not rate["n"]:
        return "–"
    share, low, high = (100 * x for x in (rate["k"] / rate["n"], rate["low"], rate["high"]))
    return f"{share:.0f} % [{low:.0f}, {high:.0f}] of {rate['n']}"


def short(rate: Mapping[str, Any]) -> str:
    """`5/40`; a dash where there is nothing to count."""
    return f"{rate['k']}/{rate['n']}" if rate["n"] else "–"


def p_value(p: float) -> str:
    """Three decimals, or `< .001`."""
    return "< .001" if p < 0.001 else f"{p:.3f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown; a bar in a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    for cells in lines:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""
