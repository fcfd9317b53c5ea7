"""Trains the text adapter on the attributes of the world, and makes pools of conditions.

`python -m generator.train_text --preset imagen-video` teaches the adapter that is there to tell
the two things of a pair apart; `python -m generator.train --stage text` makes one from nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from generator.adapter import (
    AdapterTraining,
    TextAdapter,
    TextCondition,
    adapter_of,
    conditions,
    label_table,
    train_adapter,
)
from generator.data import Wanted, WorldSource, draw_truths
from generator.stages import Preset
from generator.store import fill, load_weights, save_weights
from generator.text import TextEncoder, TextStates, load_encoder

ADAPTER_POOL: tuple[Wanted, ...] = ((2, 3000), (4, 5000), (5, 9000), (3, 7000, "pair"))
"""Captions that the adapter learns from. Pairs are the hardest: what belongs to which thing."""

PAIRS_POOL: tuple[Wanted, ...] = ((3, 16000, "pair"), (5, 6000))
"""Captions that the mixing layer learns from: pairs, and what must stay as it is."""

PAIRS_TRAINING = AdapterTraining(steps=1800, learning_rate=2e-3, kept_weight=300.0)

POOL_SIZES = {1: 4000, 2: 8000, 3: 10000, 4: 10000, 5: 26000}
"""Captions of each level that the stages learn from."""


def train_text(
    preset: Preset,
    out: Path,
    *,
    pool: Sequence[Wanted] = ADAPTER_POOL,
    training: AdapterTraining | None = None,
) -> dict[str, float]:
    """Train the preset's adapter and write it; returns accuracies by attribute."""
    training = training or AdapterTraining()
    torch.manual_seed(training.seed)
    truths, captions = draw_truths(pool, training.seed)
    order = torch.randperm(len(truths), generator=torch.Generator().manual_seed(training.seed))
    truths = [truths[i] for i in order]
    states = _compact(load_encoder(preset.text_encoder), [captions[i] for i in order])
    adapter = TextAdapter(preset.adapter)
    accuracy = train_adapter(adapter, states, label_table(truths), training)
    about = {
        "preset": preset.name,
        "stage": "text",
        "encoder": preset.text_encoder,
        "accuracy": json.dumps({k: round(v, 4) for k, v in accuracy.items()}),
    }
    save_weights(out, adapter.state_dict(), about)
    return accuracy


def teach_pairs(
    preset: Preset,
    old_path: Path,
    out: Path,
    *,
    pool: Sequence[Wanted] = PAIRS_POOL,
    training: AdapterTraining = PAIRS_TRAINING,
) -> dict[str, float]:
    """Give a trained adapter a mixing layer that gets pairs right, and write it.

    Conditions of captions without pairs stay what they were, but for `drift`: the root mean square
    distance of vectors (deviation 1) on the last tenth. Accuracies are on pairs.
    """
    torch.manual_seed(training.seed)
    truths, captions = draw_truths(pool, training.seed)
    order = torch.randperm(len(truths), generator=torch.Generator().manual_seed(training.seed))
    truths = [truths[i] for i in order]
    states = _compact(load_encoder(preset.text_encoder), [captions[i] for i in order])
    old = load_adapter(preset, old_path)
    adapter = TextAdapter(preset.adapter)
    fill(adapter, {**adapter.state_dict(), **old.state_dict()}, f"{preset.name}'s text adapter")
    before = conditions(old, states)
    keeps = torch.tensor([len(truth.things) != 2 for truth in truths])
    labels = label_table(truths)
    accuracy = train_adapter(adapter, states, labels, training, (before, keeps))
    after = conditions(adapter, states)
    last = torch.arange(len(truths)) >= len(truths) - len(truths) // 10
    moved = (after.vector_NP - before.vector_NP)[last & keeps].square().mean().sqrt()
    accuracy["drift"] = float(moved)
    about = {
        "preset": preset.name,
        "stage": "text",
        "encoder": preset.text_encoder,
        "accuracy": json.dumps({k: round(v, 4) for k, v in accuracy.items()}),
    }
    save_weights(out, adapter.state_dict(), about)
    return accuracy


def load_adapter(preset: Preset, path: Path, *, sha256: str | None = None) -> TextAdapter:
    """The frozen adapter of a preset."""
    tensors = load_weights(path, sha256=sha256).tensors
    return adapter_of(preset.adapter, tensors, f"{preset.name}'s text adapter")


def world_source(
    preset: Preset, adapter_path: Path, cache: Path, level: int, seed: int
) -> WorldSource:
    """The world at a curriculum level, its captions encoded once and kept in `cache`."""
    truths, captions = draw_truths([(level, POOL_SIZES[level])], seed)
    key = hashlib.sha256("\n".join(captions).encode() + adapter_path.read_bytes()).hexdigest()
    path = cache / f"pool-{level}-{key[:16]}.safetensors"
    if not path.is_file():
        adapter = load_adapter(preset, adapter_path)
        condition = encode(load_encoder(preset.text_encoder), adapter, captions, bf16=True)
        save_weights(
            path, {"vector": condition.vector_NP, "slots": condition.slots_NSD}, {"key": key}
        )
    tensors = load_weights(path).tensors
    return WorldSource(
        truths, TextCondition(vector_NP=tensors["vector"], slots_NSD=tensors["slots"])
    )


@torch.inference_mode()
def encode(
    encoder: TextEncoder, adapter: TextAdapter, prompts: Sequence[str], *, bf16: bool = False
) -> TextCondition:
    """Conditions of prompts, however many, in little memory."""
    parts = [
        adapter(encoder.encode(prompts[start : start + 512], bf16=bf16))
        for start in range(0, len(prompts), 512)
    ]
    return TextCondition(
        vector_NP=torch.cat([part.vector_NP for part in parts]),
        slots_NSD=torch.cat([part.slots_NSD for part in parts]),
    )


def _compact(encoder: TextEncoder, prompts: Sequence[str]) -> TextStates:
    """Token states of many prompts in half precision."""
    parts = [encoder.encode(prompts[i : i + 512], bf16=True) for i in range(0, len(prompts), 512)]
    length = max(part.mask_NL.shape[1] for part in parts)

    def padded(x: Tensor) -> Tensor:
        out = x.new_zeros(x.shape[0], length, *x.shape[2:])
        out[:, : x.shape[1]] = x
        return out

    return TextStates(
        states_NLD=torch.cat([padded(part.states_NLD.half()) for part in parts]),
        mask_NL=torch.cat([padded(part.mask_NL) for part in parts]),
    )


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    from generator import presets

    parser = argparse.ArgumentParser(prog="python -m generator.train_text", description=__doc__)
    parser.add_argument("--preset", default="imagen-video", choices=presets.names())
    parser.add_argument("--adapter", type=Path, required=True, help="a trained text.safetensors")
    parser.add_argument("--out", type=Path, required=True, help="where the new one goes")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    torch.set_num_threads(1)
    training = replace(PAIRS_TRAINING, seed=given.seed)
    accuracy = teach_pairs(presets.load(given.preset), given.adapter, given.out, training=training)
    sys.stdout.write(json.dumps(accuracy, indent=2) + "\n")


if __name__ == "__main__":
    main()
