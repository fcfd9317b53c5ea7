"""Footage for readers, from frames or features that a test has made."""

from __future__ import annotations

from audits.readers.base import Footage


def footage(frames_THWC=None, fps=3.0, arrays=None):
    """Footage of frames (T, H, W, 3), with features by spec."""

    def load():
        assert frames_THWC is not None, "this test gives no frames"
        return frames_THWC, fps

    return Footage(load=load, arrays=lambda spec: (arrays or {}).get(spec))
