"""Watermark detectors of a few lines, loaded as a user's plug-in would be."""

import numpy as np

from audits.watermarks.base import Reading, Watermark

MUTE = "support.detectors:Mute"


class Mute(Watermark):
    """A detector without bits or p-value: its score is the mean brightness."""

    name = "mute"

    def settings(self):
        return {}

    def detect(self, frames_THWC):
        return Reading(score=float(np.mean(frames_THWC)))
