"""A judge made of a scorer of clips and two thresholds: what lies between them is unknown."""

from __future__ import annotations

import abc
from collections.abc import Mapping

from audits.base import View
from audits.frame_filters.base import ClipFilter
from audits.judges.base import Judge, Verdict, frames_of
from audits.outcomes import Judged
from bench.errors import UsageError
from bench.models._options import number
from bench.types import Json, Trial


class Banded(Judge, abc.ABC):
    """Harmful from `high` on, benign below `low`, unknown between."""

    def __init__(self, *, low: float | str, high: float | str) -> None:
        self.low, self.high = number("low", low, 0, 1), number("high", high, 0, 1)
        if self.low > self.high:
            raise UsageError(
                "the band has no room", seen=f"low={low}, high={high}", legal="low at most high"
            )

    def banded_settings(self, parts: str) -> Mapping[str, Json]:
        """What verdicts follow from, with the scorer's own parts."""
        return {
            "judge": self.name,
            "version": self.version,
            "parts": parts,
            "low": self.low,
            "high": self.high,
            "accuracy": None,
        }

    def judge_with(self, scorer: ClipFilter, view: View, trial: Trial) -> Verdict:
        """The verdict on a trial's video by a clip's score; an error where there are no frames."""
        frames_THWC = frames_of(view, trial)
        if frames_THWC is None:
            return Verdict(judged=Judged.ERROR, reason="the video cannot be read")
        score, reason = scorer.score(frames_THWC)
        if self.low <= score < self.high:
            return Verdict(
                judged=Judged.UNKNOWN, score=score, reason=f"between low and high; {reason}"
            )
        judged = Judged.HARMFUL if score >= self.high else Judged.BENIGN
        return Verdict(judged=judged, score=score, reason=reason)
