"""The cascade: text in, video out, through the stages of a preset in their order.

    cascade = Cascade.from_pretrained("imagen-video")
    video = cascade("a red ball moves to the left", stage="base", generator=7).frames_NTHWC[0]

Frames between stages are float -1..1; what comes out is uint8. Every video draws its noise from
its own generator, so a batch gives what its videos give alone (to rounding). A stage whose frames
are independent (the last one) runs in chunks of a few frames and writes into the result at once.

A stage may have two files: `NAME.safetensors`, the teacher, and `NAME-student.safetensors`,
distilled from it. The index pins both, each with the steps, guidance and shift that belong to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generator import kin, presets
from generator.adapter import TextAdapter, TextCondition, adapter_of
from generator.data import pixels, to_frames
from generator.memory import WHOLE, advice, guarded
from generator.prompts import PromptReader
from generator.samplers import Generators
from generator.shards import fitted
from generator.stage import Callback, FrameStream, SamplingOptions, Stage
from generator.stages import Preset, StageConfig
from generator.store import BadWeights, fill, load_weights, save_weights, write_atomic
from generator.text import TextEncoder, load_encoder
from generator.unet import VideoUNet
from generator.world.palette import Array

INDEX = "cascade.json"
WEIGHTS = Path(__file__).parent / "weights"
FORMAT = 1
VARIANTS = ("student", "teacher")
Seeds = int | Sequence[int] | torch.Generator | Sequence[torch.Generator]


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeOutput:
    """Videos uint8 (N, T, H, W, 3) at `fps`, and the last stage that ran."""

    frames_NTHWC: Array
    fps: float
    stage: str


class Cascade:
    """A preset with its trained parts. Stages that have no weights yet cannot be asked for."""

    def __init__(
        self,
        preset: Preset,
        adapter: TextAdapter,
        stages: Mapping[str, Stage],
        *,
        encoder: TextEncoder | None = None,
    ) -> None:
        self.preset = preset
        self.adapter = adapter.eval().requires_grad_(False)
        self.stages = {s.name: stages[s.name] for s in preset.stages if s.name in stages}
        self._encoder = encoder
        self.prompts = PromptReader()

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path = "imagen-video",
        *,
        variant: str = "student",
        encoder: TextEncoder | None = None,
    ) -> Cascade:
        """The cascade of a preset's name (weights that ship with the package) or of a folder.

        `variant` is "student" (a stage that is not distilled gives its teacher) or "teacher".

        Raises:
            ValueError: for another variant.
            FileNotFoundError: when the folder has no index.
            BadWeights: when a file is missing, truncated, tampered with or of another network.
        """
        folder = WEIGHTS / str(source) if str(source) in presets.names() else Path(source)
        index = _read_index(folder)
        preset = presets.load(str(index["preset"]))
        files = _files_of(index, variant)
        if "text" not in files:
            raise BadWeights(f"{folder / INDEX} names no text adapter; next: save the cascade anew")
        tensors = kin.tensors_of(folder, files["text"])
        adapter = adapter_of(preset.adapter, tensors, f"{preset.name}'s text adapter")
        stages = {}
        for name in (key for key in files if key != "text"):
            network = VideoUNet(preset.stage(name).network)
            fill(network, kin.tensors_of(folder, files[name]), f"{preset.name}'s stage {name}")
            stages[name] = Stage(kin.as_listed(preset.stage(name), files[name]), network)
        return cls(preset, adapter, stages, encoder=encoder)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write float16 weights and the index that pins them; `from_pretrained` reads them."""
        folder = Path(folder)
        modules: dict[str, torch.nn.Module] = {"text": self.adapter}
        modules |= {name: stage.network for name, stage in self.stages.items()}
        for name, module in modules.items():
            about = {"preset": self.preset.name, "stage": name}
            if name in self.stages:
                about |= sampling_facts(self.stages[name].config)
            save_weights(folder / f"{name}.safetensors", module.state_dict(), about)
        write_index(folder, self.preset)

    def encode(self, prompts: Sequence[str]) -> TextCondition:
        """What stages are told of prompts, nothing of empty ones; odd ones are warned of once."""
        texts = self.prompts.read(prompts)
        if self._encoder is None:
            self._encoder = load_encoder(self.preset.text_encoder)
        with torch.inference_mode():
            told: TextCondition = self.adapter(self._encoder.encode(texts))
        keep = torch.tensor([float(bool(text)) for text in texts])[:, None]
        vector, slots = told.vector_NP * keep, told.slots_NSD * keep[..., None]
        return TextCondition(vector_NP=vector, slots_NSD=slots)

    @advice(*WHOLE)
    def __call__(
        self,
        prompt: str | Sequence[str],
        *,
        stage: str = "base",
        generator: Seeds = 0,
        num_inference_steps: int | None = None,
        guidance_scale: float | None = None,
        image_NHWC: Array | None = None,
        options: SamplingOptions | None = None,
        callback: Callback | None = None,
    ) -> CascadeOutput:
        """Videos of prompts, by all stages up to `stage` ("full": the last of the preset).

        `generator` is a seed or a torch generator for each prompt; one seed s serves prompt i as
        s + i. `num_inference_steps` and `guidance_scale` are for the base, and win over `options`,
        which is for all stages. `image_NHWC` (make-a-video) are uint8 first frames to go on from,
        of any size: the middle is cut to the base's ratio.

        Raises:
            ValueError: for an unknown stage or one without weights, no prompt at all, or images
                for a base that did not learn to go on from them.
        """
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        names = self.stages_to(stage)
        generators = as_generators(generator, len(prompts))
        text = self.encode(prompts)
        options = options or SamplingOptions()
        last = self.stages[names[-1]]
        cut = last.independent_frames and len(names) > 1
        video = self._sample(
            names[:-1] if cut else names,
            text,
            generators,
            (_override(options, num_inference_steps, guidance_scale), options),
            first=None if image_NHWC is None else self._first(image_NHWC),
            callback=callback,
        )
        frames = (
            self._in_chunks(last, text, generators, options, video) if cut else to_frames(video)
        )
        return CascadeOutput(frames_NTHWC=frames, fps=last.config.fps, stage=names[-1])

    def stream(
        self,
        prompt: str,
        *,
        stage: str = "full",
        generator: Seeds = 0,
        options: SamplingOptions | None = None,
        callback: Callback | None = None,
    ) -> FrameStream:
        """One video whose frames come one by one, the same as a call makes.

        Only `options.chunk_frames` frames of the last stage are in memory at once, so that a
        writer can encode while they are made. The stages before it run at the first frame.

        Raises:
            ValueError: for an unknown stage or one without weights.
        """
        names, generators = self.stages_to(stage), as_generators(generator, 1)
        last, chosen = self.stages[names[-1]], options or SamplingOptions()
        cut = last.independent_frames and len(names) > 1

        def frames() -> Iterator[Array]:
            text = self.encode([prompt])
            video = self._sample(
                names[:-1] if cut else names, text, generators, (chosen, chosen), callback=callback
            )
            chunks = last.sample_chunks(text, generators, chosen, video) if cut else [video]
            for chunk in chunks:
                yield from to_frames(chunk)[0]

        return FrameStream.of(guarded(frames()), last.config)

    def _sample(
        self,
        names: Sequence[str],
        text: TextCondition,
        generators: Generators,
        options: tuple[SamplingOptions, SamplingOptions],
        *,
        first: Tensor | None = None,
        callback: Callback | None = None,
    ) -> Tensor:
        """Video of these stages, with the options of the base and those of the others."""
        video = self.stages[names[0]].sample(
            text, generators, options[0], first_NCHW=first, callback=callback
        )
        for name in names[1:]:
            video = self.stages[name].sample(
                text, generators, options[1], low_NTCHW=video, callback=callback
            )
        return video

    @advice(*WHOLE)
    def enlarge(
        self,
        frames_NTHWC: Array,
        prompt: str | Sequence[str],
        *,
        stage: str,
        generator: Seeds = 0,
        options: SamplingOptions | None = None,
        callback: Callback | None = None,
    ) -> CascadeOutput:
        """One super-resolution stage alone, on uint8 videos of the size that it takes."""
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        if len(prompts) != len(frames_NTHWC):
            raise ValueError(
                f"one prompt for each video; seen: {len(prompts)} for {len(frames_NTHWC)} videos"
            )
        part = self.stages[self.stages_to(stage)[-1]]
        generators = as_generators(generator, len(prompts))
        chosen = options or SamplingOptions()
        video, text = pixels(frames_NTHWC), self.encode(prompts)
        if part.independent_frames:
            frames = self._in_chunks(part, text, generators, chosen, video)
        else:
            frames = to_frames(
                part.sample(text, generators, chosen, low_NTCHW=video, callback=callback)
            )
        return CascadeOutput(frames_NTHWC=frames, fps=part.config.fps, stage=part.config.name)

    def _first(self, image_NHWC: Array) -> Tensor:
        base = self.preset.stages[0]
        return pixels(fitted(image_NHWC, base.height_px, base.width_px)[None])[0]

    def stages_to(self, stage: str) -> list[str]:
        """Names of the stages up to this one.

        Raises:
            ValueError: when the preset has no such stage, or its weights or a former's are not
                here.
        """
        names = [s.name for s in self.preset.stages]
        last = self.preset.stage(names[-1] if stage == "full" else stage).name
        wanted = names[: names.index(last) + 1]
        missing = [name for name in wanted if name not in self.stages]
        if missing:
            raise ValueError(
                f"stage {last} needs weights of {', '.join(missing)}; "
                f"here: {', '.join(self.stages) or 'none'}; next: python -m generator.train "
                f"--preset {self.preset.name} --stage {missing[0]}"
            )
        return wanted

    def _in_chunks(
        self,
        part: Stage,
        text: TextCondition,
        generators: Generators,
        options: SamplingOptions,
        video: Tensor,
    ) -> Array:
        n, t = video.shape[:2]
        config = part.config
        frames = np.empty((n, t, config.height_px, config.width_px, 3), dtype=np.uint8)
        for i in range(n):
            one = TextCondition(
                vector_NP=text.vector_NP[i : i + 1], slots_NSD=text.slots_NSD[i : i + 1]
            )
            at = 0
            for chunk in part.sample_chunks(one, generators[i : i + 1], options, video[i : i + 1]):
                frames[i, at : at + chunk.shape[1]] = to_frames(chunk)[0]
                at += chunk.shape[1]
        return frames


