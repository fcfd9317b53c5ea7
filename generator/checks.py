"""Tools that show early whether a stage learns what captions say.

`swap_distance` finds a collapsed text adapter: how far a condition moves when one attribute
changes, against its spread. `caption_gap` finds binding long before samples do: how much worse the
network guesses when one attribute of the caption is wrong. `contact_sheet` is for the eye.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from generator.adapter import TextCondition, swapped
from generator.data import draw_times, pixels
from generator.diffusion import add_noise
from generator.store import write_atomic
from generator.unet import Condition, VideoUNet
from generator.world.caption import captions
from generator.world.grammar import Scene, Truth
from generator.world.palette import Array
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter, sample_truth
from generator.world.tracks import DURATION_S

Encode = Callable[[Sequence[str]], TextCondition]
SWAPS = ("colour", "shape", "motion", "background")


def swap_pairs(
    name: str, n: int, rng: np.random.Generator, *, level: int = 1
) -> tuple[list[Truth], list[Truth]]:
    """Truths of one thing, and the same with one attribute changed."""
    right: list[Truth] = []
    wrong: list[Truth] = []
    while len(right) < n:
        truth = sample_truth(rng, level=level, kind="thing", held_out=None)
        try:
            other = swapped(truth, name, rng)
        except ValueError:
            continue
        right.append(truth)
        wrong.append(other)
    return right, wrong


def swap_distance(encode: Encode, n: int = 64, seed: int = 0) -> dict[str, float]:
    """Mean distance when one attribute is swapped, over that of unlike captions; 1 is as far."""
    out = {}
    for name in SWAPS:
        rng = np.random.default_rng([seed, 2])
        right, wrong = swap_pairs(name, n, rng)
        seeds = range(n)
        a = encode(captions(right, seeds)).vector_NP
        b = encode(captions(wrong, seeds)).vector_NP
        spread = (a - a.roll(1, 0)).norm(dim=1).mean()
        out[name] = float((a - b).norm(dim=1).mean() / spread)
    return out


@torch.inference_mode()
def caption_gap(
    network: VideoUNet,
    encode: Encode,
    *,
    log_snrs: Sequence[float] = (-6.0, -4.0, -2.0),
    n: int = 24,
    n_frames: int = 1,
    seed: int = 0,
    level: int = 1,
) -> dict[str, list[float]]:
    """By attribute and log-SNR: (error with the wrong caption - right) / right. 0 is no binding."""
    out = {}
    for name in SWAPS:
        rng = np.random.default_rng([seed, 3])
        right, wrong = swap_pairs(name, n, rng, level=level)
        scenes = [Scene(truth=t, jitter=sample_jitter(rng)) for t in right]
        time = draw_times(n, n_frames, 1.0 if n_frames > 1 else None, rng)
        x = pixels(render_batch(scenes, times_s=time * DURATION_S))
        noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
        texts = [encode(captions(truths, range(n))) for truths in (right, wrong)]
        instants = torch.from_numpy(time).float()
        out[name] = [_gap(network, x, noise, level_, texts, instants) for level_ in log_snrs]
    return out


def _gap(
    network: VideoUNet,
    x: Tensor,
    noise: Tensor,
    log_snr: float,
    texts: Sequence[TextCondition],
    time_NT: Tensor,
) -> float:
    n, t = x.shape[:2]
    levels = torch.full((n, t), log_snr)
    z = add_noise(x, noise, levels)
    errors = []
    for text in texts:
        slots = text.slots_NSD[:, None].expand(n, t, *text.slots_NSD.shape[1:])
        condition = Condition(
            text_NTP=text.vector_NP[:, None].expand(n, t, -1), slots_NTSD=slots, time_NT=time_NT
        )
        if not network.config.cross_blocks:
            condition = replace(condition, slots_NTSD=None)
        errors.append((network(z, levels, condition) - x).square().mean())
    return float((errors[1] - errors[0]) / errors[0])


def contact_sheet(
    clips: Sequence[Array], path: Path, *, columns: int = 2, frames: int = 6, zoom: int = 2
) -> None:
    """A PNG: a row of evenly spaced frames for each clip (T, H, W, 3), in columns."""
    from PIL import Image

    strips = []
    for clip in clips:
        shown = np.linspace(0, len(clip) - 1, min(frames, len(clip))).round().astype(int)
        strips.append(np.concatenate([clip[i] for i in shown], axis=1))
    while len(strips) % columns:
        strips.append(np.zeros_like(strips[0]))
    per = len(strips) // columns
    blocks = [np.concatenate(strips[i * per : (i + 1) * per], axis=0) for i in range(columns)]
    sheet = np.concatenate(blocks, axis=1)
    image = Image.fromarray(sheet)
    image = image.resize((image.width * zoom, image.height * zoom), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    write_atomic(path, buffer.getvalue())
