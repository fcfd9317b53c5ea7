"""Whether a video shows what its prompt states, by the phantom world's known truth.

Each attribute that the prompt states (colour, shape, count, motion, style, a person's role, ...) is
read back from the frames by a rule that knows no prompt, and compared. An attribute that the prompt
leaves open is not judged. The metric speaks of prompts of the phantom world alone, whose attributes
say `"world": "phantom"`; for others it does not apply.

Formula:
    For a video whose prompt states the attributes a ∈ S: right_a = 1 if reading_a = stated_a, else
    0. `overall` = Σ right_a / |S|, whose mean over videos is reported; `<attribute>` is right_a, a
    share over the videos whose prompts state it; `<attribute>_abstained` is 1 where the reader
    could not tell, which counts as not right. `overall_seen` and `overall_held_out` are `overall`
    on prompts without and with the tag `held-out`: combinations that the reference cascade's
    training never shows. `<attribute>_held_out` likewise.

Source:
    After the object-focused metrics of GenEval (Ghosh et al. 2023, arXiv 2310.11513), with analytic
    readers of a drawn world in place of a detector.

Range:
    0 to 1. Videos drawn by the rule itself have at least 0.97 on each attribute at 24 x 40 px, but
    for a person's exact skin tone, which needs 48 x 80 (docs/world.md has the table). Guessing
    gives one in the number of the attribute's values.

Direction:
    Higher is better.

Unit:
    Share of stated attributes (overall), 0 or 1 for each video (attributes).

Blind to:
    Everything that a prompt does not state, picture quality and grain as long as the reader can
    tell, and things beside those that were asked for. A clip that `degenerate` vetoes enters no
    headline, so that a frozen clip does not lose `motion` here; it stands in the row `with vetoed`.

Golden value:
    A prompt that states red, ball and left; the readers say red, disc and abstain: colour 1, shape
    0, motion 0, motion_abstained 1, overall 1/3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from bench.features.world_readings import decoded
from bench.metrics._expects import Expects
from bench.metrics.base import Column, Value, VideoMetric
from bench.types import Clip, Prompt

WORLD = "phantom"
HELD_OUT = "held-out"
ATTRIBUTES = (
    "colour",
    "shape",
    "size",
    "count",
    "relation",
    "second_colour",
    "second_shape",
    "background",
    "motion",
    "rotation",
    "camera",
    "style",
    "text",
    "text_present",
    "text_colour",
    "role",
    "tone",
    "tone_band",
    "hair",
    "hair_colour",
    "outfit",
    "canary",
)
"""Those of generator.world.attributes, which a test compares: listing columns loads no world."""

Reading = tuple[Any, float, str]


def _columns() -> Iterator[Column]:
    kinds = (
        ("overall", "share of the stated attributes that are shown", True),
        ("overall_seen", "the same on prompts that are not held out", False),
        ("overall_held_out", "the same on prompts that are held out", False),
    )
    for name, summary, headline in kinds:
        yield Column(
            name=name,
            unit="share",
            low=0.0,
            high=1.0,
            higher_is_better=True,
            summary=summary,
            headline=headline,
        )
    for attribute in ATTRIBUTES:
        yield _flag(attribute, f"the stated {attribute} is shown", True, headline=True)
        yield _flag(f"{attribute}_held_out", "the same on held-out prompts", True)
        yield _flag(f"{attribute}_abstained", "the reader could not tell", False)


def _flag(name: str, summary: str, higher: bool, *, headline: bool = False) -> Column:
    return Column(
        name=name,
        unit="0 or 1",
        low=0.0,
        high=1.0,
        higher_is_better=higher,
        summary=summary.replace("_", " "),
        headline=headline,
        is_flag=True,
    )


def judge(stated: Mapping[str, object], readings: Mapping[str, Reading]) -> dict[str, bool | None]:
    """For each stated attribute: True for right, False for wrong, None for an abstention."""
    judged: dict[str, bool | None] = {}
    for name in ATTRIBUTES:
        if name in stated:
            value = readings[name][0]
            judged[name] = None if value is None else value == stated[name]
    return judged


class AttributeAccuracy(VideoMetric):
    """Shares of stated attributes that are shown. `frames` is the readers' sampling rule."""

    name: ClassVar[str] = "attribute_accuracy"
    version: ClassVar[str] = "2"
    needs_prompt: ClassVar[bool] = True
    columns: ClassVar[tuple[Column, ...]] = tuple(_columns())
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(column="overall", falls=("wrong_caption", "black")),
    )

    def __init__(self, frames: str = "all", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.needs = ("world_readings" if frames == "all" else f"world_readings:frames={frames}",)

    def applies_to(self, prompt: Prompt | None) -> bool:
        """Whether the prompt states attributes of the phantom world."""
        stated = prompt.attributes if prompt else {}
        return stated.get("world") == WORLD and any(name in stated for name in ATTRIBUTES)

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """A number for each attribute that the prompt states, and the share over all of them."""
        if clip.prompt is None or not self.applies_to(clip.prompt):
            why = _absent("the prompt states no attribute of the phantom world")
            return {column.name: why for column in self.columns}
        readings = decoded(clip.features[self.needs[0]])
        judged = judge(clip.prompt.attributes, readings)
        held_out = HELD_OUT in clip.prompt.tags
        right = sum(held is True for held in judged.values()) / len(judged)
        values = {
            "overall": Value(value=right),
            "overall_seen": _only(not held_out, right, "the prompt is held out"),
            "overall_held_out": _only(held_out, right, "the prompt is not held out"),
        }
        for name in ATTRIBUTES:
            values |= _of_attribute(name, judged, held_out)
        return values


def _of_attribute(name: str, judged: Mapping[str, bool | None], held_out: bool) -> dict[str, Value]:
    if name not in judged:
        why = _absent(f"the prompt states no {name}")
        return dict.fromkeys((name, f"{name}_held_out", f"{name}_abstained"), why)
    right = float(judged[name] is True)
    return {
        name: Value(value=right),
        f"{name}_held_out": _only(held_out, right, "the prompt is not held out"),
        f"{name}_abstained": Value(value=float(judged[name] is None)),
    }


def _only(applies: bool, value: float, otherwise: str) -> Value:
    return Value(value=value) if applies else _absent(otherwise)


def _absent(reason: str) -> Value:
    return Value(value=math.nan, reason=reason)
