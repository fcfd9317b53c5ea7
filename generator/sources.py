"""Which data a run trains on: the world, and a team's own clips, mixed by weight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.adapter import TextCondition
from generator.data import Mixture, Source
from generator.shards import ShardSource
from generator.stages import Preset
from generator.text import load_encoder
from generator.train_text import encode, load_adapter, world_source


def parse_data(given: Sequence[str] | None) -> list[tuple[str, float]]:
    """`SOURCE=WEIGHT` texts as pairs; nothing given is the world alone.

    Raises:
        ValueError: when a text is not of that form, or a weight is not a number above 0.
    """
    pairs = []
    for text in given or ["world=1"]:
        source, equals, weight = text.rpartition("=")
        try:
            pairs.append((source, float(weight)))
        except ValueError:
            equals = ""
        if not equals or not source or not pairs[-1][1] > 0:
            raise ValueError(f"data is SOURCE=WEIGHT, weight above 0; seen: {text!r}")
    return pairs


class SourceBook:
    """The source of each curriculum level, made when it is first asked for."""

    def __init__(
        self,
        preset: Preset,
        adapter_path: Path,
        cache: Path,
        seed: int,
        data: Sequence[str] | None = None,
    ) -> None:
        self.preset, self.adapter_path, self.cache, self.seed = preset, adapter_path, cache, seed
        self.data = parse_data(data)
        self._made: dict[int, Source] = {}
        self._shards: dict[str, ShardSource] = {}

    def __call__(self, level: int) -> Source:
        """The mixture at this level; only the newest level stays in memory."""
        if level not in self._made:
            self._made.clear()
            sources = [self._source(name, level) for name, _ in self.data]
            weights = [weight for _, weight in self.data]
            one = len(sources) == 1
            self._made[level] = sources[0] if one else Mixture(sources, weights)
        return self._made[level]

    def _source(self, name: str, level: int) -> Source:
        if name == "world":
            return world_source(self.preset, self.adapter_path, self.cache, level, self.seed)
        if name not in self._shards:
            self._shards[name] = ShardSource(Path(name), self._encode)
        return self._shards[name]

    def _encode(self, prompts: Sequence[str]) -> TextCondition:
        adapter = load_adapter(self.preset, self.adapter_path)
        return encode(load_encoder(self.preset.text_encoder), adapter, prompts)
