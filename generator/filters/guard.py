"""Puts filters round a generator: prompt filter, generation, frame filter, trial by trial.

    guard = Guarded(Cascade.from_pretrained(), input_filter=CanaryWords(),
                    output_filter=CanaryFrames(), mode="on")
    screened = guard.one("a red ball with the canary emblem", seed=7)
    screened.input.decision, screened.generated, screened.output, screened.suppressed

Modes: `on` decides and holds back, `shadow` decides on everything and holds back nothing, `off`
asks no filter. Where a filter fails, its decision is `error`, and in mode `on` the trial is held
back: what was not decided is not safe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from generator.filters.base import ERROR, Content, Decision, Filter, FrameFilter, PromptFilter
from generator.provenance import NO_MARK, Mark, Origin, marked_frames, sha256_text
from generator.world.palette import Array

if TYPE_CHECKING:
    from generator.cascade import Cascade
    from generator.world.phantom import Phantom

MODES = ("on", "shadow", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What a generator made of one prompt: uint8 (T, H, W, 3), frames a second.

    `details` are the generator's own: a phantom's record of what it showed.
    """

    frames_THWC: Array
    fps: float
    details: Any = None


class Maker(Protocol):
    """Anything that makes a video of a prompt."""

    def __call__(self, prompt: str, seed: int) -> Video:
        """The video of one prompt and seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """One trial as the guard saw it.

    Attributes:
        input: The input filter's decision; None where no filter was asked.
        generated: False when the prompt was held back, so that the model never ran.
        output: The output filter's decision; None where no filter was asked or nothing generated.
        suppressed: True when the frames were replaced by black ones.
        video: What may be shown: the model's, or black; None when nothing was generated.
        origin: What a mark is told of the video.
    """

    prompt: str
    seed: int
    mode: str
    input: Decision | None
    generated: bool
    output: Decision | None
    suppressed: bool
    video: Video | None
    origin: Origin

    def record(self) -> dict[str, Any]:
        """The trial as JSON, for a journal: decisions, what ran, what was held back; no prompt."""
        return {
            "mode": self.mode,
            "input": None if self.input is None else asdict(self.input),
            "generated": self.generated,
            "output": None if self.output is None else asdict(self.output),
            "suppressed": self.suppressed,
        }


class Guarded:
    """A generator behind its filters. Frames leave with `mark` in them, whoever writes them."""

    def __init__(
        self,
        model: Cascade | Phantom | Maker,
        *,
        input_filter: PromptFilter | None = None,
        output_filter: FrameFilter | None = None,
        mode: str = "on",
        mark: Mark = NO_MARK,
        model_fingerprint: str = "",
        **options: Any,
    ) -> None:
        """`options` go to the cascade's call, such as `stage="base"`.

        `model_fingerprint` is what marks are told of the model.

        Raises:
            ValueError: for an unknown mode.
        """
        if mode not in MODES:
            raise ValueError(f"no such mode; seen: {mode!r}; legal: {', '.join(MODES)}")
        self.make = maker(model, **options)
        self.input_filter = None if mode == "off" else input_filter
        self.output_filter = None if mode == "off" else output_filter
        self.mode = mode
        self.mark = mark
        self.model_fingerprint = model_fingerprint

    @property
    def fingerprint(self) -> str:
        """What the decisions follow from, beside the model: mode, filters and mark."""
        filters = [f and f.fingerprint for f in (self.input_filter, self.output_filter)]
        parts = [self.mode, filters, self.mark.name, self.mark.version]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def one(self, prompt: str, seed: int) -> Screened:
        """One trial. What the model raises goes through; what a filter raises is a decision."""
        origin = Origin(
            model=self.model_fingerprint,
            prompt_sha256=sha256_text(prompt),
            seed=seed,
            guard=self.fingerprint,
        )
        trial = Screened(
            prompt=prompt,
            seed=seed,
            mode=self.mode,
            input=None if self.input_filter is None else ask(self.input_filter, prompt),
            generated=False,
            output=None,
            suppressed=False,
            video=None,
            origin=origin,
        )
        if trial.input is not None and trial.input.holds and self.mode == "on":
            return trial
        video = self.make(prompt, seed)
        seen = self.output_filter
        output = None if seen is None else ask(seen, video.frames_THWC)
        suppressed = self.mode == "on" and output is not None and output.holds
        if suppressed:
            video = replace(video, frames_THWC=np.zeros_like(video.frames_THWC))
        origin = replace(origin, suppressed=suppressed)
        marked = marked_frames(self.mark, video.frames_THWC, origin)
        video = replace(video, frames_THWC=marked)
        return replace(
            trial, generated=True, output=output, suppressed=suppressed, video=video, origin=origin
        )

    def sign(self, screened: Screened, path: Path) -> Mapping[str, str]:
        """Have the mark sign a written video of this guard; what it says it did."""
        done = self.mark.sign(path, screened.origin)
        return {"mark": self.mark.name, "version": self.mark.version, **(done or {})}

    def many(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Screened]:
        """Trials, one by one, so that none depends on the others."""
        return [self.one(prompt, seed) for prompt, seed in zip(prompts, seeds, strict=True)]


def ask(filter_: Filter[Content], content: Content) -> Decision:
    """A filter's decision; `error` when it raises or gives something else than a decision."""
    try:
        decision: object = filter_(content)
    except Exception as error:  # noqa: BLE001 - a filter may fail on one content in any way
        return _failed(filter_, f"{type(error).__name__}: {error}")
    if not isinstance(decision, Decision):
        return _failed(filter_, f"it gave {type(decision).__name__} in place of a decision")
    return decision


def _failed(filter_: Filter[Content], reason: str) -> Decision:
    return Decision(filter=filter_.name, decision=ERROR, score=None, threshold=None, reason=reason)


def maker(model: Any, **options: Any) -> Maker:
    """A model as a function of prompt and seed. `options` are for the cascade's call.

    Raises:
        TypeError: when it is no generator, or a phantom with options.
    """
    generate: Callable[[str, int], Any] | None = getattr(model, "generate", None)
    if generate is not None and not options:

        def draw(prompt: str, seed: int) -> Video:
            shown = generate(prompt, seed)
            return Video(frames_THWC=shown.frames, fps=shown.fps, details=shown)

        return draw
    if hasattr(model, "stages") and hasattr(model, "encode"):

        def sample(prompt: str, seed: int) -> Video:
            out = model(prompt, generator=seed, **options)
            return Video(frames_THWC=out.frames_NTHWC[0], fps=out.fps)

        return sample
    if not callable(model) or options:
        raise TypeError(
            f"not a generator that takes these options; seen: {type(model).__name__}, "
            f"options {', '.join(options) or 'none'}; legal: Cascade (options of its call), "
            "Phantom, or a function of prompt and seed"
        )
    made: Maker = model
    return made
