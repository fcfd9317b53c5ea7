"""What a metric has shown on known damage: the record, its file, and how it is found again.

`prescreen calibrate` writes a certificate for each metric; the gate, the reports and the dashboards
read it here. It holds for one version of the metric with one set of weights and no other: its key
is made of the two, and a certificate with another key is as good as none. Those that ship with
Prescreen lie beside this file; a person's own lie in the cache and come first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench import registry
from bench.errors import RunDamaged
from bench.home import cache_home, write_atomic
from bench.resolution import feature_fields
from bench.types import Json, digest

SCHEMA = 1
PACKAGED = Path(__file__).parent


class Verdict(StrEnum):
    """What a row says, and what a certificate does.

    `pass`: as declared. `fail`: not as declared. `blind`: the damage does not show. `unexpected`:
    it shows, though nobody said so. `not_enough`: too few clips to tell. `unavailable`: the metric
    cannot be computed where this was written. A certificate is never `blind` or `unexpected`, a row
    never `unavailable`.
    """

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    BLIND = "blind"
    UNEXPECTED = "unexpected"
    NOT_ENOUGH = "not_enough"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One strength of a ladder: the mean change from the undamaged clips, in the column's unit.

    `standardised` is that change over the standard deviation of the undamaged clips, None where
    they do not differ and for metrics of sets. `low` and `high` are None where n is too small.
    """

    strength: int
    level: float
    mean: float
    change: float
    low: float | None
    high: float | None
    standardised: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One column on one ladder of one set of clips.

    `rho` is Spearman's correlation with strength (0 to 5): the mean over clips of each clip's own,
    or for a metric of sets that of the set's values; `low` and `high` are its interval over
    clusters of clips. `expected` is rises, falls, ignores, blind, or empty where nothing was said.
    `meets` is whether the expectation is met; a row without one always meets it.
    """

    clips: str
    column: str
    ladder: str
    unit: str
    expected: str
    tolerance: float | None
    n_clips: int
    n_clusters: int
    rho: float | None
    low: float | None
    high: float | None
    effects: tuple[Effect, ...]
    verdict: Verdict
    meets: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipsUsed:
    """The clips that rows of one name were measured on, and everything needed to do it again."""

    name: str
    source: str
    n_clips: int
    n_reference: int
    height_px: int
    width_px: int
    n_frames: int
    fps: float
    seed: int
    sha256: tuple[str, ...]
    reference_sha256: tuple[str, ...]
    environment: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """All rows of one metric, with the key that they hold for and the rule that judged them."""

    metric: str
    spec: str
    version: str
    key: Mapping[str, Json]
    rule: Mapping[str, Json]
    clips: tuple[ClipsUsed, ...]
    rows: tuple[Row, ...]
    verdict: Verdict
    reason: str

    def with_rows(self, used: ClipsUsed, rows: Sequence[Row]) -> Certificate:
        """This one with new rows in place of those of the same clips, columns and ladders.

        Rows of another choice of clips under the same name are dropped.
        """
        held = next((c for c in self.clips if c.name == used.name), used)
        same = _identity(held) == _identity(used)
        new = {(row.clips, row.column, row.ladder) for row in rows}
        kept = [
            row
            for row in self.rows
            if (row.clips, row.column, row.ladder) not in new and (same or row.clips != used.name)
        ]
        others = [c for c in self.clips if c.name != used.name]
        return replace(
            self,
            clips=tuple(sorted([*others, used], key=lambda c: c.name)),
            rows=tuple(sorted([*kept, *rows], key=lambda r: (r.column, r.clips, r.ladder))),
        )


def _identity(used: ClipsUsed) -> tuple[object, ...]:
    return used.sha256, used.reference_sha256, used.seed


def certificate_key(spec: str) -> dict[str, Json]:
    """What a certificate of a metric holds for: its version, its extractors and their weights.

    Raises:
        UsageError: when there is no such metric.
    """
    metric = registry.build("metric", spec)
    needs: dict[str, Json] = {}
    for need, fields in feature_fields(list(metric.needs)).items():
        if not isinstance(fields, dict) or "unavailable" in fields:
            needs[need] = "unavailable"
            continue
        kept = {"extractor", "version"}
        needs[need] = {k: v for k, v in fields.items() if k in kept or "sha256" in k}
    return {"metric": metric.name, "version": metric.version, "needs": needs}


def file_name(spec: str) -> str:
    """The file of a metric's certificate; options of the spec become part of it."""
    parsed = registry.parse_spec(spec)
    name = parsed.name.replace(":", "-").replace("/", "-")
    return f"{name}-{digest(dict(parsed.options), 8)}.json" if parsed.options else f"{name}.json"


def own_folder() -> Path:
    """Where certificates go that a person makes: below the cache."""
    return cache_home() / "certificates"


def find_certificate(spec: str, folders: Sequence[Path] | None = None) -> Certificate | None:
    """The certificate that holds for a metric as it is installed here; None where there is none.

    Args:
        spec: the metric as the command line names it, for instance `fvd:ddof=0`.
        folders: where to look, the first match wins; by default the person's own, then ours.

    Raises:
        UsageError: when there is no such metric.
        RunDamaged: when a file is there and is no certificate.
    """
    key = certificate_key(spec)
    for folder in (own_folder(), PACKAGED) if folders is None else folders:
        path = folder / file_name(spec)
        if path.exists():
            held = read_certificate(path)
            if dict(held.key) == key:
                return held
    return None


def write_certificate(folder: Path, certificate: Certificate) -> Path:
    """Write a certificate; equal certificates give equal bytes."""
    path = folder / file_name(certificate.spec)
    record = {"schema": SCHEMA, **asdict(certificate)}
    text = json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomic(path, (text + "\n").encode())
    return path


def read_certificate(path: Path) -> Certificate:
    """The certificate in a file.

    Raises:
        RunDamaged: when the file is not one.
    """
    try:
        record = json.loads(path.read_bytes())
        if record.pop("schema") != SCHEMA:
            raise ValueError("of another schema")
        return _certificate(record)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunDamaged(
            f"{path.name} is not a certificate: {error}",
            seen=path,
            then="remove it and run prescreen calibrate",
        ) from error


def _certificate(record: dict[str, Any]) -> Certificate:
    rows = tuple(
        Row(
            **{
                **row,
                "effects": tuple(Effect(**effect) for effect in row["effects"]),
                "verdict": Verdict(row["verdict"]),
            }
        )
        for row in record.pop("rows")
    )
    clips = tuple(
        ClipsUsed(
            **{
                **used,
                "sha256": tuple(used["sha256"]),
                "reference_sha256": tuple(used["reference_sha256"]),
            }
        )
        for used in record.pop("clips")
    )
    return Certificate(
        **{**record, "rows": rows, "clips": clips, "verdict": Verdict(record["verdict"])}
    )
