"""Turns clips into what one stage learns from: target video, conditioning video, noise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  the usual name

from generator.adapter import TextCondition
from generator.data import Clips, ClipShape, Source, pack, pixels
from generator.diffusion import augment, log_snr_cosine, stratified_times
from generator.layers import unfold
from generator.motion import meet
from generator.stages import Phase, StageConfig
from generator.unet import Condition
from generator.world.palette import Array

CROP_TRIES = 2
"""Windows that are drawn for each crop; the one with most edges is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A batch for one stage: clean video (N, T, 3, H, W), condition, log-SNR of each frame."""

    x_NTCHW: Tensor
    condition: Condition
    log_snr_NT: Tensor


def upsample(low_NTCHW: Tensor, height_px: int, width_px: int) -> Tensor:
    """Bicubic, frame by frame: how low-resolution video is laid beside a stage's input.

    The paper's is bilinear; the better the first guess, the less is left to learn (1.7 dB at
    48 x 80). Video of that size stays as it is.
    """
    n = low_NTCHW.shape[0]
    if low_NTCHW.shape[-2:] == (height_px, width_px):
        return low_NTCHW
    big = F.interpolate(
        low_NTCHW.flatten(0, 1), size=(height_px, width_px), mode="bicubic", align_corners=False
    )
    return unfold(big, n)


def neighbours(known_NTCHW: Tensor) -> Tensor:
    """(N, T, 6, H, W): the known frames before and after each new frame; the last has one twice."""
    after = torch.cat([known_NTCHW[:, 1:], known_NTCHW[:, -1:]], dim=1)
    return torch.cat([known_NTCHW, after], dim=2)


GIVEN_LOG_SNR = 8.0
"""A first frame that is given has this log-SNR: noise of two levels of 255."""


def hide(pixels_NTCHW: Tensor, mask_NT1HW: Tensor) -> Tensor:
    """What a filling stage sees of masked frames; no mask hides nothing.

    Eight channels: the shown frame before and the one after, moved along the flow between them to
    the instant of the masked frame (:mod:`generator.motion`); the share of the way from the first
    to the second, and the mask, which is 1 on shown frames and the same in all clips.
    """
    if not mask_NT1HW.shape[2]:
        return pixels_NTCHW
    n, t, _, height, width = pixels_NTCHW.shape
    shown = torch.nonzero(mask_NT1HW[0, :, 0, 0, 0]).flatten()
    at = torch.arange(t)
    before = (torch.searchsorted(shown, at, right=True) - 1).clamp(min=0)
    after = (before + 1).clamp(max=len(shown) - 1)
    start, end = shown[before], shown[after]
    share = ((at - start) / (end - start).clamp(min=1)).to(pixels_NTCHW.dtype)
    pairs = torch.cat([pixels_NTCHW[:, start], pixels_NTCHW[:, end]], dim=2)
    return torch.cat(
        [
            meet(pairs, share.tolist()),
            share.view(1, t, 1, 1, 1).expand(n, t, 1, height, width),
            mask_NT1HW,
        ],
        dim=2,
    )


def make_example(
    stage: StageConfig,
    phase: Phase,
    source: Source,
    rng: np.random.Generator,
    generator: torch.Generator,
) -> Example:
    """The batch of one step; all randomness comes from the two generators."""
    clips, packed = _clips(stage, phase, source, rng)
    x, low, time = _split(stage, pixels(clips.frames_NTHWC), clips.time_NT, rng)
    n, t = x.shape[:2]
    image = packed | torch.tensor(t == 1)
    shift = torch.where(image, phase.image_shift, phase.shift)
    log_snr = _levels(n, t, packed, shift, generator)
    if stage.given_first_prob and t > 1:
        given = (torch.rand(n, generator=generator) < stage.given_first_prob) & ~packed
        log_snr[:, 0] = torch.where(given, GIVEN_LOG_SNR, log_snr[:, 0])
    vector, slots = _text(source.condition, clips.rows_N, stage.text_drop_prob, (n, t), generator)
    condition = Condition(
        text_NTP=vector,
        slots_NTSD=slots if stage.network.cross_blocks else None,
        time_NT=time,
        packed_N=packed if bool(packed.any()) else None,
    )
    if low is not None:
        span = stage.noise.low_log_snr
        told = span[0] + (span[1] - span[0]) * torch.rand(n, generator=generator)
        noisy = augment(
            low[:, :, : stage.pixel_channels], told, generator, shared=stage.shared_noise
        )
        shown = meet(noisy) if stage.kind == "tsr" else upsample(noisy, *x.shape[-2:])
        low = hide(shown, low[:, :, stage.pixel_channels :])
        condition = replace(condition, low_NTCHW=low, low_log_snr_NT=told[:, None].expand(n, t))
    return Example(x_NTCHW=x, condition=condition, log_snr_NT=log_snr)


def _clips(
    stage: StageConfig, phase: Phase, source: Source, rng: np.random.Generator
) -> tuple[Clips, Tensor]:
    """Videos, then packs of single images; rows are (N, T)."""
    shape = ClipShape(
        n_clips=phase.n_clips,
        n_frames=phase.n_frames,
        height_px=stage.height_px,
        width_px=stage.width_px,
        span=phase.span,
    )
    clips = _crop(stage, source.batch(shape, rng), rng)
    clips = replace(clips, rows_N=np.repeat(clips.rows_N[:, None], phase.n_frames, axis=1))
    n_clips = len(clips.frames_NTHWC)
    packed = torch.zeros(n_clips + phase.n_packs * stage.n_crops, dtype=torch.bool)
    if not phase.n_packs:
        return clips, packed
    packed[n_clips:] = True
    single = replace(shape, n_clips=phase.n_packs * phase.n_frames, n_frames=1, span=None)
    images = pack(_crop(stage, source.batch(single, rng), rng), phase.n_frames)
    both = Clips(
        frames_NTHWC=np.concatenate([clips.frames_NTHWC, images.frames_NTHWC]),
        time_NT=np.concatenate([clips.time_NT, images.time_NT]),
        rows_N=np.concatenate([clips.rows_N, images.rows_N]),
    )
    return both, packed


def _crop(stage: StageConfig, clips: Clips, rng: np.random.Generator) -> Clips:
    """`n_crops` windows of each clip, on the grid of the stage's network; busy ones preferred."""
    if stage.crop_px is None:
        return clips
    frames = clips.frames_NTHWC
    windows = []
    for video in np.repeat(frames, stage.n_crops, axis=0) if stage.n_crops > 1 else frames:
        tries = [_window(stage, video, rng) for _ in range(CROP_TRIES)]
        windows.append(max(tries, key=_busy))
    return Clips(
        frames_NTHWC=np.stack(windows),
        time_NT=np.repeat(clips.time_NT, stage.n_crops, axis=0),
        rows_N=np.repeat(clips.rows_N, stage.n_crops, axis=0),
    )


