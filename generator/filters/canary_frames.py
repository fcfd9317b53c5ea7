"""The output filter: a small convolutional network that looks for the canary emblem in frames.

Up to 16 evenly spaced frames are brought to 24 x 40 pixels and scored one by one; a clip's score is
that of its second-highest frame, so one frame of noise raises no alarm, and an emblem that shows in
a single sampled frame is missed. The network is trained by `python -m generator.filters.train` on
renders with noise, blur and changed light; it shares nothing with the readers of the world.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from generator.filters.base import Dialled, Mistakes
from generator.store import fill, load_weights
from generator.world.palette import Array

WEIGHTS = Path(__file__).parent / "canary_frames.safetensors"
SHA256 = "155031e6ae6cebf72e9d7b3e05f231a7c5a8442788aaa608e2f183583b816ad8"
"""Of the weights that ship, pinned."""

HEIGHT_PX, WIDTH_PX, MAX_FRAMES = 24, 40, 16
THRESHOLD = 0.5


class EmblemNet(nn.Module):
    """Frames -1..1 (B, 3, H, W) -> one logit each, wherever the emblem stands."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width + 4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width + 4, width + 4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width + 4, 1, 1),
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Logits (B,): the highest of any place."""
        logits: Tensor = self.layers(x_BCHW).amax(dim=(1, 2, 3))
        return logits


def prepare(frames_THWC: Array) -> Tensor:
    """Up to 16 evenly spaced frames at the network's size, float -1..1 (t, 3, 24, 40).

    Raises:
        ValueError: when these are not frames.
    """
    shape = frames_THWC.shape
    if len(shape) != 4 or shape[-1] != 3 or 0 in shape or frames_THWC.dtype != np.uint8:
        raise ValueError(
            f"not a clip; seen: {shape} {frames_THWC.dtype}; legal: (T, H, W, 3) uint8, none 0"
        )
    at = np.unique(np.linspace(0, shape[0] - 1, MAX_FRAMES).round().astype(int))
    small = np.stack([_resized(np.ascontiguousarray(frames_THWC[i])) for i in at])
    return torch.from_numpy(small).permute(0, 3, 1, 2).float() / 127.5 - 1


def _resized(frame_HWC: Array) -> Array:
    if frame_HWC.shape[:2] == (HEIGHT_PX, WIDTH_PX):
        return frame_HWC
    bigger = frame_HWC.shape[0] >= HEIGHT_PX
    how = cv2.INTER_AREA if bigger else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(frame_HWC, (WIDTH_PX, HEIGHT_PX), interpolation=how))


class CanaryFrames(Dialled[Array]):
    """Frames uint8 (T, H, W, 3) -> decision."""

    name = "canary_frames"
    version = "1"

    def __init__(
        self,
        threshold: float = THRESHOLD,
        mistakes: Mistakes | None = None,
        *,
        weights: Path = WEIGHTS,
        sha256: str | None = SHA256,
    ) -> None:
        """Load the network. `sha256` None takes any file, for studies of other weights.

        Raises:
            FileNotFoundError: when the weights are not there.
            BadWeights: when they are not whole or not the pinned ones.
        """
        super().__init__(threshold, mistakes)
        held = load_weights(weights, sha256=sha256)
        self.sha256 = held.sha256
        self.network = EmblemNet()
        fill(self.network, held.tensors, "the canary filter")
        self.network.eval().requires_grad_(False)

    def parts(self) -> str:
        """The weights' sha256."""
        return self.sha256

    @torch.inference_mode()
    def frame_scores(self, content: Array) -> Array:
        """Score of each frame that is looked at (t,), 0..1."""
        scores: Array = torch.sigmoid(self.network(prepare(content))).numpy()
        return scores

    def score(self, content: Array) -> tuple[float, str]:
        """The second-highest frame's score; of a single frame, its own."""
        scores = self.frame_scores(content)
        n_over = int((scores >= self.threshold).sum())
        second = float(np.sort(scores)[-min(2, len(scores))])
        return second, f"{n_over} of {len(scores)} frames"

    def data(self, content: Array) -> bytes:
        """Shape and pixels."""
        return repr(content.shape).encode() + np.ascontiguousarray(content).tobytes()
