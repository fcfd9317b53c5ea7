"""Tiny checkpoints of the other architectures that Detoxify releases: RoBERTa, ALBERT, XLM-R."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path

from support.tiny_clip import _tokens

SEVEN = ("toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat")
SEVEN = (*SEVEN, "sexual_explicit")
CORPUS = ("a red ball rolls to the left", "a bad word walks", "the blue cat and the dog in the sun")
ARCHITECTURES = ("Roberta", "Albert", "XLMRoberta")
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 37,
    "num_labels": len(SEVEN),
}


def save(folder: Path, architecture: str) -> tuple[Path, Path]:
    """A checkpoint in Detoxify's layout, and the folder of configuration and tokenizer."""
    import torch
    import transformers

    files = {"Roberta": _bytes, "Albert": _albert, "XLMRoberta": _xlm_roberta}[architecture]
    n_tokens, more = files(folder)
    config = getattr(transformers, f"{architecture}Config")(vocab_size=n_tokens, **SIZES, **more)
    name = f"{architecture}ForSequenceClassification"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = getattr(transformers, name)(config)
    config.save_pretrained(folder)
    arguments = {
        "num_classes": len(SEVEN),
        "model_type": "a-hub-id",
        "model_name": name,
        "tokenizer_name": f"{architecture}Tokenizer",
    }
    settings = {"arch": {"args": arguments}, "dataset": {"args": {"classes": list(SEVEN)}}}
    checkpoint = {"state_dict": OrderedDict(model.state_dict()), "config": settings}
    torch.save(checkpoint, folder / "tiny.ckpt")
    return folder / "tiny.ckpt", folder


def _bytes(folder: Path) -> tuple[int, dict[str, int]]:
    letters = [t for t in _tokens() if not t.endswith("</w>") and not t.startswith("<|")]
    tokens = list(dict.fromkeys(["<s>", "<pad>", "</s>", "<unk>", "<mask>", *letters, "re", "red"]))
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\nr e\nre d\n")
    return len(tokens), {"max_position_embeddings": 514, "pad_token_id": 1}


def _albert(folder: Path) -> tuple[int, dict[str, int]]:
    marks = {"bos_id": -1, "eos_id": -1, "control_symbols": "[CLS],[SEP],[MASK]"}
    _pieces(folder / "spiece.model", pad_id=0, unk_id=1, pad_piece="<pad>", **marks)
    return 120, {"embedding_size": 16}


def _xlm_roberta(folder: Path) -> tuple[int, dict[str, int]]:
    _pieces(folder / "sentencepiece.bpe.model")
    return 120, {"max_position_embeddings": 514, "pad_token_id": 1}


def _pieces(path: Path, **more: object) -> None:
    import sentencepiece

    corpus = path.with_name("corpus.raw")
    corpus.write_text("\n".join(CORPUS * 20))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(path.with_suffix("")),
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
        **more,
    )
