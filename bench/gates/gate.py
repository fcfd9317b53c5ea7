"""The gate itself: a run, a policy and a day in; a decision out, as the record `8-gate.json`.

The record holds the policy's own text, the heads of the journals that it was decided on and every
number, so that `prescreen verify` can decide again and compare.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.errors import EXIT_FAIL, EXIT_INCONCLUSIVE, EXIT_OK, PrescreenError, UsageError
from bench.gates.decide import Decision, Judged, Tested, Verdict, decide
from bench.gates.evidence import Evidence, read_evidence
from bench.gates.measure import measure
from bench.gates.policy import RELATIVE, Policy, Waiver, parse_policy
from bench.runs import GATE, MANIFEST, read_json, write_json
from bench.types import canonical_json

SCHEMA = 1
EXIT_CODES = {
    Verdict.PASS: EXIT_OK,
    Verdict.FAIL: EXIT_FAIL,
    Verdict.INCONCLUSIVE: EXIT_INCONCLUSIVE,
}


def gate(
    root: Path, policy: Policy, *, today: datetime.date, baseline: Path | None = None
) -> dict[str, Any]:
    """Decide, write `8-gate.json` and return its record.

    An earlier decision is removed first: where none can be made, none may stay.

    Args:
        root: the run folder.
        policy: the limits.
        today: the day by which waivers are judged; recorded.
        baseline: a run to compare with, in place of the policy's own.

    Raises:
        PrescreenError: when the run cannot be held against the policy.
    """
    read_json(root / MANIFEST)
    (root / GATE).unlink(missing_ok=True)
    named = baseline or (Path(policy.baseline) if policy.baseline else None)
    record = make_record(root, policy, today=today, baseline=named)
    write_json(root / GATE, record)
    return record


def make_record(
    root: Path, policy: Policy, *, today: datetime.date, baseline: Path | None
) -> dict[str, Any]:
    """The record of a decision; pure but for what it reads."""
    wanted = any(line.finding for line in policy.lines)
    run = read_evidence(root, with_findings=wanted)
    relative = any(line.against == "baseline" for line in policy.lines)
    other = read_evidence(baseline, with_findings=wanted) if baseline and relative else None
    decision = decide(measure(policy, run, other), policy, today)
    return _record(decision, policy, run, other, today)


def recheck(root: Path) -> tuple[bool, str]:
    """Whether the run's `8-gate.json` follows from the run; what was seen, in words."""
    held = read_json(root / GATE)
    try:
        policy = parse_policy(held["policy"]["text"], held["policy"]["name"])
        today = datetime.date.fromisoformat(held["today"])
        baseline = Path(held["baseline"]["run"]) if held["baseline"] else None
        if baseline is not None and not (baseline / MANIFEST).exists():
            return True, f"not decided again: the baseline {baseline} is no longer there"
        again = make_record(root, policy, today=today, baseline=baseline)
    except (KeyError, TypeError, ValueError) as error:
        return False, f"is no decision of the gate: {error}"
    except PrescreenError as error:
        return False, str(error)
    if canonical_json(again) == canonical_json(held):
        return True, f"decided again: {again['verdict']}"
    lines = {line["id"]: line for line in held.get("lines", [])}
    wrong = [line["id"] for line in again["lines"] if lines.get(line["id"]) != line]
    return False, f"does not follow from the run: {', '.join(wrong) or 'not its lines'}"


def known_day(text: str) -> datetime.date:
    """A date as `--today` gives it."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("this is no date", seen=text, legal="YYYY-MM-DD") from error


def _record(
    decision: Decision,
    policy: Policy,
    run: Evidence,
    baseline: Evidence | None,
    today: datetime.date,
) -> dict[str, Any]:
    other = None
    if baseline is not None:
        other = {"run": str(baseline.root), "journal_head": baseline.head}
    return {
        "schema": SCHEMA,
        "verdict": str(decision.verdict),
        "reason": decision.reason,
        "today": today.isoformat(),
        "policy": {
            "name": policy.name,
            "sha256": policy.sha256,
            "alpha": policy.alpha,
            "power": policy.power,
            "correction": f"Holm over {_family(decision)} lines, each way",
            "text": policy.text,
        },
        "journal_head": run.head,
        "baseline": other,
        "lines": [_line_record(line) for line in decision.lines],
        "waivers": [_waiver_record(w, w in decision.expired) for w in policy.waivers],
    }


def _family(decision: Decision) -> int:
    return sum(line.passing is not None for line in decision.lines)


def _line_record(one: Judged) -> dict[str, Any]:
    made, line = one.measured, one.measured.line
    limit = abs(line.limit) if line.rule in RELATIVE else line.limit
    return {
        "id": line.id,
        "what": made.what,
        "rule": line.rule,
        "limit": limit,
        "against": line.against,
        "verdict": str(one.verdict),
        "reason": one.reason,
        "value": made.value,
        "method": made.seen.method if made.seen else "",
        "n": made.n,
        "n_clusters": made.n_clusters,
        "counts": dict(made.counts),
        "pass": _tested_record(one.passing),
        "fail": _tested_record(one.failing),
        "needed_n": one.needed,
        "waived_by": one.waiver.owner if one.waiver else None,
        "set_aside": one.set_aside,
        "uncertified": made.uncertified,
        "notes": list(made.notes),
        "details": dict(made.details),
    }


def _tested_record(tested: Tested | None) -> Mapping[str, float | None] | None:
    return None if tested is None else asdict(tested)


def _waiver_record(waiver: Waiver, expired: bool) -> dict[str, Any]:
    return {**asdict(waiver), "expires": waiver.expires.isoformat(), "expired": expired}
