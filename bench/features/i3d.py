"""I3D (Kinetics-400) logits and pooled features of 16 consecutive frames: what FVD is made of.

Frames are brought to 224 x 224 as they are decoded, by one of three rules that give other numbers:

- `squash`: bilinear, half-pixel centres, no antialias; the aspect ratio is lost. The standard.
- `tf1`: bilinear as TensorFlow 1 had it, source = target x scale, without the half pixel.
- `crop`: shorter side to 256 (bilinear, antialiased), centre crop, whole grey levels, then as
  `squash`; what cd-fvd does with video files.

One clip goes through the network at a time. On CPU that costs nothing (a clip took 1 to 8 % longer
in batches of 2 and 4 on one core of an AMD EPYC, Zen 5), and its numbers are then the same to the
bit whatever else is scored, in any process and with one thread or two.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bench import weights
from bench.errors import TooFewFrames, Unavailable, UsageError
from bench.features.base import Extractor, Frame, Step
from bench.types import Arrays, Json, Probe
from bench.videos.sample import Sampling

if TYPE_CHECKING:
    import torch

    from bench.features._i3d_net import I3dNet

F32 = npt.NDArray[np.float32]
SIDE_PX = 224
CROP_PX = 256
MIN_FRAMES = 9
_WEIGHTS = "i3d-kinetics-400"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the network sees of a video, (T, 224, 224, 3) in -1..1, and its first frame's index."""

    frames: F32
    offset: int


class I3d(Extractor):
    """Kinetics-400 logits (400,), mean-pooled Mixed_5c (1024,) and the window's first frame."""

    name = "i3d"
    version = "1"
    primary = "logits"

    def __init__(
        self,
        resize: str = "squash",
        frames: int | str = 16,
        seed: int | str = 0,
        device: str = "cpu",
    ) -> None:
        if resize not in RESIZES:
            raise UsageError("i3d has no such resize", seen=resize, legal=", ".join(RESIZES))
        self.resize = resize
        self.device = device
        self.frames = _whole("frames", frames, least=MIN_FRAMES)
        self.sampling = Sampling(kind="window", n=self.frames, seed=_whole("seed", seed, least=0))

    def settings(self) -> Mapping[str, Json]:
        """Weights, resize and device."""
        weights.locate(_WEIGHTS)
        return {
            "weights_sha256": weights.asset(_WEIGHTS).sha256,
            "resize": self.resize,
            "device": self.device.partition(":")[0],
        }

    def start(self, probe: Probe, sha256: str) -> _Pass:
        """Begin to collect one video's window."""
        return _Pass(RESIZES[self.resize], self.frames)

    def embed(self, payloads: Sequence[Window]) -> list[Arrays]:
        """Features of each window, one at a time, so that no clip depends on its neighbours."""
        import torch

        net = network(self.device)
        made: list[Arrays] = []
        for window in payloads:
            x = torch.from_numpy(window.frames).permute(3, 0, 1, 2)[None]
            with torch.inference_mode():
                logits_NK, pool_NC = net(x.to(self.device))
            made.append(
                {
                    "logits": logits_NK[0].cpu().numpy(),
                    "pool": pool_NC[0].cpu().numpy(),
                    "offset": np.asarray(window.offset, dtype=np.int64),
                }
            )
        return made


@functools.cache
def network(device: str) -> I3dNet:
    """The network with its weights on a device, loaded once a process."""
    import torch

    from bench.features import _i3d_net, _i3d_weights

    kind = device.partition(":")[0]
    if kind not in {"cpu", "cuda"}:
        raise UsageError("i3d does not run there", seen=device, legal="cpu, cuda or cuda:N")
    if kind == "cuda" and not torch.cuda.is_available():
        raise Unavailable("torch sees no CUDA device", seen=device, then="use i3d:device=cpu")
    return _i3d_net.I3dNet(_i3d_weights.load(), device)


