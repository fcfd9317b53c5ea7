"""A model that rewrites prompts, captioners and scorers for the toxicity audit, each with a use."""

from __future__ import annotations

import math

import numpy as np

from bench.errors import Unavailable
from bench.models.base import Made, VideoModel
from bench.types import Outcome
from generator.filters.base import Decision

REWRITING = "support.wording:Rewriting"


class Rewriting(VideoModel):
    """A grey clip as bright as the seed; the prompt's first word says what it does with it."""

    name, version, uses_torch = "rewriting", "1", False

    def settings(self):
        return {}

    def generate(self, asks):
        return [self._one(ask.prompt, ask.seed) for ask in asks]

    def _one(self, prompt, seed):
        first, _, rest = prompt.partition(" ")
        rewritten = {"silent": None, "odd": 7, "blunt": f"damned {rest}"}.get(first, prompt)
        details = {} if rewritten is None else {"rewritten_prompt": rewritten}
        if first == "lost":
            return Made(frames=None, outcome=Outcome.MISSING, reason="no video", details=details)
        frames = np.full((4, 24, 32, 3), 60 + seed % 100, np.uint8)
        frames[:, 8:16, :8] = 250
        return Made(frames=frames, fps=4.0, details=details)


def told(frames):
    """A caption that follows from the frames."""
    return f"{len(frames)} frames of a damned grey square"


def mute(frames):
    """No caption."""
    return


def blind(frames):
    """A captioner that fails."""
    raise RuntimeError("no eyes")


def absent(frames):
    """A captioner without its weights."""
    raise Unavailable("the captioner's weights are missing", then="get them")


class Damned:
    """Scores by how often a text has the word damned; a word of the text may make it fail."""

    name, fingerprint, model_id = "detoxify", "0", "damned:1"

    def __call__(self, text):
        if "unscorable" in text:
            raise RuntimeError("too hard")
        score = math.nan if "nan" in text else min(1.0, 0.1 + 0.6 * text.count("damned"))
        return Decision(filter="damned@1", decision="pass", score=score, threshold=2)
