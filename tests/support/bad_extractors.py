"""Extractors as other people write them on a bad day: they die, raise, or cannot be had."""

from __future__ import annotations

import os

import numpy as np

from bench.errors import StorageError, Unavailable
from bench.features.base import Extractor

COUNTING = "support.bad_extractors:Counting"
FAILING = "support.bad_extractors:Failing"


class _Count:
    def __init__(self):
        self.n = 0

    def push(self, step):
        self.n += 1

    def finish(self):
        return {"n": np.array(self.n)}


class Counting(Extractor):
    """Counts frames, and appends a line to the file `log` for each video that it is started on."""

    name, version, uses_torch = "counting", "1", False

    def __init__(self, log=""):
        self.log = log

    def settings(self):
        return {}

    def start(self, probe, sha256):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{sha256} {os.getpid()}\n")
        return _Count()


class Failing(Counting):
    """Fails on videos of `frames` frames: the process dies, or an exception is raised."""

    name = "failing"

    def __init__(self, frames="5", how="raise"):
        super().__init__()
        self.frames, self.how = int(frames), how

    def start(self, probe, sha256):
        if probe.n_frames == self.frames:
            if self.how == "die":
                os._exit(9)
            if self.how == "disk":
                raise StorageError("the disk is full")
            raise RuntimeError("no idea\nwhat to do")
        return _Count()

    def embed_text(self, texts):
        os._exit(9)


class Absent(Counting):
    """Cannot be had on this machine."""

    name = "absent"

    def settings(self):
        raise Unavailable("its weights are not here", then="prescreen weights fetch it")


class Unbuildable(Counting):
    """Raises when a worker builds it."""

    def __init__(self):
        raise Unavailable("its weights went away")
