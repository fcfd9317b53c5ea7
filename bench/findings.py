"""Findings as lines of JSON: written by audits, read by the report, the gate and the dashboards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.errors import RunDamaged
from bench.home import write_atomic
from bench.runs import AUDITS, FINDINGS, read_jsonl
from bench.types import Finding, FindingVerdict, Interval, Json, Significance, canonical_json

OF_ONE_AUDIT = "findings.jsonl"


def finding_record(finding: Finding) -> dict[str, Json]:
    """A finding as JSON; what it holds must be finite."""
    record: dict[str, Json] = json.loads(canonical_json(asdict(finding)))
    return record


def finding_of(record: Mapping[str, Any]) -> Finding:
    """The finding that :func:`finding_record` wrote.

    Raises:
        RunDamaged: when the record has other fields.
    """
    try:
        made, test, bounds = record["interval"], record["test"], record["bounds"]
        return Finding(
            **{
                **record,
                "interval": made and Interval(**{**made, "notes": tuple(made["notes"])}),
                "test": test and Significance(**test),
                "bounds": bounds and (bounds[0], bounds[1]),
                "verdict": FindingVerdict(record["verdict"]),
                "evidence": tuple(record["evidence"]),
                "notes": tuple(record["notes"]),
            }
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise RunDamaged(f"this is no finding: {error}", seen=record) from error


def write_findings(path: Path, findings: Iterable[Finding]) -> None:
    """Write one finding a line."""
    write_atomic(path, findings_bytes(findings))


def findings_bytes(findings: Iterable[Finding]) -> bytes:
    """The lines as they are written; equal findings give equal bytes."""
    return b"".join((canonical_json(finding_record(f)) + "\n").encode() for f in findings)


def read_findings(root: Path) -> list[Finding]:
    """All findings of a run's audits, by audit; none where no audit was made.

    Raises:
        RunDamaged: when the file holds something else.
    """
    path = root / FINDINGS
    return [finding_of(record) for record in read_jsonl(path)] if path.exists() else []


def union_bytes(root: Path) -> bytes:
    """What `6-findings.jsonl` must hold: the findings of the run's audits, by their names."""
    folders = sorted(path.parent for path in (root / AUDITS).glob(f"*/{OF_ONE_AUDIT}"))
    return b"".join((folder / OF_ONE_AUDIT).read_bytes() for folder in folders)
