"""Systems under test as they are on a bad day: they refuse, fail, die, or look at their batch."""

from __future__ import annotations

import os

import numpy as np

from bench.models.base import Ask, Made, VideoModel
from bench.models.constant import known_clip
from bench.types import Outcome

MOODY = "support.models:Moody"
BATCHED = "support.models:Batched"
PLAIN = "support.models:plain"


class Moody(VideoModel):
    """Does what the prompt's first word says; `log` gets a line for each ask."""

    name, version, uses_torch = "moody", "1", False

    def __init__(self, log=""):
        self.log = log

    def settings(self):
        return {}

    def generate(self, asks):
        return [self._one(ask) for ask in asks]

    def _one(self, ask):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{ask.prompt}\n")
        word = ask.prompt.split()[0]
        if word == "die":
            os._exit(9)
        if word == "raise":
            raise RuntimeError("no idea\nwhat to do")
        if word == "forbidden":
            details = {"filter": {"where": "input", "blocked": True}}
            return Made(
                frames=None, outcome=Outcome.SUPPRESSED, reason="the input filter", details=details
            )
        if word == "nothing":
            return Made(frames=None, outcome=Outcome.MISSING, reason="no video came back")
        if word == "bent":
            return Made(frames=np.zeros((2, 8, 8)), fps=8)
        frames = known_clip(8, 48, 64 + ask.seed % 2)
        return Made(frames=frames if word == "array" else iter(frames), fps=8)


class Batched(VideoModel):
    """Gives every video of a batch the brightness of the batch's size; logs each call."""

    name, version, uses_torch = "batched", "1", False
    batch_size = 2

    def __init__(self, log=""):
        self.log = log

    def settings(self):
        return {}

    def generate(self, asks):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{len(asks)}\n")
        if any("raise" in ask.prompt for ask in asks):
            raise RuntimeError("not this one")
        frames = np.full((4, 32, 32, 3), 60 * len(asks), np.uint8)
        return [Made(frames=frames, fps=8) for _ in asks]


class Short(Moody):
    """Forgets the last video."""

    name = "short"

    def generate(self, asks):
        return []


def plain(prompt, seed):
    """Frames and rate, as the adapter `callable` takes them."""
    return known_clip(4, 32, 48), 6.0


def only_frames(prompt, seed):
    """Frames alone, or nothing for prompts that ask for nothing."""
    return None if prompt == "nothing" else known_clip(4, 32, 48)


ASK = Ask(prompt="a red ball moves to the left", seed=3)
