"""What a reader says about one attribute of a clip, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from generator.world.attributes import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One attribute read from frames.

    `value` None means that the reader abstains, and `reason` says why. `confidence` 0..1 grows with
    the margin between the best answer and the next; it orders readings of one attribute and is not
    a probability.
    """

    value: Value | None
    confidence: float = 0.0
    reason: str = ""


def abstain(reason: str, confidence: float = 0.0) -> Reading:
    """The reading of a reader that cannot tell."""
    return Reading(value=None, confidence=confidence, reason=reason)


def decide(value: Value, confidence: float, least: float) -> Reading:
    """The value when `confidence` reaches `least`, else an abstention."""
    sure = float(min(max(confidence, 0.0), 1.0))
    if sure < least:
        return abstain(f"unsure: confidence {sure:.2f} for {value!r} is below {least:.2f}", sure)
    return Reading(value=value, confidence=sure)