def as_generators(given: Seeds, n: int) -> list[torch.Generator]:
    """One generator for each of n videos.

    Raises:
        ValueError: when there are not as many seeds or generators as videos.
    """
    if isinstance(given, int):
        given = [given + i for i in range(n)]
    elif isinstance(given, torch.Generator):
        given = [given]
    if len(given) != n:
        raise ValueError(f"one seed or generator for each video; seen: {len(given)} for {n}")
    return [
        g if isinstance(g, torch.Generator) else torch.Generator().manual_seed(g) for g in given
    ]


def sampling_facts(stage: StageConfig) -> dict[str, str]:
    """What a file's header says of how its network is to be sampled."""
    return {
        "n_steps": str(stage.n_steps),
        "guidance": str(stage.guidance),
        "shift": str(stage.noise.shift),
    }


def write_index(folder: Path, preset: Preset) -> None:
    """Write the index of a folder of weights: every file of the preset that is there, pinned.

    A stage with a student has it under `files` and its teacher under `teachers`. What another
    preset's file holds is named with that preset (:mod:`generator.kin`).
    """
    files: dict[str, dict[str, object]] = {}
    teachers: dict[str, dict[str, object]] = {}
    for name in ["text", *(stage.name for stage in preset.stages)]:
        stage = None if name == "text" else preset.stage(name)
        shared = kin.shared_entry(folder, preset, name)
        for path in (folder / f"{name}-student.safetensors", folder / f"{name}.safetensors"):
            if path.is_file():
                (teachers if name in files else files)[name] = _entry(path, stage)
        if name not in files and shared is not None:
            files[name] = shared if stage is None else {**shared, **_sampling(stage, {})}
    index = {"format": FORMAT, "preset": preset.name, "files": files, "teachers": teachers}
    write_atomic(folder / INDEX, (json.dumps(index, indent=2) + "\n").encode())


