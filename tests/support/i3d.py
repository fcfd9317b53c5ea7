"""What tests of I3D and FVD share: the need for its weights, and clips with made-up logits."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bench import weights
from bench.errors import Unavailable
from bench.types import Clip

GOLDEN = Path(__file__).parent.parent / "golden"


def need_i3d() -> None:
    """Skip a test where I3D's weights are absent; fail it where CI should have installed them."""
    try:
        weights.locate("i3d-kinetics-400")
    except Unavailable as error:
        lack = f"I3D's weights are not here ({error}); or: make setup"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(lack)
        pytest.skip(lack)


def clip_of_logits(logits_D: npt.ArrayLike, spec: str = "i3d") -> Clip:
    """A clip whose I3D logits are given."""
    return Clip(
        name="clip",
        n_frames=16,
        fps=24.0,
        height_px=64,
        width_px=64,
        features={spec: {"logits": np.asarray(logits_D, np.float32)}},
    )


def golden_logits() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The logits (64, 400) of the two golden sets of clips."""
    held = np.load(GOLDEN / "fvd_features.npz")
    return held["real_A/logits"], held["real_B/logits"]
