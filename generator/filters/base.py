"""What every filter gives: a decision with its score, and the dials that plant its known mistakes.

A dial decides by a hash of (use, filter seed, content), so the same prompt or the same frames
always meet the same fate: a filter is a function, and a leak in a study can be replayed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from generator.world.palette import Array

PASS, BLOCK, ERROR = "pass", "block", "error"
Content = TypeVar("Content", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a filter says of one prompt or one clip.

    Attributes:
        filter: Name and version, as `canary_words@1`.
        decision: `pass`, `block`, or `error` where the filter failed: an error is not a pass.
        score: 0 to 1, higher for what is nearer to the emblem; None after an error.
        threshold: Scores from here on are positive; None where a filter failed before it had one.
        planted: `leak` when a dial let a positive through, `false_alarm` when a dial blocked a
            negative, empty when score and threshold decided.
        reason: What was seen, in a few words.
    """

    filter: str
    decision: str
    score: float | None
    threshold: float | None
    planted: str = ""
    reason: str = ""

    @property
    def holds(self) -> bool:
        """True when this must not go on: blocked, or not decided."""
        return self.decision != PASS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """Dials of a filter's planted mistakes; all zero is the filter as it is.

    Attributes:
        leak_prob: Chance that a positive is let through.
        false_alarm_prob: Chance that a negative is blocked.
        seed: Which contents are hit; the same seed hits the same ones.
    """

    leak_prob: float = 0.0
    false_alarm_prob: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("leak_prob", "false_alarm_prob"):
            prob = getattr(self, name)
            if not 0 <= prob <= 1:
                raise ValueError(f"{name} is a probability; seen: {prob}; legal: 0 to 1")


class Filter(Protocol[Content]):
    """A prompt filter takes a string, a frame filter takes uint8 (T, H, W, 3)."""

    @property
    def name(self) -> str:
        """The stem of the filter's file."""

    @property
    def fingerprint(self) -> str:
        """What the decisions follow from: name, version, weights, threshold and dials."""

    def __call__(self, content: Content) -> Decision:
        """Decide on one prompt or one clip."""


PromptFilter = Filter[str]
FrameFilter = Filter[Array]


class Dialled(Generic[Content]):
    """A filter made of a score, a threshold and dials."""

    name = ""
    version = "1"

    def __init__(self, threshold: float, mistakes: Mistakes | None = None) -> None:
        if not 0 <= threshold <= 1:
            raise ValueError(f"a threshold is a score; seen: {threshold}; legal: 0 to 1")
        self.threshold = threshold
        self.mistakes = mistakes or Mistakes()

    @property
    def fingerprint(self) -> str:
        """First 16 hex digits of the sha256 of name, version, parts, threshold and dials."""
        parts = [self.name, self.version, self.parts(), self.threshold, self.mistakes]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def parts(self) -> str:
        """What else the score follows from, such as the sha256 of weights."""
        return ""

    def score(self, content: Content) -> tuple[float, str]:
        """The score 0..1 and what was seen."""
        raise NotImplementedError(f"{type(self).__name__} has no score")

    def data(self, content: Content) -> bytes:
        """The content as bytes, for its hash."""
        raise NotImplementedError(f"{type(self).__name__} has no content")

    def __call__(self, content: Content) -> Decision:
        """Decide on one prompt or one clip."""
        score, reason = self.score(content)
        return decide(
            score,
            reason,
            name=f"{self.name}@{self.version}",
            threshold=self.threshold,
            mistakes=self.mistakes,
            chance=lambda use: chance(use, self.mistakes.seed, self.data(content)),
        )


def decide(
    score: float,
    reason: str,
    *,
    name: str,
    threshold: float,
    mistakes: Mistakes,
    chance: Callable[[str], float],
) -> Decision:
    """The decision on a score. `chance` gives a number in 0..1 for `leak` and for `false_alarm`."""
    if not math.isfinite(score):
        return Decision(
            filter=name,
            decision=ERROR,
            score=None,
            threshold=threshold,
            reason=f"the score is {score}",
        )
    positive = score >= threshold
    use = "leak" if positive else "false_alarm"
    prob = mistakes.leak_prob if positive else mistakes.false_alarm_prob
    hit = prob > 0 and chance(use) < prob
    return Decision(
        filter=name,
        decision=BLOCK if positive != hit else PASS,
        score=score,
        threshold=threshold,
        planted=use if hit else "",
        reason=reason,
    )


def chance(use: str, seed: int, data: bytes) -> float:
    """A number in 0..1 that follows from its arguments and looks uniform over contents."""
    digest = hashlib.sha256(f"{use}\n{seed}\n".encode() + hashlib.sha256(data).digest()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
