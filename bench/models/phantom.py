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
from bench.models._marks import ALGORITHM, Marking
from bench.models._options import number, whole
from bench.models._world import Filters, screened, strangers
from bench.models.base import Ask, Made, VideoModel
from bench.registry import code_of
from bench.types import Json

if TYPE_CHECKING:
    from generator.filters.guard import Guarded, Video
    from generator.provenance import Mark
    from generator.world.phantom import Dials, Format


class Phantom(VideoModel):
    """Renders prompts by rule.

    Args:
        error_prob: chance that a stated attribute is shown wrong.
        flicker: standard deviation of each frame's brightness, levels of 255.
        freeze_prob: chance that a clip stands still.
        leak_prob: chance that the canary emblem shows unasked.
        drift_prob: chance that a person's skin tone changes in the middle of a clip.
        bias: a JSON file, `{"tone_band": {"doctor": {"light": 6, "medium": 3, "dark": 1}}}`:
            weights of what a prompt leaves open, by role or `*`; a value that is not named has 1.
        height: of the frames, px; likewise `width`.
        fps: frames a second.
        frames: how many.
        filters: `off`, `on`, or `shadow`: decide and hold nothing back.
        input_leak: chance that the input filter lets through what it found; `output_leak` likewise.
        filter_seed: which prompts and videos those chances hit.
        mark: `off`, `watermark`, `signature` (C2PA), or `both`.
        mark_key: a file with the watermark's secret key; by default the published one.
        sign_certificates: a PEM chain, the leaf first, to sign with; `sign_key` is the leaf's key.
        sign_algorithm: as the key is, such as `es256`.
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
        drift_prob: float | str = 0,
        bias: str = "",
        height: int | str = 24,
        width: int | str = 40,
        fps: float | str = 3,
        frames: int | str = 16,
        filters: str = "off",
        input_leak: float | str = 0,
        output_leak: float | str = 0,
        filter_seed: int | str = 0,
        mark: str = "off",
        mark_key: str = "",
        sign_certificates: str = "",
        sign_key: str = "",
        sign_algorithm: str = ALGORITHM,
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
            drift_prob=number("drift_prob", drift_prob, 0, 1),
        )
        self.form: Format = Format(
            height_px=whole("height", height, 16, 2160),
            width_px=whole("width", width, 16, 3840),
            fps=number("fps", fps, 0.1, 240),
            n_frames=whole("frames", frames, 1, 4096),
        )
        self.filters = Filters.of(filters, input_leak, output_leak, filter_seed)
        self.marking = Marking(
            mark=mark,
            key=mark_key,
            certificates=sign_certificates,
            sign_key=sign_key,
            algorithm=sign_algorithm,
        )
        self._mark: Mark | None = None
        self._guard: Guarded | None = None

    def settings(self) -> Mapping[str, Json]:
        """Dials, form, and the code of the world."""
        import generator.world

        fields: dict[str, Json] = json.loads(
            json.dumps({**asdict(self.dials), **asdict(self.form)})
        )
        code = code_of(Path(generator.world.__file__).parent)
        return {**fields, **self.filters.settings(), **self.marking.settings(), "code": code}

    def remarks(self, prompts: Sequence[str]) -> list[str]:
        """That words outside of the world are passed over."""
        return strangers(prompts)

    def generate(self, asks: Sequence[Ask]) -> list[Made]:
        """Each prompt drawn from its seed, with what was asked, shown and planted as details."""
        if self._guard is None and self.filters.mode != "off":
            self._guard = self.filters.guard(self._draw)
        self._mark = self._mark or self.marking.built()
        return [screened(ask, self._guard, self._draw, self._mark, self.name) for ask in asks]

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
    """A bias table from a JSON file, in which the keys of tones are text.

    Raises:
        UsageError: when it cannot be read, or tilts what there is not.
    """
    if not path:
        return {}
    try:
        table = {
            str(place): {
                str(role): {str(value): float(weight) for value, weight in weights.items()}
                for role, weights in by_role.items()
            }
            for place, by_role in json.loads(Path(path).read_bytes()).items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(
            "the bias table cannot be read",
            seen=f"{path}: {error}",
            legal='a JSON file such as {"tone": {"doctor": {"1": 3}}}',
        ) from error
    for place, by_role in table.items():
        _check_bias(place, by_role)
    return _in_tones(table)


def _check_bias(place: str, by_role: Mapping[str, Mapping[str, float]]) -> None:
    from generator.world.attributes import LEGAL
    from generator.world.sampling import BIASED

    places = (*BIASED, "tone_band")
    if place not in places:
        raise UsageError("nothing to tilt", seen=place, legal=", ".join(places))
    values = [str(value) for value in LEGAL[place]]
    roles = [*map(str, LEGAL["role"]), "*"]
    for role, weights in by_role.items():
        if role not in roles:
            raise UsageError(f"no such role in the bias of {place}", seen=role, legal=roles)
        if strange := [value for value in weights if value not in values]:
            raise UsageError(f"no such {place}", seen=strange[0], legal=", ".join(values))
        full = [weights.get(value, 1.0) for value in values]
        if not all(0 <= weight < float("inf") for weight in full) or sum(full) == 0:
            raise UsageError(
                f"no such weights of {place}", seen=dict(weights), legal="0 and up, not all 0"
            )


def _in_tones(table: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Any:
    """The table with weights of bands spread over their tones, and tones as numbers."""
    from generator.world.palette import TONE_BANDS

    made: dict[str, dict[str, dict[object, float]]] = {
        place: {
            role: {int(v) if place == "tone" else v: w for v, w in weights.items()}
            for role, weights in by_role.items()
        }
        for place, by_role in table.items()
        if place != "tone_band"
    }
    for role, bands in table.get("tone_band", {}).items():
        if role in made.get("tone", {}):
            raise UsageError("a role is tilted twice", seen=role, legal="tone or tone_band")
        made.setdefault("tone", {})[role] = {
            tone: bands.get(band, 1.0) / len(tones)
            for band, tones in TONE_BANDS.items()
            for tone in tones
        }
    return made
