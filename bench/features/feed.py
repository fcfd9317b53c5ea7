"""Decodes each video once and hands its frames to every extractor that wants them.

An extractor that fails on a video costs that video its own features and nothing else, so that what
the others read does not depend on who reads beside them. What is wrong with the machine (weights
gone, disk full) is raised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from bench.errors import PrescreenError, VideoError, explain
from bench.features.base import Extractor, Pass, Step
from bench.types import Arrays, Probe
from bench.videos.probe import probe as probe_file
from bench.videos.read import Reader
from bench.videos.sample import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One video to read: its file, its hash, and the specs of the extractors that want it."""

    path: Path
    sha256: str
    specs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a video after decoding it; all of it is the same for the same bytes."""

    height_px: int
    width_px: int
    fps: float
    n_announced: int
    n_decoded: int
    codec: str
    pixel_format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a job: features by spec, why some specs have none, or why nothing did."""

    sha256: str
    facts: Facts | None = None
    features: Mapping[str, Arrays] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    @classmethod
    def failed(cls, job: Job, reason: str) -> Self:
        """The reading of a video that gave nothing."""
        return cls(sha256=job.sha256, error=reason)


class _Lane:
    """The steps of one sampling rule and the passes that walk along them."""

    def __init__(self, wanted: Collection[int]) -> None:
        self.wanted = wanted if isinstance(wanted, range) else frozenset(wanted)
        self.passes: dict[str, Pass] = {}
        self.last: Step | None = None

    def push(
        self, index: int, time_s: float, frame_HWC: np.ndarray, problems: dict[str, str]
    ) -> None:
        step = Step(index=index, time_s=time_s, frame_HWC=frame_HWC, previous=self.last)
        for spec, walk in list(self.passes.items()):
            with _costs_only(spec, problems):
                walk.push(step)
            if spec in problems:
                del self.passes[spec]
        self.last = step


@contextlib.contextmanager
def _costs_only(spec: str, problems: dict[str, str]) -> Iterator[None]:
    """Turns what the extractor raises inside into its problem, but for the machine's troubles."""
    try:
        yield
    except VideoError as error:  # too few frames, or too small
        problems[spec] = str(error)
    except PrescreenError:
        raise
    except Exception as error:  # noqa: BLE001 - an extractor may fail on one video in any way
        problems[spec] = explain(f"the extractor failed with {type(error).__name__}: {error}")


def read_shard(jobs: Sequence[Job], extractors: Mapping[str, Extractor]) -> list[Reading]:
    """Read several videos, embedding them together where an extractor takes batches."""
    drafts = [_decode(job, extractors) for job in jobs]
    features: list[dict[str, Arrays]] = [{} for _ in jobs]
    for spec, extractor in extractors.items():
        holders = [i for i, draft in enumerate(drafts) if spec in draft.payloads]
        for first in range(0, len(holders), extractor.batch_size):
            batch = holders[first : first + extractor.batch_size]
            for i, arrays in _embed(spec, extractor, [drafts[i] for i in batch], batch):
                features[i][spec] = arrays
    return [
        Reading(
            sha256=job.sha256,
            facts=draft.facts,
            features=made,
            problems=draft.problems,
            error=draft.error,
        )
        for job, draft, made in zip(jobs, drafts, features, strict=True)
    ]


@dataclass(slots=True, kw_only=True)
class _Draft:
    facts: Facts | None = None
    payloads: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    error: str = ""


def _embed(
    spec: str, extractor: Extractor, drafts: Sequence[_Draft], places: Sequence[int]
) -> list[tuple[int, Arrays]]:
    """The features of a batch with each one's place; where it fails, of each video alone."""
    payloads = [draft.payloads.pop(spec) for draft in drafts]
    if len(drafts) == 1:
        return _embed_alone(spec, extractor, drafts[0], payloads[0], places[0])
    made: list[tuple[int, Arrays]] = []
    failed: dict[str, str] = {}
    with _costs_only(spec, failed):
        made = list(zip(places, extractor.embed(payloads), strict=True))
    if failed:
        for draft, payload, place in zip(drafts, payloads, places, strict=True):
            made += _embed_alone(spec, extractor, draft, payload, place)
    return made


def _embed_alone(
    spec: str, extractor: Extractor, draft: _Draft, payload: Any, place: int
) -> list[tuple[int, Arrays]]:
    made: list[tuple[int, Arrays]] = []
    with _costs_only(spec, draft.problems):
        made.extend(zip([place], extractor.embed([payload]), strict=True))
    return made


def _decode(job: Job, extractors: Mapping[str, Extractor]) -> _Draft:
    draft = _Draft()
    chosen = {spec: extractors[spec] for spec in job.specs}
    try:
        again = _walk(job, chosen, draft, n_frames=None)
        if again:
            # the file announced more frames than it holds, so these rules picked the wrong ones
            _walk(job, again, draft, n_frames=draft.facts.n_decoded if draft.facts else 0)
    except VideoError as error:
        return _Draft(error=str(error))
    return draft


def _walk(
    job: Job, chosen: Mapping[str, Extractor], draft: _Draft, n_frames: int | None
) -> dict[str, Extractor]:
    """Decode once for the chosen extractors; returns those that must see the video again."""
    probe = probe_file(job.path)
    n_expected = probe.n_frames if n_frames is None else n_frames
    lanes = _lanes(job, chosen, draft, probe, n_expected)
    everything = any(sampling.kind == "all" for sampling in lanes)
    # the last frame is always asked for, so that the reader counts them all
    last = {max(n_expected - 1, 0)}
    wanted = None if everything else last.union(*(lane.wanted for lane in lanes.values()))
    with Reader(job.path, wanted, probe) as reader:
        for frame in reader:
            for lane in lanes.values():
                if frame.index in lane.wanted:
                    lane.push(frame.index, frame.time_s, frame.frame_HWC, draft.problems)
    draft.facts = _facts(probe, reader.reading.n_decoded)
    again: dict[str, Extractor] = {}
    for sampling, lane in lanes.items():
        for spec, walk in lane.passes.items():
            if draft.facts.n_decoded != n_expected and sampling.kind != "all":
                again[spec] = chosen[spec]
                continue
            with _costs_only(spec, draft.problems):
                draft.payloads[spec] = walk.finish()
    return again


def _lanes(
    job: Job, chosen: Mapping[str, Extractor], draft: _Draft, probe: Probe, n_frames: int
) -> dict[Sampling, _Lane]:
    lanes: dict[Sampling, _Lane] = {}
    for spec, extractor in chosen.items():
        sampling = extractor.sampling
        with _costs_only(spec, draft.problems):
            if sampling not in lanes:
                lanes[sampling] = _Lane(sampling.indices(n_frames, probe.fps, job.sha256))
            lanes[sampling].passes[spec] = extractor.start(probe, job.sha256)
    return lanes


def _facts(probe: Probe, n_decoded: int) -> Facts:
    return Facts(
        height_px=probe.height_px,
        width_px=probe.width_px,
        fps=probe.fps,
        n_announced=probe.n_frames,
        n_decoded=n_decoded,
        codec=probe.codec,
        pixel_format=probe.pixel_format,
    )
