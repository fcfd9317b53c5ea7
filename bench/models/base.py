"""The records of videos that exist already: one video, a listing of them, the prompts they answer.

A video's name is its path below the listing's root, with `/` between the parts. It is untrusted
text: it may hold line breaks, quotes or a leading dash, and nothing but the listing opens files by
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError, printable
from bench.suites.base import Suite, text_id
from bench.types import Json, Prompt

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
