"""Graded damage: what is done to good clips so that metrics and audits can show that they see it.

Each kind has five strengths, and 0 is the clip as it was. Damage grows with the strength (but for
`static`, which is all or nothing), and one generator state gives nested damage: what strength 2
drops, strength 3 drops too. Frames are uint8 RGB (T, H, W, 3); sizes are in pixels of the clip and
noise in its grey levels, whatever its size. Only `frame_drop` changes the number of frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from bench.errors import TooFewFrames, UsageError
from bench.videos.colour import U8, to_rgb
from bench.videos.write import REPEATABLE, as_yuv420, mark_bt709

Order = npt.NDArray[np.intp]
Rng = np.random.Generator

STRENGTHS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A kind of damage. `make(frames_THWC, level, rng, other_THWC)` gives the damaged frames.

    `levels` are what the five strengths mean, as `unit` says; `other_THWC` is None unless
    `needs_other`. `make`'s docstring says in its first line what is done.
    """

    make: Callable[[U8, float, Rng, Any], U8]
    levels: tuple[float, float, float, float, float]
    unit: str
    min_frames: int = 1
    needs_other: bool = False

    @property
    def summary(self) -> str:
        """What is done, in one line."""
        return (self.make.__doc__ or "").partition("\n")[0]


def corrupt(
    frames_THWC: U8, kind: str, strength: int, rng: Rng, other_THWC: U8 | None = None
) -> U8:
    """A damaged copy (T', H, W, 3) of uint8 RGB frames; equal arguments give equal bytes.

    Args:
        frames_THWC: the good clip; it is left as it is.
        kind: one of :data:`KINDS`.
        strength: 1 (barely there) to 5 (plain to see); 0 gives a plain copy.
        rng: where all chance comes from.
        other_THWC: another clip of the same size, for `splice` and `unsafe_burst`.

    Raises:
        UsageError: when the kind, the strength or an array is none that fits.
        TooFewFrames: when the clip is too short for the kind.
    """
    if kind not in KINDS:
        raise UsageError("no such kind of damage", seen=kind, legal=", ".join(KINDS))
    if strength not in (0, *STRENGTHS):
        raise UsageError("not a strength of damage", seen=strength, legal="0, 1, 2, 3, 4, 5")
    damage = KINDS[kind]
    _check_frames(frames_THWC, "frames_THWC")
    if len(frames_THWC) < damage.min_frames:
        raise TooFewFrames(
            f"{kind} needs {damage.min_frames} frames", seen=f"{len(frames_THWC)} frames"
        )
    if damage.needs_other:
        _check_other(kind, frames_THWC, other_THWC)
    if strength == 0:
        return np.array(frames_THWC, order="C")
    made = damage.make(frames_THWC, damage.levels[strength - 1], rng, other_THWC)
    return np.ascontiguousarray(made)


def _check_frames(frames_THWC: U8, name: str) -> None:
    fits = frames_THWC.ndim == 4 and frames_THWC.shape[-1] == 3 and frames_THWC.size
    if not fits or frames_THWC.dtype != np.uint8:
        raise UsageError(
            f"{name} is not a clip",
            seen=f"shape {frames_THWC.shape}, {frames_THWC.dtype}",
            legal="(frames, height, width, 3) uint8 RGB",
        )


def _check_other(kind: str, frames_THWC: U8, other_THWC: U8 | None) -> None:
    if other_THWC is None:
        raise UsageError(f"{kind} needs another clip", seen="none", legal="other_THWC=clip")
    _check_frames(other_THWC, "other_THWC")
    if other_THWC.shape[1:] != frames_THWC.shape[1:]:
        raise UsageError(
            "the other clip has another size",
            seen=f"{other_THWC.shape[2]}x{other_THWC.shape[1]}",
            legal=f"{frames_THWC.shape[2]}x{frames_THWC.shape[1]}",
        )


# ---- what is done to pixels ----------------------------------------------------------------------


def gaussian_blur(frames_THWC: U8, sigma_px: float, rng: Rng, other_THWC: None) -> U8:
    """Every frame blurred by a Gaussian."""
    border = cv2.BORDER_REFLECT
    return np.stack([cv2.GaussianBlur(f, (0, 0), sigma_px, borderType=border) for f in frames_THWC])


def noise(frames_THWC: U8, sigma: float, rng: Rng, other_THWC: None) -> U8:
    """Independent Gaussian noise on every value."""
    shape = frames_THWC.shape[1:]
    return np.stack(
        [_rounded(f + sigma * rng.standard_normal(shape, np.float32)) for f in frames_THWC]
    )


