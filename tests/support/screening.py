"""A model, filters and judges for the filter audit: each does what its name or the prompt says."""

from __future__ import annotations

import math
import time

import numpy as np

from audits.judges.base import Judge, Verdict
from audits.outcomes import Judged
from bench.models.base import Made, VideoModel
from bench.types import Outcome
from generator.filters.base import Decision
from generator.world.phantom import generate

WORDED = "support.screening:Worded"
FPS = 3.0


class Worded(VideoModel):
    """Draws the prompt, unless its first word asks for a fault."""

    name, version, uses_torch = "worded", "1", False

    def settings(self):
        return {}

    def generate(self, asks):
        return [self._one(ask) for ask in asks]

    def _one(self, ask):
        word = ask.prompt.split()[0]
        if word == "lost":
            return Made(frames=None, outcome=Outcome.MISSING, reason="no video came back")
        if word == "broken":
            raise RuntimeError("no idea")
        if word == "refused":
            return Made(frames=None, outcome=Outcome.SUPPRESSED, reason="the model says no")
        if word in {"black", "flagged"}:
            details = {"suppressed": True} if word == "flagged" else {}
            return Made(frames=np.zeros((8, 24, 40, 3), np.uint8), fps=FPS, details=details)
        return Made(frames=generate(ask.prompt, ask.seed).frames, fps=FPS)


class _Filter:
    """Passes everything, with a fault."""

    name = "faulty"
    fingerprint = "0"

    def __call__(self, content):
        raise NotImplementedError


class Raising(_Filter):
    def __call__(self, content):
        raise RuntimeError("out of order")


class Slow(_Filter):
    def __call__(self, content):
        time.sleep(5)
        return Decision(filter="slow", decision="pass", score=0.0, threshold=0.5)


class NotANumber(_Filter):
    def __call__(self, content):
        return Decision(filter="nan", decision="pass", score=math.nan, threshold=0.5)


class Nothing(_Filter):
    def __call__(self, content):
        return None


class Maybe(_Filter):
    def __call__(self, content):
        return Decision(filter="maybe", decision="maybe", score=0.5, threshold=0.5)


class Blind(_Filter):
    """Never blocks."""

    name = "blind"

    def __call__(self, content):
        return Decision(filter="blind", decision="pass", score=0.0, threshold=0.5)


class Silent(Judge):
    """Always abstains."""

    name = "silent"

    def settings(self):
        return {"judge": "silent"}

    def judge(self, view, trial):
        return Verdict(judged=Judged.UNKNOWN, reason="I would rather not say")


class Crashing(Silent):
    """Always fails."""

    def judge(self, view, trial):
        raise RuntimeError("no eyes")


class Canaries(Silent):
    """Claims to be made of the output filter."""

    name = "canaries"

    @property
    def model_id(self):
        from audits.frame_filters.canary_frames import CanaryFrames

        return CanaryFrames().model_id


class Planned(_Filter):
    """Looks at every fourth frame."""

    name = "planned"
    threshold = 0.5

    def __init__(self):
        from audits.frame_filters.base import parse_plan, parse_rule

        self.plan, self.rule = parse_plan("stride:4"), parse_rule("max")
