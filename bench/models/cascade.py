"""The reference cascade: the video diffusion models that ship with Prescreen.

Its weights are pinned by the index of their folder, and each video draws its noise from its own
seed. One video is made at a time: a batch is no faster on a CPU, and rounds differently.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from bench.errors import Unavailable, UsageError
from bench.models._first_image import FirstImage, read_first_image
from bench.models._marks import ALGORITHM, Marking
from bench.models._options import choice, number, whole
from bench.models._world import Filters, screened, strangers
from bench.models.base import Ask, Made, VideoModel
from bench.registry import code_of
from bench.types import Json

if TYPE_CHECKING:
    from generator.cascade import Cascade as Network
    from generator.filters.guard import Guarded, Video
    from generator.provenance import Mark

INDEX = "cascade.json"
VARIANTS = ("student", "teacher")
SAMPLERS = ("ddim", "dpm++", "stochastic")


class Cascade(VideoModel):
    """Text to video through the stages of a preset.

    Args:
        preset: `imagen-video`, `imagen` or `make-a-video`.
        weights: a folder of weights in place of those that ship with the preset.
        stage: the last stage to run, `base` to `full`.
        steps: of the base stage; by default what its weights were made for.
        guidance: of the base stage, 0 for none; by default what its weights were made for.
        variant: `student`, distilled, or `teacher`.
        sampler: `ddim`, `dpm++` or `stochastic`.
        image: a picture's file that every video goes on from; `make-a-video` learned to do that.
        filters: `off`, `on`, or `shadow`: decide and hold nothing back.
        input_leak: chance that the input filter lets through what it found; `output_leak` likewise.
        filter_seed: which prompts and videos those chances hit.
        mark: `off`, `watermark`, `signature` (C2PA), or `both`.
        mark_key: a file with the watermark's secret key; by default the published one.
        sign_certificates: a PEM chain, the leaf first, to sign with; `sign_key` is the leaf's key.
        sign_algorithm: as the key is, such as `es256`.
    """

    name: ClassVar[str] = "cascade"
    version: ClassVar[str] = "1"

    def __init__(
        self,
        *,
        preset: str = "imagen-video",
        weights: str = "",
        stage: str = "base",
        steps: int | str = "",
        guidance: float | str = "",
        variant: str = "student",
        sampler: str = "ddim",
        image: str = "",
        filters: str = "off",
        input_leak: float | str = 0,
        output_leak: float | str = 0,
        filter_seed: int | str = 0,
        mark: str = "off",
        mark_key: str = "",
        sign_certificates: str = "",
        sign_key: str = "",
        sign_algorithm: str = ALGORITHM,
    ) -> None:
        self.preset = preset
        self.weights = weights
        self.stage = stage
        self.n_steps = None if steps == "" else whole("steps", steps, 1, 1000)
        self.guidance = None if guidance == "" else number("guidance", guidance, 0, 100)
        self.variant = choice("variant", variant, VARIANTS)
        self.sampler = choice("sampler", sampler, SAMPLERS)
        self.image = read_first_image(image) if image else None
        self.watch: Any = None
        """Called with the progress of each step, where set."""
        self.filters = Filters.of(filters, input_leak, output_leak, filter_seed)
        self.marking = Marking(
            mark=mark,
            key=mark_key,
            certificates=sign_certificates,
            sign_key=sign_key,
            algorithm=sign_algorithm,
        )
        self._mark: Mark | None = None
        self._network: Network | None = None
        self._guard: Guarded | None = None

    def settings(self) -> Mapping[str, Json]:
        """What is sampled and how, with the sha256 of each file of weights that takes part."""
        import generator

        index = _index(self._folder())
        seen = {"image": self._first(str(index["preset"])).sha256} if self.image else {}
        return {
            **seen,
            "preset": str(index["preset"]),
            "stage": self.stage,
            "steps": self.n_steps,
            "guidance": self.guidance,
            "sampler": self.sampler,
            "weights": self._files(index),
            **self.filters.settings(),
            **self.marking.settings(),
            "code": code_of(Path(generator.__file__).parent),
            "diffusers": metadata.version("diffusers"),
        }

    def remarks(self, prompts: Sequence[str]) -> list[str]:
        """That words outside of the world are passed over; an image may come without any."""
        return strangers([prompt for prompt in prompts if prompt.strip() or self.image is None])

    def generate(self, asks: Sequence[Ask]) -> list[Made]:
        """A video of each ask, by itself."""
        if self._guard is None and self.filters.mode != "off":
            self._guard = self.filters.guard(self._sample)
        self._mark = self._mark or self.marking.built()
        # a filter, a mark, a first image and the base's own options need the whole video at once
        own = self.n_steps is not None or self.guidance is not None or self.image is not None
        if self._guard is None and self._mark is None and not own:
            return [self._stream(ask) for ask in asks]
        return [screened(ask, self._guard, self._sample, self._mark, self.name) for ask in asks]

    def _stream(self, ask: Ask) -> Made:
        """A video whose frames are made while they are written: a long one is never in memory."""
        from generator.stage import SamplingOptions

        out = self._loaded().stream(
            ask.prompt,
            stage=self.stage,
            generator=ask.seed,
            options=SamplingOptions(sampler=self.sampler),
            callback=self.watch,
        )
        return Made(frames=out.frames, fps=out.fps)

    def _sample(self, prompt: str, seed: int) -> Video:
        from generator.filters.guard import Video
        from generator.stage import SamplingOptions

        out = self._loaded()(
            prompt,
            stage=self.stage,
            generator=seed,
            num_inference_steps=self.n_steps,
            guidance_scale=self.guidance,
            image_NHWC=None if self.image is None else self.image.image_HWC[None],
            options=SamplingOptions(sampler=self.sampler),
            callback=self.watch,
        )
        return Video(frames_THWC=out.frames_NTHWC[0], fps=out.fps)

    def _first(self, preset: str) -> FirstImage:
        """The first image, where the base has learned to go on from one.

        Raises:
            UsageError: when it has not.
        """
        from generator import presets

        if self.image is None or not presets.load(preset).stages[0].given_first_prob:
            raise UsageError(
                "this preset does not go on from an image",
                seen=preset,
                legal="make-a-video",
                then="--preset make-a-video",
            )
        return self.image

    def _folder(self) -> Path:
        from generator import presets

        if self.weights:
            return Path(self.weights)
        choice("preset", self.preset, tuple(presets.names()))
        import generator

        return Path(generator.__file__).parent / "weights" / self.preset

    def _files(self, index: Mapping[str, Any]) -> dict[str, Json]:
        """The index's entries of the text adapter and of the stages up to the last one asked for.

        Raises:
            UsageError: when there is no such stage, or not all of them have weights.
        """
        from generator import presets

        names = [stage.name for stage in presets.load(str(index["preset"])).stages]
        last = choice("stage", names[-1] if self.stage == "full" else self.stage, tuple(names))
        files = dict(index["files"])
        if self.variant == "teacher":
            files |= index.get("teachers", {})
        wanted = ["text", *names[: names.index(last) + 1]]
        if lacking := [name for name in wanted if name not in files]:
            have = [name for name in names if name in files]
            raise UsageError(
                f"the stage {last} needs weights of {', '.join(lacking)}",
                seen=", ".join(have) or "none",
                then=f"--stage {have[-1] if have else 'of another preset'}",
            )
        return {name: files[name] for name in wanted}

    def _loaded(self) -> Network:
        from generator.cascade import Cascade as Network
        from generator.store import BadWeights

        if self._network is None:
            # `remarks` has said it already, and a worker's warning would say it again
            warnings.filterwarnings("ignore", message=".*outside the world's grammar")
            if self.image is not None:
                warnings.filterwarnings("ignore", message=".*hold nothing to show")
            try:
                self._network = Network.from_pretrained(self._folder(), variant=self.variant)
            except (BadWeights, OSError, ImportError) as error:
                raise Unavailable(f"the cascade cannot be loaded: {error}") from error
        return self._network


def _index(folder: Path) -> dict[str, Any]:
    try:
        index = json.loads((folder / INDEX).read_bytes())
        return {"preset": index["preset"], **index}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            "there are no weights of a cascade here",
            seen=folder.name,
            legal=f"a preset's name, or weights=FOLDER with a {INDEX}",
            then="python -m generator.train --help, to make them",
        ) from error
