"""A finished run as an audit sees it: prompts, trials, where videos lie, features on demand.

Features come from the run where it holds them under the extractor's present key, else from the
shared cache, else the video is read now and the cache keeps what was read. The run is not written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bench import registry
from bench.extraction import Store
from bench.features.base import Extractor
from bench.features.cache import FeatureCache
from bench.features.feed import Job, read_shard
from bench.runs import GENERATION, MANIFEST, PROMPTS, SOURCES, read_json, read_jsonl
from bench.types import Arrays, Json, Outcome, Prompt, Trial


@dataclass(kw_only=True)
class RunView:
    """The view of one run. `held` are records that a killed audit left, by trial id.

    `trials` are the candidates alone, in the run's order; each has its path where the video is
    still there. `run_hash` is the last hash of the run's journal.
    """

    root: Path
    run_hash: str
    manifest: Mapping[str, Any]
    prompts: Mapping[str, Prompt]
    trials: Sequence[Trial]
    held: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    _extractors: dict[str, Extractor] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, run_hash: str = "") -> Self:
        """The view of the run folder `root`.

        Raises:
            UsageError: when the folder holds no run.
            RunDamaged: when its files hold something else.
        """
        manifest = read_json(root / MANIFEST)
        prompts = [prompt_of(record) for record in read_jsonl(root / PROMPTS)]
        places = read_json(root / SOURCES)
        trials = [trial_of(record, root, places) for record in read_jsonl(root / GENERATION)]
        return cls(
            root=root,
            run_hash=run_hash,
            manifest=manifest,
            prompts={prompt.id: prompt for prompt in prompts},
            trials=[trial for trial in trials if trial.source == "candidate"],
        )

    def path(self, trial: Trial) -> Path | None:
        """Where a trial's video lies; None where there is none."""
        return trial.path if trial.path is not None and trial.path.is_file() else None

    def arrays(self, trial: Trial, spec: str) -> Arrays | None:
        """An extractor's features of a trial's video; None where it has none or was refused.

        Raises:
            UsageError: when there is no such extractor.
            Unavailable: when its weights or packages are missing.
        """
        if trial.outcome is not Outcome.OK or not trial.sha256:
            return None
        extractor = self.extractor(spec)
        key = extractor.key()
        cache = FeatureCache()
        held = Store(root=self.root).arrays(trial.sha256, key) or cache.get(trial.sha256, key)
        path = self.path(trial)
        if held is not None or path is None:
            return held
        job = Job(path=path, sha256=trial.sha256, specs=(spec,))
        read = read_shard([job], {spec: extractor})[0].features.get(spec)
        if read is not None:
            cache.put(trial.sha256, key, read)
        return read

    def extractor(self, spec: str) -> Extractor:
        """The extractor of a spec, built once; torch, where it wants it, gets one thread."""
        if spec not in self._extractors:
            extractor: Extractor = registry.build("feature", spec)
            if extractor.uses_torch:
                import torch

                # numbers must not depend on the number of cores
                torch.set_num_threads(1)
            self._extractors[spec] = extractor
        return self._extractors[spec]


def prompt_of(record: Mapping[str, Any]) -> Prompt:
    """A prompt of a run's `1-prompts.jsonl`."""
    return Prompt(**{**record, "tags": tuple(record["tags"])})


def trial_of(record: Mapping[str, Any], root: Path, places: Mapping[str, str]) -> Trial:
    """A trial of a run's `2-generation.jsonl`, with where its video lies."""
    place = places.get(record["id"])
    path = None if place is None else root / place
    return Trial(**{**record, "outcome": Outcome(record["outcome"]), "path": path})
