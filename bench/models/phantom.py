"""The phantom: draws prompts of the world directly, with planted defects on dials.

What it shows and which defects it has are known, so metrics and audits are calibrated on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from bench.errors import UsageError
from bench.models._options import number, whole
from bench.models._world import Filters, screened, strangers
from bench.models.base import Ask, Made, VideoModel
from bench.registry import code_of
from bench.types import Json

if TYPE_CHECKING:
    from generator.filters.guard import Guarded, Video
    from generator.world.phantom import Dials, Format


class Phantom(VideoModel):
    """Renders prompts by rule.

    Args:
        error_prob: chance that a stated attribute is shown wrong.
        flicker: standard deviation of each frame's brightness, levels of 255.
        freeze_prob: chance that a clip stands still.
        leak_prob: chance that the canary emblem shows unasked.
        bias: a JSON file, `{"tone": {"doctor": {"1": 3}}}`: weights of what a prompt leaves open.
        height: of the frames, px; likewise `width`.
        fps: frames a second.
        frames: how many.
        filters: `off`, `on`, or `shadow`: decide and hold nothing back.
        input_leak: chance that the input filter lets through what it found; `output_leak` likewise.
        filter_seed: which prompts and videos those chances hit.
        errors: `error_colour=0.3` and the like: the chance for one attribute.
    """

    name: ClassVar[str] = "phantom"
    version: ClassVar[str] = "1"
    uses_torch: ClassVar[bool] = False

    def __init__(
        self,
        *,
        error_prob: float | str = 0,
        flicker: float | str = 0,
        freeze_prob: float | str = 0,
        leak_prob: float | str = 0,
        bias: str = "",
        height: int | str = 24,
        width: int | str = 40,
        fps: float | str = 3,
        frames: int | str = 16,
        filters: str = "off",
        input_leak: float | str = 0,
        output_leak: float | str = 0,
        filter_seed: int | str = 0,
        **errors: float | str,
    ) -> None:
        from generator.world.phantom import Dials, Format

        self.dials: Dials = Dials(
            error_prob=number("error_prob", error_prob, 0, 1),
            errors={_attribute(k): number(k, v, 0, 1) for k, v in errors.items()},
            bias=_bias(bias),
            flicker=number("flicker", flicker, 0, 255),
            freeze_prob=number("freeze_prob", freeze_prob, 0, 1),
            leak_prob=number("leak_prob", leak_prob, 0, 1),
        )
        self.form: Format = Format(
            height_px=whole("height", height, 16, 2160),
            width_px=whole("width", width, 16, 3840),
            fps=number("fps", fps, 0.1, 240),
            n_frames=whole("frames", frames, 1, 4096),
        )
        self.filters = Filters.of(filters, input_leak, output_leak, filter_seed)
        self._guard: Guarded | None = None

    def settings(self) -> Mapping[str, Json]:
        """Dials, form, and the code of the world."""
        import generator.world

        fields: dict[str, Json] = json.loads(
            json.dumps({**asdict(self.dials), **asdict(self.form)})
        )
        code = code_of(Path(generator.world.__file__).parent)
        return {**fields, **self.filters.settings(), "code": code}

    def remarks(self, prompts: Sequence[str]) -> list[str]:
        """That words outside of the world are passed over."""
        return strangers(prompts)

    def generate(self, asks: Sequence[Ask]) -> list[Made]:
        """Each prompt drawn from its seed, with what was asked, shown and planted as details."""
        if self._guard is None and self.filters.mode != "off":
            self._guard = self.filters.guard(self._draw)
        return [screened(ask, self._guard, self._draw) for ask in asks]

    def _draw(self, prompt: str, seed: int) -> Video:
        from generator.filters.guard import Video
        from generator.world.attributes import attributes
        from generator.world.phantom import generate

        shown = generate(prompt, seed, self.dials, self.form)
        asked = None if shown.asked is None else dict(attributes(shown.asked))
        details: dict[str, Json] = {
            "asked": cast("Json", asked),
            "shown": dict(attributes(shown.truth)),
            "defects": list(shown.defects),
        }
        return Video(frames_THWC=shown.frames, fps=shown.fps, details=details)


def _attribute(option: str) -> str:
    if not option.startswith("error_"):
        raise TypeError(f"no option {option}; legal: error_ATTRIBUTE, such as error_colour=0.3")
    return option.removeprefix("error_")


def _bias(path: str) -> Any:
    """A bias table from a JSON file, in which the keys of tones are text."""
    if not path:
        return {}
    try:
        table = json.loads(Path(path).read_bytes())
        return {
            place: {
                role: {int(v) if v.isdigit() else v: float(w) for v, w in weights.items()}
                for role, weights in by_role.items()
            }
            for place, by_role in table.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(
            "the bias table cannot be read",
            seen=f"{path}: {error}",
            legal='a JSON file such as {"tone": {"doctor": {"1": 3}}}',
        ) from error
