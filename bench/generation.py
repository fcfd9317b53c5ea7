"""Stage 3 of a run: every wanted video is asked of the model once and kept without loss.

Below `3-videos/` lie, by video id, the lossless master `<id>.mp4`, the preview `previews/<id>.mp4`
and the record `<id>.json`, which says how the trial ended. The record is written last: a video
without it is made again, so that a killed run goes on where it stopped. The id is a hash of what
the video follows from (model, prompt, seed), never the prompt's text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Protocol

from bench.clearance import clear
from bench.errors import PrescreenError, UsageError, VideoError, explain
from bench.models.base import Ask, Made, VideoModel
from bench.runs import VIDEOS, Run, read_json, write_json
from bench.types import Json, Outcome, Prompt, Trial, canonical_json, digest
from bench.videos.read import frames, sha256
from bench.videos.write import write_master, write_preview

PREVIEWS = "previews"
Notify = Callable[[int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A video to be made: its id, and what the model is asked."""

    id: str
    ask: Ask
    prompt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How the making of a video ended. `sha256` is of the master's bytes, empty without one."""

    id: str
    outcome: Outcome
    reason: str = ""
    sha256: str = ""
    preview_sha256: str = ""
    n_frames: int = 0
    fps: float = 0.0
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The videos that a run wants of a model: its spec, what they depend on, and in which batches.

    `batches` are in the order of the prompts, for a model whose videos depend on their batch.
    """

    model: str
    fingerprint: Mapping[str, Json]
    batches: tuple[tuple[Wanted, ...], ...]

    def wanted(self) -> list[Wanted]:
        """All videos, in order."""
        return [wanted for batch in self.batches for wanted in batch]


class Engine(Protocol):
    """Where videos are made: `bench.engines.*`."""

    def generate(
        self, batches: Sequence[Sequence[Wanted]], model: str, folder: Path
    ) -> Iterator[Record]:
        """The records of all wanted videos, in order; the videos lie in `folder` by then."""
        ...


def seed_of(prompt: Prompt, index: int, base: int = 0) -> int:
    """The seed of a prompt's video number `index`, 0 to 2³¹ - 1.

    Prompts have seeds of their own, since videos of one noise are not independent. Prompts with one
    `pair_id` among their attributes share theirs, so that the pair differs in the text alone.
    """
    pair = prompt.attributes.get("pair_id")
    text = prompt.text if pair is None else f"pair {canonical_json(pair)}"
    data = hashlib.sha256(f"{base}\n{index}\n{text}".encode()).digest()
    return int.from_bytes(data[:4], "big") >> 1


def plan_generation(
    spec: str, model: VideoModel, prompts: Sequence[Prompt], n_seeds: int, base_seed: int
) -> Generation:
    """Which videos a suite wants of a model, with their ids.

    Raises:
        UsageError: for prompts of a class that may never be generated.
    """
    fingerprint = model.fingerprint()
    asks = [
        (prompt, Ask(prompt=clear(prompt), seed=seed_of(prompt, index, base_seed)))
        for prompt in prompts
        for index in range(n_seeds)
    ]
    size = model.batch_size
    batches = []
    for start in range(0, len(asks), size):
        held = asks[start : start + size]
        company = [asdict(ask) for _, ask in held] if size > 1 else []
        batches.append(
            tuple(
                Wanted(
                    id=video_id(fingerprint, ask, company),
                    ask=ask,
                    prompt_id=prompt.id,
                )
                for prompt, ask in held
            )
        )
    return Generation(model=spec, fingerprint=fingerprint, batches=tuple(batches))


def video_id(
    fingerprint: Mapping[str, Json], ask: Ask, company: Sequence[Mapping[str, Json]] = ()
) -> str:
    """The id of a video. `company` are the asks of its batch, where the model looks at batches."""
    return digest([dict(fingerprint), ask.prompt, ask.seed, [dict(c) for c in company]], 20)


def produce(model: VideoModel, batch: Sequence[Wanted], folder: Path) -> list[Record]:
    """Ask the model for a batch and keep what it gives; a failure costs only its own videos.

    Raises:
        PrescreenError: when it is the machine that is at fault and not a video.
    """
    try:
        made = model.generate([wanted.ask for wanted in batch])
        if len(made) != len(batch):
            raise ValueError(f"the model gave {len(made)} videos for {len(batch)} asks")
        return [_kept(wanted, one, folder) for wanted, one in zip(batch, made, strict=True)]
    except PrescreenError as error:
        if not isinstance(error, VideoError | UsageError):
            raise
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - a model may fail on a prompt in any way
        reason = explain(f"the model failed with {type(error).__name__}: {error}")
    if len(batch) == 1:
        return [keep_failure(folder, batch[0], reason=reason)]
    return [record for wanted in batch for record in produce(model, (wanted,), folder)]


def _kept(wanted: Wanted, made: Made, folder: Path) -> Record:
    record = Record(
        id=wanted.id, outcome=made.outcome, reason=made.reason, details=dict(made.details)
    )
    if made.frames is not None:
        record = write_video(folder, record, made)
    return _write(folder, record)


def write_video(folder: Path, record: Record, made: Made) -> Record:
    """Write master and preview of a video that was made; the record with what they are.

    The preview is made from the master, so that frames which come one by one are needed once.
    """
    if made.frames is None:
        raise ValueError("there is no video to write")
    master, preview = folder / f"{record.id}.mp4", folder / PREVIEWS / f"{record.id}.mp4"
    write_master(master, made.frames, made.fps)
    details = dict(record.details)
    if made.sign is not None:
        details["provenance"] = dict(made.sign(master))
    n_frames = 0

    def again() -> Iterator[object]:
        nonlocal n_frames
        for frame in frames(master):
            n_frames += 1
            yield frame.frame_HWC

    write_preview(preview, again(), made.fps)  # type: ignore[arg-type]
    if made.sign is not None:
        made.sign(preview)
    return replace(
        record,
        details=details,
        sha256=sha256(master),
        preview_sha256=sha256(preview),
        n_frames=n_frames,
        fps=float(made.fps),
    )


def keep_failure(folder: Path, wanted: Wanted, *, reason: str) -> Record:
    """Write down that a video could not be made."""
    return _write(folder, Record(id=wanted.id, outcome=Outcome.ERROR, reason=reason))


def _write(folder: Path, record: Record) -> Record:
    write_json(folder / f"{record.id}.json", asdict(record))
    return record


def read_record(folder: Path, video: str) -> Record | None:
    """The record of a video; None while it is not made."""
    path = folder / f"{video}.json"
    if not path.exists():
        return None
    held = read_json(path)
    return Record(**{**held, "outcome": Outcome(held["outcome"])})


def generate(
    run: Run, generation: Generation, *, engine: Engine, notify: Notify
) -> tuple[Trial, ...]:
    """Fill `3-videos`, chain each video to the journal, and return the trials.

    Args:
        run: the open run.
        generation: what is wanted.
        engine: makes what is not there yet.
        notify: told of each video that is done.
    """
    folder = run.path / VIDEOS
    wanted = generation.wanted()
    held = {w.id: read_record(folder, w.id) for w in wanted}
    todo: dict[str, tuple[Wanted, ...]] = {}
    for batch in generation.batches:
        if any(held[w.id] is None for w in batch):
            todo.setdefault(batch[0].id, batch)
    made = engine.generate(list(todo.values()), generation.model, folder)
    trials = []
    for batch in generation.batches:
        if todo.pop(batch[0].id, None) is not None:
            held |= {record.id: record for record in (next(made) for _ in batch)}
        for one in batch:
            record = held[one.id]
            if record is None:
                raise ValueError(f"the video {one.id} was not made")
            run.record("generation", _event(one, record))
            trials.append(_trial(one, record, folder))
            notify(len(wanted), one.id)
    return tuple(trials)


def _event(wanted: Wanted, record: Record) -> dict[str, Json]:
    fields: dict[str, Json] = json.loads(canonical_json(asdict(record)))
    return {**fields, "prompt_id": wanted.prompt_id, "seed": wanted.ask.seed}


def _trial(wanted: Wanted, record: Record, folder: Path) -> Trial:
    return Trial(
        id=digest(["candidate", record.id, wanted.prompt_id]),
        source="candidate",
        name=f"{record.id}.mp4",
        path=folder / f"{record.id}.mp4" if record.sha256 else None,
        sha256=record.sha256,
        outcome=record.outcome,
        reason=record.reason,
        prompt_id=wanted.prompt_id,
        seed=wanted.ask.seed,
        details=dict(record.details),
    )
