"""Lines on findings of audits: shares by their counts, other numbers by their interval."""

from __future__ import annotations

import difflib
import functools
import math
from collections.abc import Mapping

from bench.comparison.sides import key_differences
from bench.errors import UsageError, printable
from bench.gates.bounds import Estimate, Inverted, Share, Side, scaled
from bench.gates.decide import Measured
from bench.gates.evidence import Evidence, NothingDecided
from bench.gates.policy import Line
from bench.stats.proportions import miettinen_nurminen, wilson
from bench.types import Finding, Interval


def measure_finding(line: Line, run: Evidence, baseline: Evidence | None) -> Measured:
    """A finding's number, the share of its trials that ended in one way, or its difference.

    Raises:
        UsageError: when a run has no finding of this id, or the two were made differently.
        NothingDecided: when no trial of it was decided.
    """
    finding = _found(line, run.findings, "run")
    if line.coverage:
        return _coverage(line, finding)
    _decided(line, finding)
    if line.against and baseline is not None:
        other = _found(line, baseline.findings, "baseline")
        _decided(line, other)
        for field, one, two in key_differences(other.key, finding.key):
            raise UsageError(
                f"line {line.id}: the baseline was made with another {field}",
                seen=f"{printable(one, 80)} and {printable(two, 80)}",
            )
        seen, worst = (_difference(other, finding, line, at) for at in (False, True))
    else:
        seen, worst = (_absolute(finding, line, at) for at in (False, True))
    n_undecided = finding.n_unknown + finding.n_error
    left_out = line.undecided is None or not n_undecided
    total = finding.n + n_undecided
    blocked = "" if seen is not None else "the finding has no interval"
    if not blocked and not left_out and worst is None:
        blocked = f"{n_undecided} trials are undecided and the finding has no worst-case bounds"
    if finding.n_error > line.error_cap * total:
        blocked = (
            f"{finding.n_error} of {total} trials ended in an error, "
            f"more than the cap of {100 * line.error_cap:g} %"
        )
    return Measured(
        line=line,
        what=line.what(),
        seen=seen,
        worst=None if left_out else worst,
        n=finding.n,
        n_clusters=finding.n_clusters,
        counts=_counts(finding),
        blocked=blocked,
        notes=(*_remarks(line, n_undecided), *finding.notes),
        details={"audit_verdict": str(finding.verdict)},
    )


def _remarks(line: Line, n_undecided: int) -> list[str]:
    if not n_undecided:
        return []
    how = "are left out, as the policy says" if line.undecided is None else "count as the worst"
    return [f"{n_undecided} undecided trials {how}"]


