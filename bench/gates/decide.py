"""From p-values to verdicts: Holm over the policy's lines, waivers, and the whole; pure.

A wrong PASS is the error that is held down. Each line's null is "the limit is not met"; Holm's
procedure over all lines of the policy holds the chance of even one wrong PASS to alpha, and the
same over the opposite nulls that of even one wrong FAIL. A line that cannot be tested stays in the
family with p = 1, so that the family is the policy's and not the data's.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from bench.gates.bounds import Estimate, Side
from bench.gates.policy import Line, Policy, Waiver
from bench.stats.multiplicity import TOLERANCE, holm
from bench.types import Json


class Verdict(StrEnum):
    """What the gate says."""

    PASS = "PASS"  # noqa: S105 - a verdict, no password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A line with its number.

    `seen` is of the decided trials alone, `worst` with the undecided counted as the policy says
    (None where there is none, or none counts). `blocked` says why the line cannot be decided,
    `uncertified` why its metric may not gate. `counted` is the share of a line that is a count of
    the run and no estimate.
    """

    line: Line
    what: str
    seen: Estimate | None
    n: int
    n_clusters: int
    counts: Mapping[str, int]
    worst: Estimate | None = None
    counted: float | None = None
    blocked: str = ""
    uncertified: str = ""
    notes: tuple[str, ...] = ()
    details: Mapping[str, Json] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """The number, if there is one."""
        return self.counted if self.seen is None else self.seen.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One direction of one line: p, Holm's adjusted p, the level it came to, the bound there."""

    p: float
    p_adjusted: float
    level: float
    bound: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A line's verdict, and everything that it rests on; a waiver may set it aside."""

    measured: Measured
    verdict: Verdict
    reason: str
    passing: Tested | None
    failing: Tested | None
    needed: int | None
    waiver: Waiver | None = None
    set_aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The lines' verdicts in the policy's order, and the whole."""

    verdict: Verdict
    reason: str
    lines: tuple[Judged, ...]
    expired: tuple[Waiver, ...]


def p_values(measured: Measured) -> tuple[float, float]:
    """The p for PASS and that for FAIL; 1 where the line cannot be tested."""
    line, seen = measured.line, measured.seen
    if seen is None or measured.blocked:
        return 1.0, 1.0
    passing = max(
        made.p(line.limit, line.side) for made in (seen, measured.worst) if made is not None
    )
    return passing, seen.p(line.limit, line.side.other)


def decide(lines: Sequence[Measured], policy: Policy, today: datetime.date) -> Decision:
    """The verdict of each line and of the whole.

    Args:
        lines: one for each line of the policy, in its order.
        policy: with alpha, power and waivers.
        today: a waiver holds through its last day.
    """
    valid = [w for w in policy.waivers if today <= w.expires]
    expired = [w for w in policy.waivers if today > w.expires]
    certified = {w.line for w in valid if w.waives == "certificate"}
    ready = [_refuse(made, made.line.id in certified) for made in lines]
    tested = [i for i, made in enumerate(ready) if made.counted is None]
    both = [p_values(ready[i]) for i in tested]
    passing = dict(zip(tested, _levels([p for p, _ in both], policy.alpha), strict=True))
    failing = dict(zip(tested, _levels([p for _, p in both], policy.alpha), strict=True))
    judged = []
    for i, made in enumerate(ready):
        one = _judge(made, passing.get(i), failing.get(i), policy)
        judged.append(_waived(one, valid, expired))
    verdict, reason = overall(judged)
    return Decision(verdict=verdict, reason=reason, lines=tuple(judged), expired=tuple(expired))


def overall(lines: Sequence[Judged]) -> tuple[Verdict, str]:
    """Any FAIL fails; else any INCONCLUSIVE leaves it open; else it passes, if anything did."""
    counted = [line for line in lines if not line.set_aside]
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        held = [line.measured.line.id for line in counted if line.verdict is verdict]
        if held:
            return verdict, f"{len(held)} of {len(lines)} lines: {', '.join(held)}"
    if not counted:
        return Verdict.INCONCLUSIVE, "every line is waived: nothing was shown"
    aside = len(lines) - len(counted)
    return Verdict.PASS, f"{len(counted)} of {len(lines)} lines" + f", {aside} waived" * bool(aside)


def _refuse(made: Measured, waived: bool) -> Measured:
    """Block a line whose metric is not certified, unless that was waived."""
    if not made.uncertified or made.blocked:
        return made
    if waived:
        return replace(made, notes=(*made.notes, f"not certified, waived: {made.uncertified}"))
    return replace(made, blocked=f"not certified: {made.uncertified}")


def _levels(p_M: Sequence[float], alpha: float) -> list[tuple[float, float, float]]:
    """Each p with Holm's adjusted p and the level that it was held against.

    The levels go from alpha / M for the smallest p up to alpha; from the first that is not rejected
    on, all are held against its level.
    """
    if not p_M:
        return []
    adjusted, m = holm(p_M), len(p_M)
    order = np.argsort(np.asarray(p_M), kind="stable")
    levels = np.empty(m)
    stopped = math.inf
    for rank, i in enumerate(order):
        own = alpha / (m - rank)
        if adjusted[i] > alpha + TOLERANCE:
            stopped = min(stopped, own)
        levels[i] = min(own, stopped)
    return [(p_M[i], float(adjusted[i]), float(levels[i])) for i in range(m)]


def _judge(
    made: Measured,
    passing: tuple[float, float, float] | None,
    failing: tuple[float, float, float] | None,
    policy: Policy,
) -> Judged:
    if passing is None or failing is None:
        return _count(made)
    line = made.line
    tested = [_tested(made, passing, line.side), _tested(made, failing, line.side.other)]
    verdict, needed = Verdict.INCONCLUSIVE, None
    reason = made.blocked or f"neither bound clears {line.rule} {abs(line.limit):g}"
    # one may pass by its p and fail by none: the two tails of one number are never both small
    if tested[0].p_adjusted <= policy.alpha + TOLERANCE:
        verdict, reason = Verdict.PASS, "the bound clears the limit"
    elif tested[1].p_adjusted <= policy.alpha + TOLERANCE:
        verdict, reason = Verdict.FAIL, "the opposite bound breaks the limit"
    elif made.seen is not None and not made.blocked:
        needed = _needed(made, policy.alpha / len(policy.lines), policy.power)
        reason += "; more videos of this kind decide nothing" if needed is None else ""
    return Judged(
        measured=made,
        verdict=verdict,
        reason=reason,
        passing=tested[0],
        failing=tested[1],
        needed=needed,
    )


def _tested(made: Measured, found: tuple[float, float, float], side: Side) -> Tested:
    p, adjusted, level = found
    ends = [] if made.seen is None else [made.seen.bound(level, side)]
    if made.worst is not None and side is made.line.side:
        ends.append(made.worst.bound(level, side))
    bound = (max(ends) if side is Side.BELOW else min(ends)) if ends else math.inf
    return Tested(
        p=p,
        p_adjusted=adjusted,
        level=level,
        bound=bound if math.isfinite(bound) else None,
    )


def _needed(made: Measured, alpha: float, power: float) -> int | None:
    """Videos that decide at the level of Holm's first step; more than there are."""
    limit, side = made.line.limit, made.line.side
    held = [one for one in (made.worst, made.seen) if one is not None]
    # what the undecided hide is not mended by a larger share of the same
    met = [one.value > limit if side is Side.ABOVE else one.value < limit for one in held]
    if any(met) and not all(met):
        return None
    needs = [one.needed(limit, alpha, power) for one in held]
    known = [n for n in needs if n is not None]
    return max(*known, made.n + 1) if len(known) == len(needs) else None