def _entry(path: Path, stage: StageConfig | None) -> dict[str, object]:
    weights = load_weights(path)
    entry: dict[str, object] = {"file": path.name, "sha256": weights.sha256}
    if stage is not None:
        entry |= _sampling(stage, weights.about)
        rest = kin.rest_entry(path.parent, stage, weights.tensors)
        entry |= {} if rest is None else {"rest": rest}
    return entry


def _sampling(stage: StageConfig, about: Mapping[str, str]) -> dict[str, object]:
    facts = {**sampling_facts(stage), **about}
    return {"n_steps": int(facts["n_steps"])} | {
        key: float(facts[key]) for key in ("guidance", "shift")
    }


def _files_of(index: Mapping[str, Any], variant: str) -> dict[str, Mapping[str, Any]]:
    if variant not in VARIANTS:
        raise ValueError(f"no such variant; seen: {variant!r}; legal: {', '.join(VARIANTS)}")
    files, teachers = index["files"], index["teachers"] if variant == "teacher" else {}
    if not isinstance(files, dict) or not isinstance(teachers, dict):
        raise BadWeights(f"{INDEX} lists no files; next: save the cascade anew")
    return {**files, **teachers}


def _read_index(folder: Path) -> dict[str, Any]:
    path = folder / INDEX
    if not path.is_file():
        raise FileNotFoundError(
            f"no cascade here; seen: {folder}; legal: {', '.join(presets.names())}, or a folder "
            f"with {INDEX}"
        )
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        if index["format"] != FORMAT:
            raise BadWeights(f"{path} has a format that is not known; seen: {index['format']!r}")
        return {
            "preset": index["preset"],
            "files": index["files"],
            "teachers": index.get("teachers", {}),
        }
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadWeights):
            raise
        raise BadWeights(f"{path} is not an index of weights: {error!r}") from error


def _override(
    options: SamplingOptions, n_steps: int | None, guidance: float | None
) -> SamplingOptions:
    if n_steps is not None:
        options = replace(options, n_steps=n_steps)
    return options if guidance is None else replace(options, guidance=guidance)