def _found(line: Line, findings: Mapping[str, Finding], of: str) -> Finding:
    if line.finding in findings:
        return findings[line.finding]
    near = difflib.get_close_matches(line.finding, findings, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise UsageError(
        f"line {line.id}: the {of} has no such finding{hint}",
        seen=line.finding,
        legal=f"{len(findings)} findings, listed in its 6-findings.jsonl",
        then="prescreen audit AUDIT RUN" if not findings else None,
    )


def _decided(line: Line, finding: Finding) -> None:
    if finding.value is None or not finding.n:
        raise NothingDecided(
            f"line {line.id}: no decided trial of {finding.id}",
            seen=f"{finding.n_unknown} unknown, {finding.n_error} with errors",
        )


def _counts(finding: Finding) -> dict[str, int]:
    none = {"missing": 0, "vetoed": 0, "suppressed": 0}
    return {**none, "error": finding.n_error, "unknown": finding.n_unknown}


def is_share(finding: Finding) -> bool:
    """Whether the value is `k / n` and no number that was corrected or derived."""
    if finding.k is None or finding.value is None or not finding.n:
        return False
    return math.isclose(finding.value, finding.k / finding.n, rel_tol=1e-9, abs_tol=1e-12)


def design_effect(finding: Finding) -> float:
    """How many trials are worth one: read back from a Wilson interval, else trials a cluster."""
    made, most = finding.interval, finding.n / max(1, finding.n_clusters)
    if most <= 1 or made is None or finding.value is None or "Wilson" not in made.method:
        return max(1.0, most)
    if not 0 < finding.value < 1:
        return most
    low, high = 1.0, most
    for _ in range(60):
        middle = (low + high) / 2
        ends = wilson(finding.value, finding.n / middle, made.confidence)
        narrower = ends[1] - ends[0] < made.high - made.low
        low, high = (middle, high) if narrower else (low, middle)
    return (low + high) / 2


def _absolute(finding: Finding, line: Line, worst: bool) -> Estimate | None:
    extra = finding.n_unknown + finding.n_error if worst else 0
    if is_share(finding) and finding.k is not None:
        bad = extra if line.side is Side.BELOW else 0
        effect = design_effect(finding)
        return Share(k=finding.k + bad, n=finding.n + extra, effect=effect)
    return _moved(finding, line, worst)


def _moved(finding: Finding, line: Line, worst: bool) -> Inverted | None:
    """The finding's interval, moved to where the undecided trials could bring the value."""
    made, value = finding.interval, finding.value
    if made is None or value is None:
        return None
    if not worst:
        return scaled(value, made, finding.n)
    if finding.bounds is None:
        return None
    end = finding.bounds[1] if line.side is Side.BELOW else finding.bounds[0]
    by = end - value
    moved = Interval(
        low=made.low + by,
        high=made.high + by,
        confidence=made.confidence,
        method=made.method,
    )
    return scaled(end, moved, finding.n)


def _difference(before: Finding, after: Finding, line: Line, worst: bool) -> Estimate | None:
    """The run's number less the baseline's, two independent samples."""
    one, two = _absolute(before, line, False), _absolute(after, line, worst)
    if isinstance(one, Share) and isinstance(two, Share):
        return _gap(one, two)
    if one is None or two is None:
        return None
    gap = two.value - one.value

    def at(confidence: float) -> Interval:
        alpha = (1 - confidence) / 2
        down = math.hypot(
            two.value - two.bound(alpha, Side.ABOVE), one.bound(alpha, Side.BELOW) - one.value
        )
        up = math.hypot(
            two.bound(alpha, Side.BELOW) - two.value, one.value - one.bound(alpha, Side.ABOVE)
        )
        return Interval(low=gap - down, high=gap + up, confidence=confidence, method=_SQUARED)

    return Inverted(value=gap, n=after.n, interval=functools.cache(at), method=_SQUARED)


_SQUARED = "both intervals' halves, added as squares (MOVER)"


def _gap(one: Share, two: Share) -> Inverted:
    method = "Miettinen-Nurminen score, two independent shares"

    @functools.cache
    def at(confidence: float) -> Interval:
        low, high = miettinen_nurminen(
            two.k / two.effect,
            two.n / two.effect,
            one.k / one.effect,
            one.n / one.effect,
            confidence,
        )
        return Interval(low=low, high=high, confidence=confidence, method=method)

    return Inverted(value=two.value - one.value, n=two.n, interval=at, method=method)


def _coverage(line: Line, finding: Finding) -> Measured:
    counts = {"ok": finding.n, "unknown": finding.n_unknown, "error": finding.n_error}
    total = sum(counts.values())
    if line.coverage not in counts:
        raise UsageError(
            f"line {line.id}: a finding's trials do not end so",
            seen=line.coverage,
            legal=", ".join(counts),
        )
    if not total:
        raise NothingDecided(f"line {line.id}: {finding.id} has no trial")
    effect = max(1.0, finding.n / max(1, finding.n_clusters))
    share = Share(k=counts[line.coverage], n=total, effect=effect)
    return Measured(
        line=line,
        what=line.what(),
        seen=None if line.counted else share,
        counted=share.value if line.counted else None,
        n=total,
        n_clusters=finding.n_clusters,
        counts=_counts(finding),
        details={"k": share.k},
    )