def _count(made: Measured) -> Judged:
    share, line = made.counted, made.line
    if share is None:
        raise RuntimeError("a line without tests is a count")
    met = share >= line.limit if line.side is Side.ABOVE else share <= line.limit
    return Judged(
        measured=made,
        verdict=Verdict.PASS if met else Verdict.FAIL,
        reason="counted in this run, no estimate",
        passing=None,
        failing=None,
        needed=None,
    )


def _waived(one: Judged, valid: Sequence[Waiver], expired: Sequence[Waiver]) -> Judged:
    """The line with its waiver; an expired one fails it, whatever its number says."""
    name = one.measured.line.id
    late = next((w for w in expired if w.line == name), None)
    if late is not None:
        why = f"the waiver of {late.owner} expired on {late.expires.isoformat()}"
        return replace(
            one, verdict=Verdict.FAIL, reason=f"{why}; {one.reason}", waiver=late, needed=None
        )
    mine = [w for w in valid if w.line == name]
    # the one that keeps the line from blocking is the one to show
    mine.sort(key=lambda w: w.waives != "verdict")
    if mine and not (mine[0].waives == "certificate" and not one.measured.uncertified):
        aside = mine[0].waives == "verdict" and one.verdict is not Verdict.PASS
        return replace(one, waiver=mine[0], set_aside=aside)
    return one
