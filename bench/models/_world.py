"""What the adapters of this project's own generators share: their filters, and prompts they know.

The filters are part of the system under test. A prompt or a video that they hold back ends the
trial as `suppressed`; in shadow they decide and hold back nothing. Every decision is a detail of
the trial.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bench.errors import printable
from bench.models._marks import marked
from bench.models._options import choice, number, whole
from bench.models.base import Ask, Made
from bench.types import Json, Outcome

if TYPE_CHECKING:
    from generator.filters.base import Decision
    from generator.filters.guard import Guarded, Maker, Screened, Video
    from generator.provenance import Mark

MODES = ("off", "on", "shadow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The options of the filters: mode, and dials that plant leaks in each."""

    mode: str = "off"
    input_leak: float = 0.0
    output_leak: float = 0.0
    seed: int = 0

    @classmethod
    def of(
        cls, mode: str, input_leak: object = 0, output_leak: object = 0, seed: object = 0
    ) -> Filters:
        """The filters of options as they come.

        Raises:
            UsageError: when one of them cannot be.
        """
        return cls(
            mode=choice("filters", mode, MODES),
            input_leak=number("input_leak", input_leak, 0, 1),
            output_leak=number("output_leak", output_leak, 0, 1),
            seed=whole("filter_seed", seed, 0, 2**31),
        )

    def guard(self, make: Maker) -> Guarded:
        """The generator behind its filters; it loads the output filter's weights."""
        from generator.filters.base import Mistakes
        from generator.filters.canary_frames import CanaryFrames
        from generator.filters.canary_words import CanaryWords
        from generator.filters.guard import Guarded

        return Guarded(
            make,
            input_filter=CanaryWords(mistakes=Mistakes(leak_prob=self.input_leak, seed=self.seed)),
            output_filter=CanaryFrames(
                mistakes=Mistakes(leak_prob=self.output_leak, seed=self.seed)
            ),
            mode=self.mode,
        )

    def settings(self) -> dict[str, Json]:
        """What the filters' decisions follow from."""
        if self.mode == "off":
            return {"filters": "off"}
        return {"filters": self.mode, "guard": self.guard(_nothing).fingerprint}


def _nothing(prompt: str, seed: int) -> Video:
    raise ValueError("this guard is for its fingerprint alone")


def screened(
    ask: Ask, guard: Guarded | None, make: Maker, mark: Mark | None = None, model: str = ""
) -> Made:
    """One video of a generator, through the guard where there is one, with a mark if one is given.

    `model` is what the mark is told of where the video comes from.
    """
    from generator.provenance import Origin, sha256_text

    if guard is None:
        video = make(ask.prompt, ask.seed)
        made = Made(frames=video.frames_THWC, fps=video.fps, details=dict(video.details or {}))
        origin = Origin(model=model, prompt_sha256=sha256_text(ask.prompt), seed=ask.seed)
        return marked(made, mark, origin)
    trial = guard.one(ask.prompt, ask.seed)
    details: dict[str, Json] = {"filters": json.loads(json.dumps(trial.record()))}
    if trial.video is not None:
        details |= trial.video.details or {}
    if trial.video is None or trial.suppressed:
        return Made(frames=None, outcome=Outcome.SUPPRESSED, reason=_why(trial), details=details)
    made = Made(
        frames=trial.video.frames_THWC,
        fps=trial.video.fps,
        details=details,
        sign=None if guard.mark.name == "none" else partial(guard.sign, trial),
    )
    return marked(made, mark, replace(trial.origin, model=model))


def _why(trial: Screened) -> str:
    place, decision = ("output", trial.output) if trial.generated else ("input", trial.input)
    return f"held back by the {place} filter{_said(decision)}"


def _said(decision: Decision | None) -> str:
    if decision is None:
        return ""
    what = "" if decision.decision == "block" else f", which failed: {decision.decision}"
    reason = f" ({printable(decision.reason)})" if decision.reason else ""
    return f" {decision.filter}{what}{reason}"


def strangers(prompts: Sequence[str]) -> list[str]:
    """A line about prompts with words that mean nothing in the world, where there are any."""
    from generator.world.parse import understand

    unknown: Mapping[str, tuple[str, ...]] = {
        prompt: understand(prompt).unknown for prompt in prompts
    }
    strange = [prompt for prompt, words in unknown.items() if words or not prompt.strip()]
    if not strange:
        return []
    words = ", ".join(printable(word, 30) for word in unknown[strange[0]][:4])
    n = f"{len(strange)} of {len(unknown)} prompts" if len(unknown) > 1 else "the prompt"
    have = "have" if len(strange) > 1 else "has"
    where = "outside the world that this model knows"
    return [f"{n} {have} words {where}, for instance {words}: it passes over them"]
