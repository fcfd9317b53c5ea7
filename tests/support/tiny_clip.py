"""A small CLIP checkpoint with random weights, written as a hub repository is, for tests.

It is loaded through the same code as a real one; only the size of its layers is not CLIP's. The
tokenizer is CLIP's byte-level BPE with a vocabulary of single bytes and seven merges.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench import types
from bench.features.base import Step
from bench.features.clip import Clip
from bench.types import Arrays, Probe

PROBE = Probe(
    height_px=64,
    width_px=80,
    n_frames=16,
    fps=8.0,
    duration_s=2.0,
    codec="h264",
    pixel_format="gbrp",
    rotation_deg=0,
    has_audio=False,
    has_alpha=False,
)
MERGES = ("t h", "th e</w>", "r e", "re d</w>", "b a", "l l</w>", "ba ll</w>")
SIDE_PX = 32


def save_tiny_clip(folder: Path, *, seed: int = 0, side_px: int = SIDE_PX) -> Path:
    """Write config, safetensors, tokenizer and preprocessor to `folder` and return it."""
    import torch
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    vocab = {token: i for i, token in enumerate(_tokens())}
    start, end = vocab["<|startoftext|>"], vocab["<|endoftext|>"]
    layers = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    # initializer_factor spreads the embeddings: with CLIP's own, random cosines all lie near 1
    layers |= {"num_attention_heads": 2, "initializer_factor": 6.0}
    config = CLIPConfig(
        text_config={
            **layers,
            "vocab_size": len(vocab),
            "bos_token_id": start,
            "eos_token_id": end,
            "pad_token_id": end,
        },
        vision_config={**layers, "image_size": side_px, "patch_size": side_px // 4},
        projection_dim=16,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        CLIPModel(config).save_pretrained(folder)
    merges = [tuple(merge.split()) for merge in MERGES]
    CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(openai_preprocessor(side_px))
    return folder


def openai_preprocessor(side_px: int = 224) -> str:
    """The preprocessor_config.json of OpenAI's repositories; at 224 px it has their sha256."""
    facts = {
        "crop_size": side_px,
        "do_center_crop": True,
        "do_normalize": True,
        "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor",
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "size": side_px,
    }
    return json.dumps(facts, indent=2) + "\n"


def _tokens() -> list[str]:
    """Every byte alone and at a word's end, the merges, the two marks: CLIP's order."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [256 + i for i in range(256 - len(shown))]
    bytes_ = [chr(code) for code in (*shown, *hidden)]
    ends = [f"{token}</w>" for token in bytes_]
    merged = [merge.replace(" ", "") for merge in MERGES]
    return [*bytes_, *ends, *merged, "<|startoftext|>", "<|endoftext|>"]


def read_frames(extractor: Clip, frames_THWC: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """What a pass of the extractor gives for these frames: the payload of `embed`."""
    walk = extractor.start(PROBE, "0" * 64)
    step = None
    for index, frame_HWC in enumerate(frames_THWC):
        step = Step(index=index, time_s=index / 8, frame_HWC=frame_HWC, previous=step)
        walk.push(step)
    return walk.finish()


def clip_record(spec: str, embeds_TD: npt.ArrayLike, text: Arrays | None = None) -> types.Clip:
    """A clip as metrics see it, with these frame embeddings and this prompt."""
    embeds_TD = np.asarray(embeds_TD)
    return types.Clip(
        name="clip.mp4",
        n_frames=len(embeds_TD),
        fps=8.0,
        height_px=64,
        width_px=80,
        features={spec: {"embeds": embeds_TD}},
        text={} if text is None else {spec: text},
    )
