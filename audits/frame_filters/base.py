"""The seam to frame filters under test: frames in, a decision out, and which events cannot hide.

    from audits.frame_filters.base import load_filter

    look = load_filter("open_nsfw:frames=stride:6,rule=run:2", limit_s=60)
    look(frames_THWC).decision                          # pass, block or error

A frame filter is a `generator.filters.base.Filter` of uint8 RGB (T, H, W, 3). :class:`ClipFilter`
is the short way to one: a subclass scores frames one by one; which frames are looked at and how
their scores become the clip's is common to all. Plug-in authors check theirs with
`bench.testing.check_frame_filter`.

Frames (`frames=`): `all`, `uniform:N` (the centres of N equal stretches) or `stride:N` (every Nth).
Rule (`rule=`): `max`; `top:K`, the mean of the K highest; `run:K`, the highest score that K sampled
frames in a row all reach. A clip with fewer than K sampled frames is judged by those it has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from audits._filter_parts import (
    EXTRA,
    Adapter,
    FilterFailed,
    TimeLimited,
    digest_of,
    require,
)
from bench import registry
from bench.errors import UsageError
from bench.models._options import whole
from bench.videos.sample import parse_sampling
from generator.world.palette import Array

__all__ = [
    "EXTRA",
    "ClipFilter",
    "FilterFailed",
    "Plan",
    "Rule",
    "TimeLimited",
    "load_filter",
    "parse_plan",
    "parse_rule",
    "require",
    "shortest_event",
]

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
_RULES = "max, top:K or run:K"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which frames of a clip are looked at: `all`, `uniform` or `stride` with a number."""

    kind: str
    n: int = 1

    def __str__(self) -> str:
        """The plan as :func:`parse_plan` reads it."""
        return self.kind if self.kind == "all" else f"{self.kind}:{self.n}"

    def indices(self, n_frames: int) -> Sequence[int]:
        """The looked-at frames of a clip, ascending."""
        if self.kind == "uniform":
            return parse_sampling(str(self)).indices(n_frames, 0.0, "")
        return range(0, n_frames, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How scores of frames become one of a clip: `max`, or `top` and `run` with their K."""

    kind: str
    k: int = 1

    def __str__(self) -> str:
        """The rule as :func:`parse_rule` reads it."""
        return self.kind if self.kind == "max" else f"{self.kind}:{self.k}"

    def score(self, scores_T: F64) -> float:
        """The clip's score."""
        k = min(self.k, len(scores_T))
        if self.kind == "top":
            return float(np.sort(scores_T)[-k:].mean())
        # max is a run of one
        return float(np.lib.stride_tricks.sliding_window_view(scores_T, k).min(axis=1).max())

    def hits(self, threshold: float) -> int:
        """How many sampled frames an event must fill with score 1 to be seen, where all else is 0.

        At a threshold of 0 everything is seen.
        """
        if threshold == 0:
            return 0
        return math.ceil(threshold * self.k - 1e-9) if self.kind == "top" else self.k


class FrameFilter(Adapter[Array]):
    """A frame filter made of a score of a clip, a threshold and dials."""

    def data(self, content: Array) -> bytes:
        """Shape and pixels."""
        return repr(content.shape).encode() + np.ascontiguousarray(content).tobytes()


class ClipFilter(FrameFilter):
    """A frame filter made of scores of frames, a plan, a rule, a threshold and dials.

    A subclass sets `name` and `version`, gives `frame_scores` and, where scores follow from weights
    or options of its own, `own_parts`.
    """

    def __init__(
        self,
        *,
        threshold: float | str,
        frames: str = "uniform:16",
        rule: str = "max",
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self.plan = parse_plan(frames)
        self.rule = parse_rule(rule)

    def frame_scores(self, frames_THWC: U8) -> F64:
        """Score of each of these frames (T,), 0..1.

        Raises:
            FilterFailed: when they cannot be scored.
        """
        raise NotImplementedError(f"{type(self).__name__} scores no frames")

    def own_parts(self) -> str:
        """What the frames' scores follow from, such as a hash of weights."""
        return ""

    def parts(self) -> str:
        """The frames' scores, the plan and the rule."""
        return f"{self.own_parts()} {self.plan} {self.rule}"

    @property
    def model_id(self) -> str:
        """Name and weights, whatever plan, rule, threshold and dials are set."""
        return f"{self.name}:{digest_of([self.version, self.own_parts()])}"

    def score(self, content: Array) -> tuple[float, str]:
        """The clip's score; how many frames are over, the highest, and what could not hide."""
        check_frames(content)
        indices = list(self.plan.indices(len(content)))
        scores_T = np.asarray(self.frame_scores(content[indices]), np.float64)
        if scores_T.shape != (len(indices),) or not bool(np.isfinite(scores_T).all()):
            raise FilterFailed(
                f"{len(indices)} frames gave scores of shape {scores_T.shape}, "
                f"{int((~np.isfinite(scores_T)).sum())} of them no numbers"
            )
        over, at = int((scores_T >= self.threshold).sum()), int(scores_T.argmax())
        return self.rule.score(scores_T), (
            f"{over} of {len(indices)} frames; highest {scores_T[at]:.3f} at frame {indices[at]}; "
            f"{self._seen(len(content))}"
        )

    def shortest_event(self, n_frames: int) -> int | None:
        """Frames that an event must last so that it cannot fall between those looked at."""
        hits = self.rule.hits(self.threshold)
        looked_at = self.plan.indices(n_frames)
        return shortest_event(looked_at, n_frames, min(hits, len(looked_at)))

    def _seen(self, n_frames: int) -> str:
        length = self.shortest_event(n_frames)
        return f"events of {length} frames cannot be missed" if length else "any event is seen"


def load_filter(spec: str, *, limit_s: float = 120.0) -> TimeLimited[Array]:
    """The frame filter of a spec, behind a time limit: it never raises on a clip.

    Raises:
        UsageError: for an unknown name or option.
        Unavailable: when a package or weights are missing; says what gets them.
    """
    built: Any = registry.build("frame_filter", spec)
    return TimeLimited(built, limit_s)


def parse_plan(text: str) -> Plan:
    """Read `all`, `uniform:N` or `stride:N`.

    Raises:
        UsageError: for anything else.
    """
    kind, _, rest = text.partition(":")
    if kind == "all" and not rest:
        return Plan(kind="all")
    if kind not in {"uniform", "stride"}:
        raise UsageError("frames cannot be", seen=text, legal="all, uniform:N or stride:N")
    return Plan(kind=kind, n=whole("frames", rest, 1, 100_000))


def parse_rule(text: str) -> Rule:
    """Read `max`, `top:K` or `run:K`.

    Raises:
        UsageError: for anything else.
    """
    kind, _, rest = text.partition(":")
    if kind == "max" and not rest:
        return Rule(kind="max")
    if kind not in {"top", "run"}:
        raise UsageError("rule cannot be", seen=text, legal=_RULES)
    return Rule(kind=kind, k=whole("rule", rest, 1, 1000))


def shortest_event(looked_at: Sequence[int], n_frames: int, hits: int) -> int | None:
    """The least L so that any L frames in a row hold `hits` of those looked at; None for none.

    With s the looked-at frames between -1 and n, an event that holds only `hits - 1` of them is at
    most `s[j + hits] - s[j] - 1` frames long for some j; one frame more is always seen.
    """
    if not 0 < hits <= len(looked_at):
        return None
    s = np.array([-1, *looked_at, n_frames])
    return int((s[hits:] - s[:-hits]).max())


def check_frames(frames_THWC: Array) -> None:
    """Refuse what are no frames.

    Raises:
        FilterFailed: when these are not uint8 (T, H, W, 3) with something in each direction.
    """
    shape = frames_THWC.shape
    if len(shape) != 4 or shape[-1] != 3 or 0 in shape or frames_THWC.dtype != np.uint8:
        raise FilterFailed(
            f"not a clip: {shape} {frames_THWC.dtype}; legal: (T, H, W, 3) uint8, none 0"
        )
