"""Measures the dual encoder on captions it never saw: `python -m generator.dual_encoder.measure`.

Images go through transformers' own image processor, as a user of the checkpoint would prepare them.
A clip's vector is the mean of its frames' unit vectors, so that its product with a caption's is the
mean cosine over frames, the score. All scenes are drawn from seeds that training does not use.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generator.dual_encoder.network import (
    embed_captions,
    embed_images,
    load_checkpoint_folder,
    token_ids,
)
from generator.dual_encoder.pairs import ALTERATIONS, altered, visible
from generator.dual_encoder.train import FOLDER
from generator.world.caption import captions
from generator.world.grammar import Scene, Truth
from generator.world.palette import Array
from generator.world.render import BASE_TIMES_S, render_batch
from generator.world.sampling import sample_jitter, sample_truth

SEED = 2026
N_CAPTIONS = 100
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Clips:
    """Clips of known truths, uint8 (N, T, H, W, 3), and a caption of each."""

    truths: list[Truth]
    captions: list[str]
    frames_NTHWC: Array


class Encoder:
    """The shipped model, with transformers' preparation of images."""

    def __init__(self, folder: Path) -> None:
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

        self.model, self.tokenizer = load_checkpoint_folder(folder)
        self.processor: Any = CLIPImageProcessorPil.from_pretrained(folder)

    @torch.inference_mode()
    def clips(self, frames_NTHWC: Array) -> Tensor:
        """Mean over frames of their unit vectors: (N, D)."""
        n, t = frames_NTHWC.shape[:2]
        flat = list(frames_NTHWC.reshape(n * t, *frames_NTHWC.shape[2:]))
        parts = []
        for start in range(0, len(flat), _AT_ONCE):
            made = self.processor(
                images=flat[start : start + _AT_ONCE],
                return_tensors="pt",
                input_data_format="channels_last",
            )
            parts.append(embed_images(self.model, made["pixel_values"]))
        return torch.cat(parts).view(n, t, -1).mean(1)

    @torch.inference_mode()
    def texts(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors (N, D)."""
        return embed_captions(self.model, token_ids(self.tokenizer, texts))


def draw_clips(
    n: int,
    seed: int,
    *,
    held_out: Sequence[bool] = (False, True),
    times_s: Array = BASE_TIMES_S,
    size_px: tuple[int, int] = (24, 40),
) -> Clips:
    """Clips whose captions all differ in what a frame shows; `held_out` is taken in turn."""
    rng = np.random.default_rng([SEED, seed])
    truths: list[Truth] = []
    shown: set[object] = set()
    while len(truths) < n:
        truth = sample_truth(rng, held_out=held_out[len(truths) % len(held_out)])
        if visible(truth) not in shown:
            shown.add(visible(truth))
            truths.append(truth)
    scenes = [Scene(truth=truth, jitter=sample_jitter(rng)) for truth in truths]
    frames = render_batch(scenes, *size_px, times_s)
    said = captions(truths, rng.integers(2**31, size=n).tolist())
    return Clips(truths=truths, captions=said, frames_NTHWC=frames)


def recall(similarity_NM: Tensor) -> dict[str, float]:
    """R@1 both ways of a square of similarities whose diagonal is right."""
    own = torch.arange(len(similarity_NM))
    return {
        "image_to_text": float((similarity_NM.argmax(1) == own).float().mean()),
        "text_to_image": float((similarity_NM.argmax(0) == own).float().mean()),
    }


def retrieval(encoder: Encoder, sets: int, held_out: Sequence[bool], times_s: Array) -> list[float]:
    """R@1 in percent, image to text and text to image: the mean over sets of 100, and its error."""
    rows = []
    for seed in range(sets):
        clips = draw_clips(N_CAPTIONS, seed, held_out=held_out, times_s=times_s)
        found = recall(encoder.clips(clips.frames_NTHWC) @ encoder.texts(clips.captions).T)
        rows.append([100 * found["image_to_text"], 100 * found["text_to_image"]])
    table = np.array(rows)
    error = table.std(axis=0, ddof=1) / np.sqrt(sets) if sets > 1 else np.full(2, np.nan)
    return [*table.mean(axis=0).tolist(), *error.tolist()]


def orders(encoder: Encoder, n: int) -> dict[str, tuple[int, float, float]]:
    """By attribute: clips, percent where the right caption scores above the wrong, mean gap."""
    clips = draw_clips(n, 100)
    vectors, right = encoder.clips(clips.frames_NTHWC), encoder.texts(clips.captions)
    rng = np.random.default_rng([SEED, 101])
    out = {}
    for name in ALTERATIONS:
        others = [altered(truth, name, rng, held_out=None) for truth in clips.truths]
        at = [i for i, other in enumerate(others) if other is not None]
        said = captions([o for o in others if o], rng.integers(2**31, size=len(at)).tolist())
        gap = (vectors[at] * (right[at] - encoder.texts(said))).sum(1)
        out[name] = (len(at), 100 * float((gap > 0).float().mean()), float(gap.mean()))
    return out


def noisy(frames: Array, sigma: float) -> Array:
    """With noise of `sigma` levels."""
    noise = np.random.default_rng(SEED).normal(scale=sigma, size=frames.shape)
    return np.asarray(np.clip(frames + noise, 0, 255).round().astype(np.uint8))


def blurred(frames: Array, sigma: float) -> Array:
    """Blurred by a Gaussian of `sigma` pixels."""
    from scipy.ndimage import gaussian_filter

    spread = (0, 0, sigma, sigma, 0)
    return np.asarray(gaussian_filter(frames.astype(np.float32), spread).round().astype(np.uint8))


DAMAGES: dict[str, tuple[Callable[[Array, float], Array], tuple[float, ...]]] = {
    "noise": (noisy, (0, 10, 20, 40, 80)),
    "blur": (blurred, (0, 0.5, 1, 2, 4)),
}


def damage(encoder: Encoder, n: int) -> dict[str, list[float]]:
    """Mean score of right captions by damage and its grade."""
    clips = draw_clips(n, 102)
    texts = encoder.texts(clips.captions)
    return {
        name: [
            float((encoder.clips(spoil(clips.frames_NTHWC, grade)) * texts).sum(1).mean())
            for grade in grades
        ]
        for name, (spoil, grades) in DAMAGES.items()
    }


def scores(encoder: Encoder, n: int, size_px: tuple[int, int] = (24, 40)) -> dict[str, float]:
    """Mean score of right and of shuffled captions, and the share where the right one wins."""
    clips = draw_clips(n, 103, size_px=size_px)
    similarity = encoder.clips(clips.frames_NTHWC) @ encoder.texts(clips.captions).T
    own, other = similarity.diagonal(), similarity.roll(1, 1).diagonal()
    return {
        "right": float(own.mean()),
        "shuffled": float(other.mean()),
        "right_wins_percent": 100 * float((own > other).float().mean()),
    }


def main(argv: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m generator.dual_encoder.measure")
    parser.add_argument("--weights", type=Path, default=FOLDER)
    parser.add_argument("--sets", type=int, default=5, help="of 100 captions")
    parser.add_argument("-n", type=int, default=400, help="clips for the order of captions")
    given = parser.parse_args(argv)
    torch.set_num_threads(1)
    encoder = Encoder(given.weights)
    middle = BASE_TIMES_S[10:11]
    for what, times_s in (("one frame", middle), ("16 frames", BASE_TIMES_S)):
        for name, held_out in (("both", (False, True)), ("held out", (True,))):
            found = retrieval(encoder, given.sets, held_out, times_s)
            _say(f"R@1 {what}, {name}", "{:.1f} {:.1f} +- {:.1f} {:.1f}".format(*found))
    for name, (n, percent, gap) in orders(encoder, given.n).items():
        _say(f"right above wrong, {name}", f"n {n}, {percent:.1f} %, gap {gap:.3f}")
    for name, row in damage(encoder, given.n // 4).items():
        grades = DAMAGES[name][1]
        steps = (f"{g:g}: {v:.3f}" for g, v in zip(grades, row, strict=True))
        _say(f"score under {name}", ", ".join(steps))
    for size_px in ((24, 40), (96, 160)):
        _say(f"score at {size_px}", str(scores(encoder, given.n // 4, size_px)))


def _say(what: str, line: str) -> None:
    print(f"{what}: {line}", flush=True)  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