def _window(stage: StageConfig, video_THWC: Array, rng: np.random.Generator) -> Array:
    height, width = stage.crop_px or video_THWC.shape[1:3]
    grid = max(stage.network.divisor, stage.scale)
    top = grid * int(rng.integers((stage.height_px - height) // grid + 1))
    left = grid * int(rng.integers((stage.width_px - width) // grid + 1))
    return video_THWC[:, top : top + height, left : left + width]


def _busy(video_THWC: Array) -> float:
    """How much differs between pixels a few apart."""
    coarse = video_THWC[:, ::6, ::6].astype(np.int16)
    return float(np.abs(np.diff(coarse, axis=1)).mean() + np.abs(np.diff(coarse, axis=2)).mean())


def _split(
    stage: StageConfig, x_NTCHW: Tensor, time: np.ndarray, rng: np.random.Generator
) -> tuple[Tensor, Tensor | None, Tensor]:
    """Target, clean conditioning video at its own size, and the target's instants."""
    instants = torch.from_numpy(np.ascontiguousarray(time)).float()
    if stage.kind == "base":
        return x_NTCHW, None, instants
    if stage.kind == "tsr":
        return x_NTCHW[:, 1::2], neighbours(x_NTCHW[:, ::2]), instants[:, 1::2]
    n, (height, width) = x_NTCHW.shape[0], x_NTCHW.shape[-2:]
    if stage.kind == "fill":
        mask = torch.zeros(n, x_NTCHW.shape[1], 1, height, width)
        mask[:, :: stage.scale] = 1
        return x_NTCHW, torch.cat([x_NTCHW, mask], dim=2), instants
    small = unfold(F.avg_pool2d(x_NTCHW.flatten(0, 1), stage.scale), n)
    return x_NTCHW, small, instants


def _levels(n: int, t: int, packed: Tensor, shift_N: Tensor, generator: torch.Generator) -> Tensor:
    """One noise level for a clip, one for each frame of a pack."""
    for_clips = stratified_times(n, generator)[:, None].expand(n, t)
    for_frames = torch.rand(n, t, generator=generator)
    times = torch.where(packed[:, None], for_frames, for_clips)
    moved = log_snr_cosine(times, 0.0) + shift_N[:, None]
    return moved.clamp(-15, 15)


def _text(
    condition: TextCondition,
    rows_NT: np.ndarray,
    drop_prob: float,
    shape: tuple[int, int],
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Vectors and slots of each frame; whole clips lose theirs with `drop_prob`."""
    n, t = shape
    rows = torch.from_numpy(rows_NT[:, :t].copy())
    keep = (torch.rand(n, generator=generator) >= drop_prob).float()
    vector = condition.vector_NP[rows] * keep[:, None, None]
    slots = condition.slots_NSD[rows] * keep[:, None, None, None]
    return vector, slots
