"""Tiny classifiers with random weights in the forms that adapters read, made at test time."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

_WORDS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] a the red blue ball rolls to left right bad word walks person "
    "cat dog and in of on sun ##s ##ing ##ed"
)
WORDS = tuple(_WORDS.split())
SIX = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
"""The labels of Detoxify's `original`, by the names that they have in a checkpoint."""


def save_vocabulary(folder: Path) -> Path:
    """The files of a BERT tokenizer with few words."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    return folder


def tiny_bert(n_labels: int, *, seed: int = 0, spread: float = 0.5, **more: Any) -> Any:
    """A two-layer BERT classifier whose scores differ from text to text."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=37,
        max_position_embeddings=512,
        initializer_range=spread,
        num_labels=n_labels,
        **more,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return BertForSequenceClassification(config).eval()


def save_detoxify(
    folder: Path, *, labels: tuple[str, ...] = SIX, model_type: str = "bert-base-uncased"
) -> tuple[Path, Path]:
    """A checkpoint in Detoxify's layout, and the folder of its configuration and tokenizer."""
    import torch

    config = save_vocabulary(folder / "config")
    model = tiny_bert(len(labels))
    model.config.save_pretrained(config)
    checkpoint = {
        "state_dict": OrderedDict(model.state_dict()),
        "config": {
            "name": "a config as it is in a release",
            "arch": {
                "type": "BERT",
                "args": {
                    "num_classes": len(labels),
                    "model_type": model_type,
                    "model_name": "BertForSequenceClassification",
                    "tokenizer_name": "BertTokenizer",
                },
            },
            "dataset": {"args": {"classes": list(labels)}},
        },
    }
    torch.save(checkpoint, folder / "tiny.ckpt")
    return folder / "tiny.ckpt", config


def save_text_classifier(folder: Path, labels: tuple[str, ...], **more: Any) -> Path:
    """A text classifier as a hub repository is: config.json, safetensors, tokenizer."""
    save_vocabulary(folder)
    names = dict(enumerate(labels))
    model = tiny_bert(
        len(labels), id2label=names, label2id={n: i for i, n in names.items()}, **more
    )
    model.save_pretrained(folder)
    settings = {"tokenizer_class": "BertTokenizer", "model_max_length": 512, "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def save_image_classifier(folder: Path, labels: tuple[str, ...]) -> Path:
    """An image classifier as a hub repository is: config.json, safetensors, preprocessor."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification

    names = dict(enumerate(labels))
    config = ViTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=37,
        image_size=32,
        patch_size=8,
        initializer_range=0.3,
        id2label=names,
        label2id={n: i for i, n in names.items()},
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        ViTForImageClassification(config).save_pretrained(folder)
    preprocessor = {
        "image_processor_type": "ViTImageProcessor",
        "do_resize": True,
        "size": {"height": 32, "width": 32},
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    return folder