def squash(frame_HWC: Frame) -> F32:
    """Bilinear to 224 x 224 with half-pixel centres and no antialias; grey levels as float32."""
    return _bilinear(_channels_first(frame_HWC), (SIDE_PX, SIDE_PX))


def tf1(frame_HWC: Frame) -> F32:
    """Bilinear to 224 x 224 as TensorFlow 1: source = target x scale, clamped at the far edge."""
    height, width, _ = frame_HWC.shape
    above, below, share_y = _tf1_axis(height)
    left, right, share_x = _tf1_axis(width)
    rows = frame_HWC.astype(np.float32)
    upper, lower = rows[above], rows[below]
    rows = upper + (lower - upper) * share_y[:, None, None]
    first, second = rows[:, left], rows[:, right]
    blended: F32 = first + (second - first) * share_x[None, :, None]
    return blended


def crop(frame_HWC: Frame) -> F32:
    """Shorter side to 256 antialiased, centre crop, whole grey levels, then as :func:`squash`."""
    from torch.nn import functional

    x_NCHW = _channels_first(frame_HWC) / 255.0
    height, width = x_NCHW.shape[2:]
    scale = CROP_PX / min(height, width)
    size = (CROP_PX, math.ceil(width * scale))
    if height >= width:
        size = (math.ceil(height * scale), CROP_PX)
    x_NCHW = functional.interpolate(
        x_NCHW, size, mode="bilinear", align_corners=False, antialias=True
    )
    top, left = (size[0] - CROP_PX) // 2, (size[1] - CROP_PX) // 2
    x_NCHW = x_NCHW[:, :, top : top + CROP_PX, left : left + CROP_PX]
    return _bilinear((x_NCHW * 255).byte().float(), (SIDE_PX, SIDE_PX))


RESIZES: Mapping[str, Callable[[Frame], F32]] = {"squash": squash, "tf1": tf1, "crop": crop}


class _Pass:
    """Collects a window, resizing each frame at once: 0.6 MB a frame, whatever the video's size."""

    def __init__(self, resize: Callable[[Frame], F32], n_frames: int) -> None:
        self._resize = resize
        self._x_THWC = np.empty((n_frames, SIDE_PX, SIDE_PX, 3), dtype=np.float32)
        self._n_seen = 0
        self._offset = 0

    def push(self, step: Step) -> None:
        if self._n_seen == 0:
            self._offset = step.index
        self._x_THWC[self._n_seen] = self._resize(step.frame_HWC)
        self._n_seen += 1

    def finish(self) -> Window:
        if self._n_seen < len(self._x_THWC):
            raise TooFewFrames(
                f"I3D was to see {len(self._x_THWC)} consecutive frames",
                seen=f"{self._n_seen} frames",
            )
        self._x_THWC /= np.float32(127.5)
        self._x_THWC -= np.float32(1)
        return Window(frames=self._x_THWC, offset=self._offset)


def _whole(option: str, value: int | str, *, least: int) -> int:
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least:
        raise UsageError(
            f"i3d cannot use this {option}", seen=value, legal=f"a whole number from {least} on"
        )
    return number


def _channels_first(frame_HWC: Frame) -> torch.Tensor:
    import torch

    return torch.from_numpy(frame_HWC).permute(2, 0, 1)[None].float()


def _bilinear(x_NCHW: torch.Tensor, size: tuple[int, int]) -> F32:
    from torch.nn import functional

    resized = functional.interpolate(x_NCHW, size, mode="bilinear", align_corners=False)
    made: F32 = resized[0].permute(1, 2, 0).numpy()
    return made


def _tf1_axis(n_px: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], F32]:
    """For each target pixel: the two source pixels and the share of the second, in float32."""
    source = np.arange(SIDE_PX, dtype=np.float32) * (np.float32(n_px) / np.float32(SIDE_PX))
    first = np.floor(source).astype(np.intp)
    second = np.minimum(first + 1, n_px - 1)
    return first, second, source - first.astype(np.float32)
