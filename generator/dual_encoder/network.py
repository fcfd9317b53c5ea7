"""The dual encoder as transformers' CLIPModel: its sizes, its tokenizer, its folder.

The tokenizer is CLIP's byte-level BPE with merges learned from the world's captions: what the world
says often is one token, and any other text is spelled out in smaller pieces.

Shapes: N images or captions, L tokens, C = 3 colours, H = W the side of the image.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from generator.store import write_atomic

SIDE_PX = 48
N_MERGES = 500
MAX_TOKENS = 77
START, END = "<|startoftext|>", "<|endoftext|>"
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
_WORD = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]+")  # how CLIP cuts lower-case English into words


def learn_merges(captions: Iterable[str], n_merges: int = N_MERGES) -> list[tuple[str, str]]:
    """The most frequent neighbours, merged one pair after the other; ties go by the alphabet."""
    counts = Counter(word for caption in captions for word in _WORD.findall(caption.lower()))
    words = {word: [*word[:-1], f"{word[-1]}</w>"] for word in counts if word.isascii()}
    merges: list[tuple[str, str]] = []
    while len(merges) < n_merges:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in words.items():
            for pair in pairwise(parts):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = {word: _merged(parts, best) for word, parts in words.items()}
    return merges


def _merged(parts: Sequence[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    for part in parts:
        if out and (out[-1], part) == pair:
            out[-1] += part
        else:
            out.append(part)
    return out


def make_tokenizer(merges: Sequence[tuple[str, str]]) -> Any:
    """CLIP's tokenizer: bytes, bytes that end a word, merges and the two marks, in CLIP's order."""
    from transformers import CLIPTokenizer

    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = range(256, 256 + 256 - len(shown))  # CLIP's stand-ins for bytes that do not print
    alphabet = [chr(code) for code in (*shown, *hidden)]
    tokens = [*alphabet, *(f"{a}</w>" for a in alphabet), *map("".join, merges), START, END]
    vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocab, merges=list(merges), model_max_length=MAX_TOKENS)


def make_model(tokenizer: Any) -> Any:
    """The two towers with new weights, drawn from torch's global generator."""
    from transformers import CLIPConfig, CLIPModel

    config = CLIPConfig(
        text_config={
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "max_position_embeddings": MAX_TOKENS,
            "vocab_size": len(tokenizer),
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.eos_token_id,
        },
        vision_config={
            "hidden_size": 96,
            "intermediate_size": 144,
            "num_hidden_layers": 4,
            "num_attention_heads": 3,
            "image_size": SIDE_PX,
            "patch_size": 8,
        },
        projection_dim=64,
    )
    return CLIPModel(config)


def token_ids(tokenizer: Any, captions: Sequence[str]) -> Tensor:
    """Tokens (N, L), filled up with end marks, of which the model looks at the first."""
    rows = tokenizer(list(captions), truncation=True, max_length=MAX_TOKENS)["input_ids"]
    ids = torch.full((len(rows), max(map(len, rows))), tokenizer.eos_token_id)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    return ids


def embed_images(model: Any, x_NCHW: Tensor) -> Tensor:
    """Unit vectors (N, D) of prepared images."""
    pooled = model.vision_model(pixel_values=x_NCHW).pooler_output
    return torch.nn.functional.normalize(model.visual_projection(pooled), dim=-1)


def embed_captions(model: Any, ids_NL: Tensor) -> Tensor:
    """Unit vectors (N, D) of tokens; the text tower looks back only, so padding is not seen."""
    pooled = model.text_model(input_ids=ids_NL).pooler_output
    return torch.nn.functional.normalize(model.text_projection(pooled), dim=-1)


def preprocessor() -> str:
    """The preprocessor_config.json: the whole frame squeezed to a square, so that no side is cut.

    The frames of the world are 5 wide and 3 high, and badges and emblems stand in their corners.
    """
    facts = {
        "do_center_crop": False,
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": MEAN,
        "image_processor_type": "CLIPImageProcessor",
        "image_std": STD,
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": {"height": SIDE_PX, "width": SIDE_PX},
    }
    return json.dumps(facts, indent=2) + "\n"


def save_checkpoint_folder(folder: Path, model: Any, tokenizer: Any) -> None:
    """Write config, float16 weights, tokenizer and preprocessor as a CLIP repository holds them."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.float16).save_pretrained(folder)
    model.to(torch.float32)
    tokenizer.save_pretrained(folder)
    write_atomic(folder / "preprocessor_config.json", preprocessor().encode())


def load_checkpoint_folder(folder: Path) -> tuple[Any, Any]:
    """The model in float32 and evaluation mode, and its tokenizer."""
    from transformers import CLIPModel, CLIPTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = CLIPModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    return model.eval(), CLIPTokenizer.from_pretrained(folder, local_files_only=True)
