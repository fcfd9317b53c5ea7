"""The text adapter: token states in, one vector and a few slots out; trained once, then frozen.

Left to train with a diffusion model, an adapter forgets shapes and motions (their gradients are
weak at first) and never finds them again. So it is trained first, to let plain linear readers tell
every attribute of the world from its noised vector, and frozen after. A second training teaches
the mixing layer which of two things has what, and leaves what is said of other captions as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the usual name

from generator.store import fill
from generator.text import MAX_TOKENS, TextStates
from generator.world import grammar
from generator.world.grammar import Thing, Truth
from generator.world.palette import BACKGROUNDS, COLOURS, HAIR_COLOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterConfig:
    """Widths of token states, slots, hidden layer and vector; and how many slots.

    `mix_width` is the inner width of the self-attention before the pool, 0 for none.
    """

    token_width: int = 384
    n_slots: int = 12
    slot_width: int = 48
    hidden_width: int = 384
    text_width: int = 256
    mix_width: int = 96
    mix_heads: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCondition:
    """What stages are told of a prompt: `vector_NP` and `slots_NSD`. Zeros mean no prompt."""

    vector_NP: Tensor
    slots_NSD: Tensor


class TokenMix(nn.Module):
    """Self-attention over tokens, residual, the identity at the start.

    A word that names a colour can so be told of the side on which its thing stands.
    """

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        self.heads = config.mix_heads
        self.norm = nn.LayerNorm(config.token_width)
        self.to_qkv = nn.Linear(config.token_width, 3 * config.mix_width, bias=False)
        self.to_out = nn.Linear(config.mix_width, config.token_width)
        nn.init.zeros_(self.to_out.weight)
        nn.init.zeros_(self.to_out.bias)

    def forward(self, tokens_NLD: Tensor, mask_NL: Tensor) -> Tensor:
        """Same shape as `tokens_NLD`; padding is not looked at."""
        n, length = mask_NL.shape
        qkv = self.to_qkv(self.norm(tokens_NLD)).view(n, length, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask_NL[:, None, None])
        mixed: Tensor = tokens_NLD + self.to_out(seen.transpose(1, 2).flatten(2))
        return mixed


class TextAdapter(nn.Module):
    """Attention pool into slots, then an MLP into a vector of mean 0 and deviation 1."""

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        self.config = config
        self.norm = nn.LayerNorm(config.token_width)
        # which of two things came first is not in the token states themselves
        self.order = nn.Parameter(torch.zeros(MAX_TOKENS, config.token_width))
        self.mix = TokenMix(config) if config.mix_width else None
        self.to_score = nn.Linear(config.token_width, config.n_slots)
        self.to_value = nn.Linear(config.token_width, config.slot_width)
        self.mlp = nn.Sequential(
            nn.Linear(config.n_slots * config.slot_width, config.hidden_width),
            nn.SiLU(),
            nn.Linear(config.hidden_width, config.text_width),
            nn.LayerNorm(config.text_width, elementwise_affine=False),
        )
        self.slot_norm = nn.LayerNorm(config.slot_width, elementwise_affine=False)

    def forward(self, states: TextStates) -> TextCondition:
        """Conditions of N prompts."""
        tokens = self.norm(states.states_NLD)
        tokens = tokens + self.order[: tokens.shape[1]]
        if self.mix is not None:
            tokens = self.mix(tokens, states.mask_NL)
        score = self.to_score(tokens).masked_fill(~states.mask_NL[..., None], -torch.inf)
        slots = score.softmax(dim=1).transpose(1, 2) @ self.to_value(tokens)
        return TextCondition(vector_NP=self.mlp(slots.flatten(1)), slots_NSD=self.slot_norm(slots))


def adapter_of(config: AdapterConfig, tensors: Mapping[str, Tensor], what: str) -> TextAdapter:
    """The frozen adapter of a file; one from before the mixing layer has none.

    Raises:
        BadWeights: when the tensors are of another network.
    """
    if not any(name.startswith("mix.") for name in tensors):
        config = replace(config, mix_width=0)
    adapter = TextAdapter(config)
    fill(adapter, tensors, what)
    return adapter.eval().requires_grad_(False)


_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_VALUES: Mapping[str, Sequence[object]] = {
    "kind": grammar.KINDS,
    "shape": grammar.SHAPES,
    "colour": tuple(COLOURS),
    "size": grammar.SIZES,
    "shape2": grammar.SHAPES,
    "colour2": tuple(COLOURS),
    "count": tuple(range(1, grammar.MAX_COUNT + 1)),
    "relation": grammar.RELATIONS,
    "motion": grammar.MOTIONS,
    "camera": grammar.CAMERAS,
    "background": tuple(BACKGROUNDS),
    "style": grammar.STYLES,
    "word_colour": tuple(COLOURS),
    "role": grammar.ROLES,
    "tone": grammar.TONES,
    "hair": grammar.HAIRS,
    "hair_colour": tuple(HAIR_COLOURS),
    "outfit": tuple(COLOURS),
    "canary": (False, True),
    **{f"letter{i}": _LETTERS for i in range(grammar.WORD_LENGTHS[1])},
}
ATTRIBUTES: Mapping[str, int] = {name: len(values) + 1 for name, values in _VALUES.items()}
"""Classes of each attribute; class 0 says that the scene has none."""


def attributes(truth: Truth) -> dict[str, int]:
    """The class of every attribute of a truth, 0 where it has none."""
    first = truth.things[0] if truth.things else None
    second = truth.things[1] if len(truth.things) > 1 else None
    seen: dict[str, object] = {
        name: getattr(truth, name)
        for name in ("kind", "relation", "motion", "camera", "background", "style", "canary")
    }
    seen["count"] = truth.count if first is not None else None
    seen["word_colour"] = truth.word_colour
    for thing, suffix in ((first, ""), (second, "2")):
        seen[f"shape{suffix}"] = thing.shape if thing else None
        seen[f"colour{suffix}"] = thing.colour if thing else None
    seen["size"] = first.size if first else None
    for name in ("role", "tone", "hair", "hair_colour", "outfit"):
        seen[name] = getattr(truth.person, name) if truth.person else None
    for i, letter in enumerate(truth.word or ""):
        seen[f"letter{i}"] = letter
    return {
        name: 0 if seen.get(name) is None else 1 + list(values).index(seen[name])
        for name, values in _VALUES.items()
    }


def label_table(truths: Sequence[Truth]) -> Tensor:
    """(N, attributes) classes, in the order of `ATTRIBUTES`."""
    return torch.tensor([list(attributes(truth).values()) for truth in truths])


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterTraining:
    """How the adapter is trained."""

    steps: int = 2000
    batch: int = 128
    learning_rate: float = 2e-3
    noise: float = 0.6
    seed: int = 0
    kept_weight: float = 0.0


def train_adapter(
    adapter: TextAdapter,
    states: TextStates,
    labels_NA: Tensor,
    training: AdapterTraining,
    kept: tuple[TextCondition, Tensor] | None = None,
) -> dict[str, float]:
    """Train in place; returns each attribute's accuracy without noise on the last tenth.

    With `kept` (old conditions, and rows (N,) that must keep theirs) only the mixing layer trains,
    and leaving a kept condition costs `kept_weight` times the squared distance; accuracies are of
    the other rows.
    """
    generator = torch.Generator().manual_seed(training.seed)
    readers = nn.ModuleList(nn.Linear(adapter.config.text_width, n) for n in ATTRIBUTES.values())
    learning = adapter if kept is None or adapter.mix is None else adapter.mix
    parameters = [*learning.parameters(), *readers.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=training.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, training.steps)
    n_train = len(labels_NA) - len(labels_NA) // 10
    for _ in range(training.steps):
        rows = torch.randint(n_train, (training.batch,), generator=generator)
        made = adapter(_rows(states, rows))
        vector = made.vector_NP
        drift = _drift(made, kept, rows) if kept is not None else vector.new_zeros(())
        vector = vector + training.noise * torch.randn(vector.shape, generator=generator)
        losses = [
            F.cross_entropy(reader(vector), labels_NA[rows, i]) for i, reader in enumerate(readers)
        ]
        optimiser.zero_grad(set_to_none=True)
        (torch.stack(losses).sum() + training.kept_weight * drift).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    with torch.inference_mode():
        rows = torch.arange(n_train, len(labels_NA))
        if kept is not None:
            rows = rows[~kept[1][rows]]
        vector = adapter(_rows(states, rows)).vector_NP
        hits = [
            (reader(vector).argmax(1) == labels_NA[rows, i]).float().mean().item()
            for i, reader in enumerate(readers)
        ]
    return dict(zip(ATTRIBUTES, hits, strict=True))


@torch.inference_mode()
def conditions(adapter: TextAdapter, states: TextStates) -> TextCondition:
    """Conditions of many token states, in little memory."""
    n = len(states.mask_NL)
    parts = [adapter(_rows(states, torch.arange(i, min(i + 512, n)))) for i in range(0, n, 512)]
    return TextCondition(
        vector_NP=torch.cat([part.vector_NP for part in parts]),
        slots_NSD=torch.cat([part.slots_NSD for part in parts]),
    )


def _drift(made: TextCondition, kept: tuple[TextCondition, Tensor], rows: Tensor) -> Tensor:
    """Mean squared distance from the old conditions, over those rows that keep theirs."""
    old, keeps_N = kept
    vector = (made.vector_NP - old.vector_NP[rows]).square().mean(1)
    slots = (made.slots_NSD - old.slots_NSD[rows]).square().mean((1, 2))
    return ((vector + slots) * keeps_N[rows]).mean()


def _rows(states: TextStates, rows: Tensor) -> TextStates:
    mask = states.mask_NL[rows]
    length = int(mask.sum(1).max())
    return TextStates(states_NLD=states.states_NLD[rows, :length].float(), mask_NL=mask[:, :length])


def swapped(truth: Truth, name: str, rng: np.random.Generator) -> Truth:
    """The truth with another colour, shape, motion or background: for checks of binding.

    Raises:
        ValueError: when the truth has no such attribute, or nothing legal to swap it for.
    """
    values = list(_VALUES[name])
    for index in rng.permutation(len(values)):
        value = values[index]
        other = _with(truth, name, value)
        if other != truth and not grammar.faults(other):
            return other
    raise ValueError(f"nothing to swap {name!r} for in {truth}")


def _with(truth: Truth, name: str, value: object) -> Truth:
    if name in ("shape", "colour", "size") and truth.things:
        fields: dict[str, object] = {name: value}
        first: Thing = replace(truth.things[0], **fields)  # type: ignore[arg-type]
        return replace(truth, things=(first, *truth.things[1:]))
    if name in ("motion", "background", "style", "camera", "count"):
        return replace(truth, **{name: value})  # type: ignore[arg-type]
    return truth
