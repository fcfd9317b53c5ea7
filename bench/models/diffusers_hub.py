"""A text-to-video pipeline of diffusers: from the hub at a pinned commit, or from a local folder.

prescreen run --suite imagen_video --model diffusers_hub:repo=NAME/MODEL,revision=COMMIT,fps=8
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.errors import Unavailable, UsageError
from bench.models._options import choice, number, whole
from bench.models.base import U8, Ask, Made, VideoModel
from bench.types import Json

_COMMIT = re.compile(r"[0-9a-f]{40}")
DTYPES = ("float32", "float16", "bfloat16")


class DiffusersHub(VideoModel):
    """Calls `DiffusionPipeline` once for each ask, its noise drawn from the ask's seed.

    Args:
        repo: a repository of the hub, or a folder that holds a pipeline.
        revision: the commit of the repository, 40 hex digits; a branch may change between runs.
        fps: at which rate the frames are meant to be shown; pipelines do not say.
        frames: how many; by default the pipeline's own number. Likewise `height`, `width`, `steps`
            and `guidance`.
        dtype: `float32`, `float16` or `bfloat16`.
        device: where it runs, such as `cpu` or `cuda`.
    """

    name: ClassVar[str] = "diffusers_hub"
    version: ClassVar[str] = "1"
    max_workers = 1

    def __init__(
        self,
        *,
        repo: str,
        revision: str = "",
        fps: float | str = 8,
        frames: int | str = "",
        height: int | str = "",
        width: int | str = "",
        steps: int | str = "",
        guidance: float | str = "",
        dtype: str = "float32",
        device: str = "cpu",
    ) -> None:
        self.repo, self.revision = repo, revision
        self.fps = number("fps", fps, 0.1, 240)
        sizes = {"num_frames": frames, "height": height, "width": width}
        self.call: dict[str, Any] = {
            name: whole(name, value, 1, 10_000) for name, value in sizes.items() if value != ""
        }
        if steps != "":
            self.call["num_inference_steps"] = whole("steps", steps, 1, 1000)
        if guidance != "":
            self.call["guidance_scale"] = number("guidance", guidance, 0, 100)
        self.dtype = choice("dtype", dtype, DTYPES)
        self.device = device
        self._pipeline: Any = None

    def settings(self) -> Mapping[str, Json]:
        """The commit or the hash of the folder's files, what the call is given, the libraries."""
        return {
            "repo": "" if Path(self.repo).is_dir() else self.repo,
            "weights": self._pin(),
            "call": dict(self.call),
            "fps": self.fps,
            "dtype": self.dtype,
            "device": self.device.partition(":")[0],
            "diffusers": metadata.version("diffusers"),
            "transformers": metadata.version("transformers"),
        }

    def generate(self, asks: Sequence[Ask]) -> list[Made]:
        """A video of each ask, by itself."""
        return [Made(frames=self._frames(ask), fps=self.fps) for ask in asks]

    def _frames(self, ask: Ask) -> U8:
        import torch

        pipeline = self._loaded()
        generator = torch.Generator("cpu").manual_seed(ask.seed)
        with torch.inference_mode():
            out = pipeline(ask.prompt, generator=generator, output_type="np", **self.call)
        # (1, T, H, W, 3), float 0..1, as the pipelines of diffusers give it
        frames_THWC = np.asarray(out.frames)[0]
        frames: U8 = (np.clip(frames_THWC, 0, 1) * 255).round().astype(np.uint8)
        return frames

    def _pin(self) -> str:
        """What the weights are known by.

        Raises:
            UsageError: for a repository without a commit.
        """
        folder = Path(self.repo)
        if folder.is_dir():
            return _hash_of(folder)
        if not _COMMIT.fullmatch(self.revision):
            raise UsageError(
                "a pipeline of the hub is named with its commit",
                seen=f"repo={self.repo}, revision={self.revision}",
                legal="revision=COMMIT, 40 hex digits, or repo=FOLDER",
                then="look for the commit under Files and versions",
            )
        return self.revision

    def _loaded(self) -> Any:
        if self._pipeline is None:
            import torch
            from diffusers import DiffusionPipeline

            try:
                pipeline = DiffusionPipeline.from_pretrained(
                    self.repo,
                    revision=self.revision or None,
                    use_safetensors=True,
                )
            except (OSError, ValueError, ImportError) as error:
                raise Unavailable(f"the pipeline cannot be loaded: {error}") from error
            pipeline.set_progress_bar_config(disable=True)
            self._pipeline = pipeline.to(self.device, getattr(torch, self.dtype))
        return self._pipeline


def _hash_of(folder: Path) -> str:
    """sha256 over the names and bytes of a folder's files."""
    hasher = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        hasher.update(str(path.relative_to(folder)).encode() + b"\0")
        with path.open("rb") as file:
            hasher.update(hashlib.file_digest(file, "sha256").digest())
    return hasher.hexdigest()
