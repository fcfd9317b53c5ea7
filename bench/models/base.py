"""The seam to systems under test, and the records of videos that exist already.

A :class:`VideoModel` makes videos of prompts. The other records are of videos that are there: one
video, a listing of them, the prompts that they answer. A listed video's name is its path below the
listing's root, with `/` between the parts. It is untrusted text: it may hold line breaks, quotes or
a leading dash, and nothing but the listing opens files by it.
"""

from __future__ import annotations

import abc
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from bench import registry
from bench.clearance import Cleared, clear_text
from bench.errors import UsageError, printable
from bench.suites.base import Suite, text_id
from bench.types import Json, Outcome, Prompt

U8 = npt.NDArray[np.uint8]

# fmt: off
VIDEO_SUFFIXES = frozenset((
    ".3gp", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov",
    ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".webm", ".wmv", ".y4m",
))
# fmt: on
IMAGE_SUFFIXES = frozenset((".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVideo:
    """One video file, or one folder of images, and what a manifest says of it.

    `problem` says why it cannot be opened; it is empty exactly where `path` is set. `fps` is the
    rate that the manifest states, which a folder of images needs.
    """

    name: str
    path: Path | None
    prompt_id: str | None = None
    prompt_text: str | None = None
    seed: int | None = None
    category: str = ""
    fps: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The videos that a folder, a file, a pattern or a manifest names, sorted by name.

    `n_ignored` counts what was passed over: files that are not videos, hidden files, links to
    folders. `unread_columns` are a manifest's columns that mean nothing here.
    """

    spec: str
    root: Path
    videos: tuple[ListedVideo, ...]
    n_ignored: int = 0
    unread_columns: tuple[str, ...] = ()

    def summary(self) -> str:
        """One line for people: how many videos, how many cannot be opened, what was ignored."""
        broken = [video for video in self.videos if video.problem]
        parts = [_count(len(self.videos), "video")]
        if broken:
            first = f"{printable(broken[0].name)}: {broken[0].problem}"
            parts.append(f"{len(broken)} cannot be opened ({first})")
        if self.n_ignored:
            parts.append(f"{_count(self.n_ignored, 'other file')} ignored")
        if self.unread_columns:
            parts.append(f"columns not read: {printable(', '.join(self.unread_columns))}")
        return ", ".join(parts)

    def suite(self) -> Suite | None:
        """The prompts that a manifest's own texts make; None where it holds no text.

        Raises:
            UsageError: when two videos give one prompt different texts or categories.
        """
        prompts: dict[str, Prompt] = {}
        for video in self.videos:
            if video.prompt_text is None:
                continue
            prompt = Prompt(
                id=video.prompt_id or text_id(video.prompt_text),
                text=video.prompt_text,
                category=video.category,
                lang="",
            )
            if (other := prompts.setdefault(prompt.id, prompt)) != prompt:
                raise UsageError(
                    f"the video {printable(video.name)} gives the prompt {printable(prompt.id)}"
                    " another text or category than a video before it",
                    seen=f"{prompt.text} ({prompt.category})",
                    legal=f"{other.text} ({other.category})",
                )
        if not prompts:
            return None
        name = self.root.name or "manifest"
        return Suite(name=name, prompts=tuple(prompts.values()), source=self.spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A video and the prompt that it answers. `how` names the rule that matched them."""

    video: ListedVideo
    prompt: Prompt
    seed: int | None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A video that could answer several prompts, or a prompt and seed that several videos claim."""

    video: ListedVideo
    prompt_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Which video answers which prompt, with everything that does not match named.

    `videos` are all of the listing's, in its order, each with the id and seed of the prompt that it
    answers, or with neither; each is in just one of `pairs`, `videos_without_prompt` and
    `ambiguous`. `pairs` also holds videos that cannot be opened, so that their prompt is known when
    they are counted. `prompts_without_videos` are the ids of prompts that are in no pair.
    """

    n_prompts: int
    videos: tuple[ListedVideo, ...]
    pairs: tuple[Pair, ...]
    prompts_without_videos: tuple[str, ...]
    videos_without_prompt: tuple[ListedVideo, ...]
    ambiguous: tuple[Ambiguity, ...]

    def counts(self) -> dict[str, Json]:
        """The ledger in numbers. A prompt is answered when a video of it can be opened."""
        n_answered = len({pair.prompt.id for pair in self.pairs if not pair.video.problem})
        return {
            "n_prompts": self.n_prompts,
            "n_prompts_answered": n_answered,
            "n_prompts_missing": self.n_prompts - n_answered,
            "n_videos": len(self.videos),
            "n_videos_without_prompt": len(self.videos_without_prompt),
            "n_videos_ambiguous": len(self.ambiguous),
            "n_videos_unopenable": sum(bool(video.problem) for video in self.videos),
        }

    def summary(self) -> str:
        """One line for people, with every count that is not as it should be."""
        counts = self.counts()
        have = "has videos" if self.n_prompts == 1 else "have videos"
        parts = [
            f"{counts['n_prompts_answered']} of {_count(self.n_prompts, 'prompt')} {have}",
            f"{counts['n_prompts_missing']} missing",
            f"{_count(len(self.videos_without_prompt), 'video')} without a prompt",
        ]
        if n_broken := sum(bool(video.problem) for video in self.videos):
            parts.append(f"{_count(n_broken, 'video')} cannot be opened")
        if self.ambiguous:
            first = self.ambiguous[0]
            named = f"{printable(first.video.name)}: {first.reason}"
            parts.append(f"{_count(len(self.ambiguous), 'ambiguous video')} ({named})")
        return ", ".join(parts)


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One video that a model is asked for. The text comes from `bench.clearance.clear`.

    Raises:
        UsageError: for a text that may never be generated, from wherever it came.
    """

    prompt: Cleared
    seed: int

    def __post_init__(self) -> None:
        """Look at the text once more: an ask that may not be cannot be made."""
        clear_text(self.prompt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a model gave for one ask.

    `frames` are (H, W, 3) uint8 RGB, read once, in order: an array (T, H, W, 3) or an iterator, so
    that a long video need not lie in memory. Without frames `outcome` says why: `suppressed` where
    a filter of the system stopped the prompt or the video, `missing` where the model gave nothing,
    `error` where it failed; `reason` is a sentence. `details` goes into the run as it is: decisions
    of filters, what was planted. It must follow from the ask: no clock, no path. `sign` is called
    with every file that is written of the frames, before anybody can use it: it may sign the file
    in place or write beside it, and what it returns goes into the details as `provenance`.
    """

    frames: Iterable[U8] | None
    fps: float = 0.0
    outcome: Outcome = Outcome.OK
    reason: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)
    sign: Callable[[Path], Mapping[str, str]] | None = None

    def __post_init__(self) -> None:
        """Refuse a video that failed, and a success without a video."""
        if (self.frames is None) == (self.outcome is Outcome.OK):
            raise ValueError(
                f"frames go with the outcome ok and no other; seen: {self.outcome} "
                f"{'without' if self.frames is None else 'with'} frames"
            )


class VideoModel(abc.ABC):
    """The system under test: prompts and seeds in, videos out.

    One adapter is one file here, or `package.module:Class` of somebody else. It is constructed with
    options as text or as their own types, loads weights only when first asked for a video, and
    gives the same frames for the same ask every time; where hardware does not allow that, the run
    keeps the first.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    """Raised whenever the adapter makes other videos of the same asks."""
    batch_size: int = 1
    """How many asks `generate` is given at once. If it is more than 1, a video may depend on those
    made with it, and so the batch is part of the video's identity."""
    max_workers: int | None = None
    """At most so many processes; 1 for a model that fills a device. None: one a core."""
    uses_torch: ClassVar[bool] = True
    """Whether worker processes must prepare torch before this model runs."""

    @abc.abstractmethod
    def settings(self) -> Mapping[str, Json]:
        """Everything that the videos depend on besides asks and version: weights' sha256, steps...

        Called before a run is planned, so it must be quick.

        Raises:
            UsageError: when the model cannot do what its options say.
            Unavailable: when weights or packages are missing; the message says how to get them.
        """

    @abc.abstractmethod
    def generate(self, asks: Sequence[Ask]) -> Sequence[Made]:
        """One :class:`Made` for each ask, in order. At most `batch_size` asks come at once.

        An exception costs the videos of this call, which end as errors with its message.
        """

    def remarks(self, prompts: Sequence[str]) -> list[str]:
        """What a person should be told before these prompts are asked; one line each."""
        return []

    def fingerprint(self) -> dict[str, Json]:
        """What the model's videos depend on, by name."""
        return {
            "model": self.name,
            "version": self.version,
            "batch_size": self.batch_size,
            **self.settings(),
        }


def load_model(spec: str) -> VideoModel:
    """The model of a spec: an adapter's name with options, or `package.module:attribute`.

    The attribute is a :class:`VideoModel`, or a plain function as the adapter `callable` takes it.

    Raises:
        UsageError: when there is no such model, or it refuses its options.
    """
    parsed = registry.parse_spec(spec)
    found = registry.load("model", parsed.name)
    if inspect.isfunction(found):
        parsed = registry.Spec(name="callable", options={**parsed.options, "function": parsed.name})
    model = registry.build("model", parsed)
    if not isinstance(model, VideoModel):
        raise UsageError(
            f"{parsed.name} makes no videos",
            seen=type(model).__name__,
            legal="a subclass of bench.models.base.VideoModel",
            then="prescreen score VIDEOS, for videos that exist already",
        )
    return model
