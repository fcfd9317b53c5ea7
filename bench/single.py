"""One video of one prompt, outside of any run: what `prescreen generate` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.clearance import clear_text
from bench.errors import PrescreenError, explain, printable
from bench.generation import video_id
from bench.models.base import Ask, Made, VideoModel, load_model
from bench.types import Json, digest
from bench.videos.probe import probe
from bench.videos.read import sha256
from bench.videos.write import write_master, write_preview

Say = Callable[[str], object]


def make_one(
    spec: str, prompt: str, seed: int, output: Path, *, preview: bool, say: Say
) -> dict[str, Json]:
    """Make one video, write it to `output`, and tell what it is.

    Args:
        spec: of the model.
        prompt: what to show.
        seed: of its noise.
        output: an mp4 file; written whole, and only if there is a video.
        preview: write 4:2:0 video in place of lossless RGB.
        say: told how far it is.

    Raises:
        PrescreenError: when the model cannot be had, or fails.
    """
    ask = Ask(prompt=clear_text(prompt), seed=seed)
    model = load_model(spec)
    fingerprint = model.fingerprint()
    for line in model.remarks([prompt]):
        say(line)
    _watch(model, say)
    if model.uses_torch:
        import torch

        torch.set_num_threads(1)
    with _one_line():
        made = model.generate([ask])[0]
    record: dict[str, Json] = {
        "id": video_id(fingerprint, ask),
        "model": spec,
        "fingerprint": digest(fingerprint),
        "prompt": prompt,
        "seed": seed,
        "outcome": str(made.outcome),
        "reason": made.reason,
        "details": dict(made.details),
    }
    if made.frames is None:
        return record
    with _one_line():
        provenance = _write(output, made, preview=preview)
    if provenance:
        record["details"] = {**made.details, "provenance": dict(provenance)}
    facts = probe(output)
    return {
        **record,
        "path": str(output),
        "sha256": sha256(output),
        "n_frames": facts.n_frames,
        "fps": facts.fps,
        "height_px": facts.height_px,
        "width_px": facts.width_px,
    }


def _write(output: Path, made: Made, *, preview: bool) -> Mapping[str, str] | None:
    """Write the video, signed before it has its name where the model signs."""
    write, frames, sign = write_preview if preview else write_master, made.frames, made.sign
    if frames is None:
        raise ValueError("there is no video to write")
    if sign is None:
        write(output, frames, made.fps)
        return None
    from generator.provenance import write_signed

    return write_signed(output, lambda draft: write(draft, frames, made.fps), sign)


@contextmanager
def _one_line() -> Iterator[None]:
    """A failure of the model, also one while its frames are written, as one line."""
    try:
        yield
    except (PrescreenError, OSError):
        raise
    except Exception as error:
        raise PrescreenError(
            explain(f"the model failed with {type(error).__name__}: {error}")
        ) from error


def _watch(model: VideoModel, say: Say) -> None:
    """Tell of each step of a model that lets itself be watched."""
    if not hasattr(model, "watch"):
        return

    def tell(progress: Any) -> None:
        if progress.step == progress.n_steps:
            stage = printable(progress.stage)
            say(f"stage {stage}: {progress.n_steps} steps done")

    model.watch = tell
