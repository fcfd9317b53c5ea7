"""Stage 4 of a run: every video is decoded once and what the metrics need of it is kept.

Below `4-features/<sha256>/` lie one safetensors file per extractor key and `reading.json`, which
says what the video is, which extractors refused it and why. Features found in the shared cache
are copied, not read again; a run can therefore be verified, moved and scored anew without its
videos.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bench.features.base import Extractor
from bench.features.cache import FeatureCache, arrays_digest, load_arrays, save_arrays
from bench.features.feed import Facts, Job, Reading
from bench.runs import FEATURES, Run, read_json, write_json
from bench.types import Arrays, Outcome, Prompt, Trial

READING = "reading.json"
FACTS_KEY = "facts-1"
"""Cache key of what decoding found; raised when the reader's counts could change."""

Notify = Callable[[int, str], None]
"""Called with the number of videos in all and the name of the one that is done."""


class Engine(Protocol):
    """Where videos are read: `bench.engines.*`."""

    def read(self, shards: Sequence[Sequence[Job]], specs: Sequence[str]) -> Iterator[Reading]:
        """The readings of all jobs, in order."""
        ...

    def embed_texts(self, spec: str, texts: Sequence[str]) -> list[Arrays]:
        """Features of prompts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The features of a run on disk, by video."""

    root: Path

    def folder(self, sha256: str) -> Path:
        """The folder of one video (or of one prompt's text)."""
        return self.root / FEATURES / sha256

    def reading(self, sha256: str) -> Mapping[str, Any]:
        """What decoding found: `facts`, `problems` by extractor key, `error`."""
        reading: Mapping[str, Any] = read_json(self.folder(sha256) / READING)
        return reading

    def arrays(self, sha256: str, key: str) -> Arrays | None:
        """One extractor's features of one video; None when it refused the video."""
        return load_arrays(self.folder(sha256) / f"{key}.safetensors")


def extract(
    run: Run,
    trials: Sequence[Trial],
    extractors: Mapping[str, Extractor],
    *,
    engine: Engine,
    cache: FeatureCache,
    notify: Notify,
) -> None:
    """Fill `4-features` for every distinct video of the trials and chain each to the journal.

    Args:
        run: the open run.
        trials: in the order in which their events stand in the journal.
        extractors: by spec.
        engine: reads what neither the run nor the cache holds.
        cache: shared between runs.
        notify: told of each video that is done.
    """
    keys = {spec: extractor.key() for spec, extractor in extractors.items()}
    store = Store(root=run.path)
    videos = {t.sha256: t for t in reversed(trials) if t.outcome is Outcome.OK and t.path}
    ordered = [t for t in trials if videos.get(t.sha256) is t]
    jobs = {t.sha256: job for t in ordered if (job := _job(t, keys, store, cache))}
    shard_size = max((e.batch_size for e in extractors.values()), default=1)
    todo = list(jobs.values())
    shards = [todo[i : i + shard_size] for i in range(0, len(todo), shard_size)]
    readings = engine.read(shards, list(extractors))
    for trial in ordered:
        if trial.sha256 in jobs:
            _keep(next(readings), keys, store, cache)
        run.record("reading", _event(trial, keys, store))
        notify(len(ordered), trial.name)
    cache.prune()


def _job(trial: Trial, keys: Mapping[str, str], store: Store, cache: FeatureCache) -> Job | None:
    """What still has to be read of a video; None when all of it is in the run or the cache."""
    folder = store.folder(trial.sha256)
    if (folder / READING).exists():
        return None
    held = {spec: cache.get(trial.sha256, key) for spec, key in keys.items()}
    facts = cache.get(trial.sha256, FACTS_KEY)
    missing = tuple(spec for spec, arrays in held.items() if arrays is None)
    for spec, arrays in held.items():
        if arrays is not None:
            save_arrays(folder / f"{keys[spec]}.safetensors", arrays)
    if not missing and facts is not None:
        record = {"facts": _facts_of(facts), "problems": {}, "error": ""}
        write_json(folder / READING, record)
        return None
    if trial.path is None:
        raise ValueError(f"{trial.id} is ok and has no path")
    return Job(path=trial.path, sha256=trial.sha256, specs=missing)


def _keep(reading: Reading, keys: Mapping[str, str], store: Store, cache: FeatureCache) -> None:
    folder = store.folder(reading.sha256)
    for spec, arrays in reading.features.items():
        cache.put(reading.sha256, keys[spec], arrays)
        save_arrays(folder / f"{keys[spec]}.safetensors", arrays)
    facts = asdict(reading.facts) if reading.facts else None
    if reading.facts is not None:
        cache.put(reading.sha256, FACTS_KEY, _facts_arrays(reading.facts))
    problems = {keys[spec]: reason for spec, reason in reading.problems.items()}
    # written last: a video without it is read again
    record = {"facts": facts, "problems": problems, "error": reading.error}
    write_json(folder / READING, record)


def _event(trial: Trial, keys: Mapping[str, str], store: Store) -> dict[str, Any]:
    reading = store.reading(trial.sha256)
    digests = {}
    for key in keys.values():
        arrays = store.arrays(trial.sha256, key)
        if arrays is not None:
            digests[key] = arrays_digest(arrays)
    return {"video": trial.sha256, "features": digests, **reading}


def _facts_arrays(facts: Facts) -> Arrays:
    return {name: np.array(value) for name, value in _encoded(facts).items()}


def _encoded(facts: Facts) -> dict[str, Any]:
    return {
        name: np.frombuffer(value.encode(), dtype=np.uint8) if isinstance(value, str) else value
        for name, value in asdict(facts).items()
    }


def _facts_of(arrays: Arrays) -> dict[str, Any]:
    texts = {"codec", "pixel_format"}
    return {
        name: array.tobytes().decode() if name in texts else array.item()
        for name, array in arrays.items()
    }


def text_sha256(text: str) -> str:
    """Under which name the features of a prompt's text are kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def embed_prompts(
    run: Run,
    prompts: Sequence[Prompt],
    extractors: Mapping[str, Extractor],
    *,
    engine: Engine,
    cache: FeatureCache,
) -> None:
    """Keep the text features of every distinct prompt, for the extractors given."""
    store = Store(root=run.path)
    texts = {text_sha256(prompt.text): prompt.text for prompt in prompts}
    for spec, extractor in extractors.items():
        key = f"{extractor.key()}-text"
        held = {sha: cache.get(sha, key) for sha in texts}
        missing = [sha for sha, arrays in held.items() if arrays is None]
        made = engine.embed_texts(spec, [texts[sha] for sha in missing]) if missing else []
        for sha, arrays in zip(missing, made, strict=True):
            cache.put(sha, key, arrays)
            held[sha] = dict(arrays)
        for sha in sorted(texts):
            arrays = held[sha] or {}
            save_arrays(store.folder(sha) / f"{key}.safetensors", arrays)
            run.record("text", {"text": sha, "key": key, "digest": arrays_digest(arrays)})
