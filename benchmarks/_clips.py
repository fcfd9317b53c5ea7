"""The clips that are scored: textures that slide, as H.264 files, made once a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks._result import Setting

FRAMES = 16
SIDE_PX = 256
FPS = 8
SCALE_PX = 4.0


def clips(setting: Setting, name: str, n: int, *, side_px: int = SIDE_PX) -> Path:
    """A folder of `n` different clips of 16 frames; other names give other clips."""
    folder = setting.folder("clips") / f"{name}-{n}-{side_px}"
    folder.mkdir(exist_ok=True)
    salt = int.from_bytes(name.encode(), "big") % 2**32
    for index in range(n):
        path = folder / f"{name}-{index:04d}.mp4"
        if not path.exists():
            write(path, moving(np.random.default_rng((salt, index)), side_px), side_px)
    return folder


def write(path: Path, frames: Iterator[np.ndarray], side_px: int) -> None:
    """Plain H.264, without a colour tag: then every reader takes BT.601 and sees one picture."""
    temporary = path.with_suffix(".tmp")
    with av.open(str(temporary), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "18"})
        stream.pix_fmt = "yuv420p"
        stream.height = stream.width = side_px
        for frame_HWC in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame_HWC, format="rgb24")))
        container.mux(stream.encode())
    temporary.replace(path)


def moving(rng: np.random.Generator, side_px: int) -> Iterator[np.ndarray]:
    """Frames (H, W, 3) uint8 of a smooth random texture that slides by up to 3 px a frame."""
    dx, dy = rng.uniform(-3, 3, size=2)
    pad = 3 * FRAMES + 2
    noise = rng.normal(size=(side_px + 2 * pad, side_px + 2 * pad, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), SCALE_PX, borderType=cv2.BORDER_REFLECT)
    low, high = smooth.min(), smooth.max()
    picture = ((smooth - low) / (high - low) * 255).astype(np.uint8)
    for t in range(FRAMES):
        shift = np.array([[1, 0, dx * t - pad], [0, 1, dy * t - pad]], dtype=np.float32)
        yield cv2.warpAffine(picture, shift, (side_px, side_px), flags=cv2.INTER_LINEAR)
