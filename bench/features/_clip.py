"""What every extractor with a checkpoint of CLIP's form shares: preparation, passes, texts.

A subclass says where its checkpoint lies. Frames are embedded as they come, a few at a time: what
is held until the video ends is one vector a frame.
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames
from bench.features._clip_files import CHUNK, Checkpoint, Preparation, read_preparation
from bench.features._clip_resize import resize_crop, resize_squeeze
from bench.features.base import Extractor, Step
from bench.types import Arrays, Json, Probe
from bench.videos.sample import parse_sampling

if TYPE_CHECKING:
    from bench.features._clip_model import Model

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]


class DualEncoder(Extractor):
    """Unit vectors of frames and prompts, by a checkpoint of CLIP's form."""

    primary = "embeds"

    def __init__(self, *, frames: str, prefix: str, device: str) -> None:
        self.sampling = parse_sampling(frames)
        self.prefix = f"{prefix.rstrip()} " if prefix.strip() else ""
        self.device = device

    @abc.abstractmethod
    def find(self) -> Checkpoint:
        """Where the checkpoint lies.

        Raises:
            Unavailable: when it is not on this machine; says what to do.
        """

    @functools.cached_property
    def _checkpoint(self) -> Checkpoint:
        return self.find()

    @functools.cached_property
    def _preparation(self) -> Preparation:
        return read_preparation(self._checkpoint)

    @functools.cached_property
    def _model(self) -> Model:
        from bench.features._clip_model import Model

        return Model(self._checkpoint, self._preparation, self.device)

    def settings(self) -> Mapping[str, Json]:
        """The checkpoint's name and digests, how frames are prepared, and the prompt's prefix."""
        prepared = {
            k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self._preparation).items()
        }
        squeeze = prepared.pop("squeeze")
        return {
            "model": self._checkpoint.model,
            **self._checkpoint.digests(),
            "resize": "pillow-bicubic-squeeze" if squeeze else "pillow-bicubic",
            **prepared,
            "prefix": self.prefix,
            "dtype": "float32",
            # other kernels sum in another order: the last bits differ between kinds of device
            "device": self.device.partition(":")[0],
        }

    def start(self, probe: Probe, sha256: str) -> _Pass:
        """Prepare and embed the frames of one video; the model is loaded with the first of them."""
        return _Pass(self._preparation, self._embed_frames)

    def _embed_frames(self, crops_NHWC: U8) -> F32:
        return self._model.embed_frames(crops_NHWC)

    def embed(self, payloads: Sequence[F32]) -> list[Arrays]:
        """Name each video's vectors (T, D), which its pass has made already."""
        return [{"embeds": embeds_TD} for embeds_TD in payloads]

    def embed_text(self, texts: Sequence[str]) -> list[Arrays]:
        """Embed prompts, each alone."""
        made = [self._model.embed_text(self.prefix + text) for text in texts]
        return [
            {
                "embed": text.embed,
                "n_tokens": np.array(text.n_tokens),
                "n_kept": np.array(text.n_kept),
            }
            for text in made
        ]


class _Pass:
    """Keeps the vector of every frame, and the crops of less than one chunk.

    The chunks are the model's own, counted from the first frame, so that the vectors are to the bit
    those of all crops embedded at once.
    """

    def __init__(self, preparation: Preparation, embed_frames: Callable[[U8], F32]) -> None:
        self._short_px, self._crop_px = preparation.short_px, preparation.crop_px
        self._squeeze = preparation.squeeze
        self._embed_frames = embed_frames
        self._crops: list[U8] = []
        self._embeds_ND: list[F32] = []

    def push(self, step: Step) -> None:
        name = f"clip {self._short_px} {self._crop_px} {self._squeeze}"
        self._crops.append(step.shared(name, self._crop))
        if len(self._crops) == CHUNK:
            self._embed()

    def _crop(self, step: Step) -> U8:
        if self._squeeze:
            return resize_squeeze(step.frame_HWC, side_px=self._crop_px)
        return resize_crop(step.frame_HWC, short_px=self._short_px, crop_px=self._crop_px)

    def _embed(self) -> None:
        self._embeds_ND.append(self._embed_frames(np.stack(self._crops)))
        self._crops.clear()

    def finish(self) -> F32:
        """The unit vectors (T, D)."""
        if self._crops:
            self._embed()
        if not self._embeds_ND:
            raise TooFewFrames("CLIP needs a frame to look at", seen="0 frames")
        return np.concatenate(self._embeds_ND)