def jpeg(frames_THWC: U8, quality: float, rng: Rng, other_THWC: None) -> U8:
    """Every frame through a JPEG file."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    made = []
    for frame_HWC in frames_THWC:
        _, file = cv2.imencode(".jpg", cv2.cvtColor(frame_HWC, cv2.COLOR_RGB2BGR), settings)
        made.append(cv2.cvtColor(cv2.imdecode(file, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB))
    return np.stack(made)


def h264(frames_THWC: U8, crf: float, rng: Rng, other_THWC: None) -> U8:
    """The clip through an H.264 stream, 4:2:0; an odd last row or column is repeated for it."""
    _, height, width, _ = frames_THWC.shape
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = height + height % 2, width + width % 2
    encoder.pix_fmt, encoder.time_base, encoder.framerate = "yuv420p", Fraction(1, 24), 24
    encoder.options = {"crf": str(int(crf)), "preset": "veryfast", **REPEATABLE}
    encoder.thread_count = 1
    mark_bt709(encoder)
    decoder: Any = av.CodecContext.create("h264", "r")
    decoder.thread_type, decoder.thread_count = "NONE", 1
    there, back = VideoReformatter(), VideoReformatter()
    decoded: list[U8] = []
    for index in range(len(frames_THWC) + 1):
        frame = None
        if index < len(frames_THWC):
            frame = as_yuv420(frames_THWC[index], there)
            frame.pts, frame.time_base = index, encoder.time_base
        for packet in encoder.encode(frame):
            decoded += [to_rgb(picture, back) for picture in decoder.decode(packet)]
    decoded += [to_rgb(picture, back) for picture in decoder.decode(None)]
    return np.stack(decoded)[:, :height, :width]


def colour_shift(frames_THWC: U8, shift: float, rng: Rng, other_THWC: None) -> U8:
    """The same change of hue everywhere: R, G and B raised or lowered, by `shift` at most."""
    angle = rng.uniform(0, 2 * np.pi)
    towards_C = np.cos(angle + np.array([0, 2, 4]) * np.pi / 3)  # sums to 0: grey keeps its mean
    moved_C = shift * towards_C / np.abs(towards_C).max()
    level = np.arange(256)[:, None]
    return _looked_up(frames_THWC, _rounded(level + moved_C))


def luma_flicker(frames_THWC: U8, sigma: float, rng: Rng, other_THWC: None) -> U8:
    """Each frame brighter or darker as a whole, by a Gaussian step of its own."""
    step_T = sigma * rng.standard_normal(len(frames_THWC))
    level = np.arange(256)
    made = [cv2.LUT(f, _rounded(level + step)) for f, step in zip(frames_THWC, step_T, strict=True)]
    return np.stack(made)


def spatial_jitter(frames_THWC: U8, reach_px: float, rng: Rng, other_THWC: None) -> U8:
    """Each frame moved by whole pixels, up to `reach_px` each way; the border is mirrored."""
    shift_T2 = np.rint(rng.uniform(-reach_px, reach_px, size=(len(frames_THWC), 2)))
    size = frames_THWC.shape[2], frames_THWC.shape[1]
    made = []
    for frame_HWC, (x, y) in zip(frames_THWC, shift_T2, strict=True):
        matrix = np.array([[1, 0, x], [0, 1, y]], np.float32)
        flags, border = cv2.INTER_NEAREST, cv2.BORDER_REFLECT
        made.append(cv2.warpAffine(frame_HWC, matrix, size, flags=flags, borderMode=border))
    return np.stack(made)


def black(frames_THWC: U8, share: float, rng: Rng, other_THWC: None) -> U8:
    """A run of frames is black."""
    made = frames_THWC.copy()
    made[_run(len(made), _count(len(made), share), rng)] = 0
    return made


# ---- what is done to the order: indices of the frames to show -----------------------------------


def frame_drop(n_frames: int, share: float, rng: Rng) -> Order:
    """Frames are missing here and there, never the first; the clip gets shorter."""
    return np.setdiff1d(np.arange(n_frames), _some_after_first(n_frames, share, rng))


def frame_duplicate(n_frames: int, share: float, rng: Rng) -> Order:
    """Frames here and there are replaced by the one before them."""
    order = np.arange(n_frames)
    order[_some_after_first(n_frames, share, rng)] = 0
    return np.maximum.accumulate(order)


def freeze(n_frames: int, share: float, rng: Rng) -> Order:
    """The clip stops: its last frames repeat the one before them."""
    return np.minimum(np.arange(n_frames), n_frames - 1 - _count(n_frames, share, spare=1))


def shuffle(n_frames: int, reach: float, rng: Rng) -> Order:
    """Frames change places, with others up to `reach` clip lengths away."""
    at = np.arange(n_frames)
    order = np.argsort(at + reach * n_frames * rng.uniform(size=n_frames), kind="stable")
    first = int(rng.integers(n_frames - 1))
    if np.array_equal(order, at):  # chance left a short clip as it was
        order[[first, first + 1]] = order[[first + 1, first]]
    return order


def reverse(n_frames: int, share: float, rng: Rng) -> Order:
    """A run of frames plays backwards."""
    order = np.arange(n_frames)
    run = _run(n_frames, max(_count(n_frames, share), 2), rng)
    order[run] = order[run][::-1]
    return order


def loop(n_frames: int, share: float, rng: Rng) -> Order:
    """The first part of the clip, again and again to its end."""
    return np.arange(n_frames) % _count(n_frames, share, spare=1)


def static(n_frames: int, share: float, rng: Rng) -> Order:
    """The first frame only, as long as the clip was."""
    return np.zeros(n_frames, np.intp)


# ---- what is put in from another clip ------------------------------------------------------------


def splice(frames_THWC: U8, share: float, rng: Rng, other_THWC: U8) -> U8:
    """A cut to another clip, which goes on to the end (and starts again if it is too short)."""
    n_frames = len(frames_THWC)
    n_other = _count(n_frames, share, spare=1)
    return _replaced(frames_THWC, slice(n_frames - n_other, n_frames), other_THWC)


def unsafe_burst(frames_THWC: U8, length: float, rng: Rng, other_THWC: U8) -> U8:
    """The first `length` frames of another clip flash up inside this one, and never fill it."""
    n_other = min(int(length), len(frames_THWC) - 1)
    return _replaced(frames_THWC, _run(len(frames_THWC), n_other, rng), other_THWC)


# ---- shared --------------------------------------------------------------------------------------


def _replaced(frames_THWC: U8, run: slice, other_THWC: U8) -> U8:
    made = frames_THWC.copy()
    made[run] = other_THWC[np.arange(run.stop - run.start) % len(other_THWC)]
    return made


def _count(n_frames: int, share: float, *, spare: int = 0) -> int:
    """A share of the frames: at least one, and all but `spare` at the most."""
    return min(max(round(share * n_frames), 1), n_frames - spare)


def _run(n_frames: int, length: int, rng: Rng) -> slice:
    """A run of frames somewhere in the clip."""
    start = int(rng.uniform() * (n_frames - length + 1))
    return slice(start, start + length)


def _some_after_first(n_frames: int, share: float, rng: Rng) -> Order:
    chosen = 1 + rng.permutation(n_frames - 1)
    return chosen[: _count(n_frames, share, spare=1)]


def _rounded(values: npt.NDArray[Any]) -> U8:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _looked_up(frames_THWC: U8, table_LC: U8) -> U8:
    return np.stack([table_LC[:, c][frames_THWC[..., c]] for c in range(3)], axis=-1)


def _reordered(pick: Callable[[int, float, Rng], Order]) -> Callable[[U8, float, Rng, Any], U8]:
    """Damage to the order of frames as damage to a clip."""

    def make(frames_THWC: U8, level: float, rng: Rng, other_THWC: None) -> U8:
        return frames_THWC[pick(len(frames_THWC), level, rng)]

    make.__doc__ = pick.__doc__
    return make


_ALL_OF_IT = (0.2, 0.4, 0.6, 0.8, 1.0)

KINDS: Mapping[str, Damage] = {
    "gaussian_blur": Damage(make=gaussian_blur, levels=(0.5, 1, 2, 4, 8), unit="sigma, px"),
    "noise": Damage(make=noise, levels=(4, 8, 16, 32, 64), unit="sigma, grey levels"),
    "jpeg": Damage(make=jpeg, levels=(60, 35, 20, 10, 5), unit="JPEG quality"),
    "h264": Damage(make=h264, levels=(23, 30, 37, 44, 51), unit="CRF"),
    "colour_shift": Damage(make=colour_shift, levels=(5, 10, 20, 40, 80), unit="grey levels"),
    "luma_flicker": Damage(make=luma_flicker, levels=(3, 6, 12, 24, 48), unit="sigma, grey levels"),
    "frame_drop": Damage(
        make=_reordered(frame_drop),
        levels=(0.1, 0.2, 0.35, 0.5, 0.7),
        unit="share of frames",
        min_frames=2,
    ),
    "frame_duplicate": Damage(
        make=_reordered(frame_duplicate),
        levels=(0.1, 0.2, 0.35, 0.5, 0.7),
        unit="share of frames",
        min_frames=2,
    ),
    "freeze": Damage(
        make=_reordered(freeze), levels=_ALL_OF_IT, unit="share of frames", min_frames=2
    ),
    "shuffle": Damage(
        make=_reordered(shuffle),
        levels=(0.1, 0.3, 1.0, 2.5, 1e6),
        unit="clip lengths; at strength 5 any order is as likely",
        min_frames=2,
    ),
    "reverse": Damage(
        make=_reordered(reverse), levels=_ALL_OF_IT, unit="share of frames", min_frames=2
    ),
    "loop": Damage(
        make=_reordered(loop),
        levels=(0.8, 0.65, 0.5, 0.35, 0.2),
        unit="period as a share of the clip",
        min_frames=2,
    ),
    "spatial_jitter": Damage(make=spatial_jitter, levels=(1, 2, 4, 8, 16), unit="px"),
    "black": Damage(make=black, levels=_ALL_OF_IT, unit="share of frames"),
    "static": Damage(
        make=_reordered(static), levels=(1.0,) * 5, unit="all strengths are one", min_frames=2
    ),
    "splice": Damage(
        make=splice,
        levels=(0.1, 0.2, 0.3, 0.4, 0.5),
        unit="share of frames",
        min_frames=2,
        needs_other=True,
    ),
    "unsafe_burst": Damage(
        make=unsafe_burst,
        levels=(1, 2, 4, 8, 16),
        unit="frames",
        min_frames=2,
        needs_other=True,
    ),
}
"""Every kind of damage by name."""
