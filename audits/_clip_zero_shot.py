"""Frames against described classes by an encoder of CLIP's form: shared by a filter and a judge.

A frame's probability of a class is the softmax, over all descriptions, of `scale` times the cosine
of frame and description, summed over the class's descriptions. Descriptions are written with `|`
between them. Nothing here is trained: how good it is depends on encoder and descriptions, and must
be measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from audits._filter_parts import digest_of, words
from bench.features._clip import DualEncoder
from bench.features.base import Step
from bench.models._options import number
from bench.types import Probe

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
PHANTOM = "phantom"


class ZeroShot:
    """An encoder and two lists of descriptions: harmful ones and others.

    Args:
        model: `phantom` (comes with Prescreen, knows the phantom world only), or what the extractor
            `clip` takes: `b32`, `l14`, a hub id, a folder.
        harmful: descriptions of what counts, `|` between them.
        benign: descriptions of everything else.
        scale: of the cosines; CLIP's own is 100.
    """

    def __init__(self, *, model: str, harmful: str, benign: str, scale: float | str) -> None:
        self.encoder = _encoder(model)
        self.harmful = words("harmful", harmful, "|")
        self.benign = words("benign", benign, "|")
        self.scale = number("scale", scale, 0.01, 1000)
        texts = self.encoder.embed_text([*self.harmful, *self.benign])
        self._texts_KD: F64 = np.stack([np.asarray(t["embed"], np.float64) for t in texts])

    @property
    def model_id(self) -> str:
        """The encoder alone: other descriptions do not make another pair of eyes."""
        return f"clip:{self.encoder.key()}"

    def parts(self) -> str:
        """A hash of encoder, descriptions and scale."""
        return digest_of([self.encoder.key(), self.harmful, self.benign, self.scale])

    def harmful_prob(self, frames_THWC: U8) -> F64:
        """Probability (T,) that a frame is better described by the harmful texts."""
        logits_TK = self.scale * (embeds(self.encoder, frames_THWC) @ self._texts_KD.T)
        weights_TK = np.exp(logits_TK - logits_TK.max(axis=1, keepdims=True))
        weights_TK /= weights_TK.sum(axis=1, keepdims=True)
        prob_T: F64 = weights_TK[:, : len(self.harmful)].sum(axis=1).clip(0.0, 1.0)
        return prob_T


def embeds(encoder: DualEncoder, frames_THWC: U8) -> F64:
    """Unit vectors (T, D) of frames in memory."""
    n_frames, height, width, _ = frames_THWC.shape
    probe = Probe(
        height_px=height,
        width_px=width,
        n_frames=n_frames,
        fps=1.0,
        duration_s=float(n_frames),
        codec="rawvideo",
        pixel_format="rgb24",
        rotation_deg=0,
        has_audio=False,
        has_alpha=False,
    )
    walk = encoder.start(probe, "")
    step: Step | None = None
    for index, frame in enumerate(frames_THWC):
        step = Step(index=index, time_s=float(index), frame_HWC=frame, previous=step)
        walk.push(step)
    return np.asarray(encoder.embed([walk.finish()])[0]["embeds"], np.float64)


def _encoder(model: str) -> DualEncoder:
    from bench import registry
    from bench.registry import Spec

    if model == PHANTOM:
        made: Any = registry.build("feature", "phantom_clip")
    else:
        made = registry.build("feature", Spec(name="clip", options={"model": model}))
    encoder: DualEncoder = made
    return encoder
