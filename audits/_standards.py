"""An index from findings to the places of standards for which they may be evidence.

It says where a number may be looked up and claims nothing: no finding here makes a system conform.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.types import Finding

FILE = Path(__file__).with_name("standards.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a standard, and the measures of an audit that may be evidence there."""

    standard: str
    where: str
    about: str
    measures: tuple[str, ...]
    read: str


def places(path: Path = FILE) -> tuple[str, list[Place]]:
    """The index's own note, and its places in order."""
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    made = [Place(**{**row, "measures": tuple(row["measures"])}) for row in held["place"]]
    return str(held["note"]), made


def evidence(findings: Sequence[Finding]) -> list[tuple[Place, list[str]]]:
    """Each place with the ids of the findings that stand behind it; without any it is left out."""
    made = []
    for place in places()[1]:
        ids = [f.id for f in findings if f.measure in place.measures and f.value is not None]
        if ids:
            made.append((place, ids))
    return made


def evidence_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The index for a terminal, its note last."""
    held = evidence(findings)
    for place, ids in held:
        names = ", ".join(dict.fromkeys(i.partition("[")[0] for i in ids))
        yield f"evidence  {place.standard}, {place.where}: {len(ids)} findings ({names})"
    if held:
        yield f"note      {places()[0]}"
