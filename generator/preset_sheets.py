"""Contact sheets of the presets imagen and make-a-video: `python -m generator.preset_sheets`.

Prompts, places and noise are fixed, nothing is chosen by hand; `docs/images` holds what came out.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from generator.cascade import Cascade
from generator.compare import filled, render_pair
from generator.evaluate import Asked, draw_prompts
from generator.store import write_atomic
from generator.world.grammar import KINDS, Scene
from generator.world.palette import Array
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter
from generator.world.sheets import FOLDER, enlarged, tiled
from generator.world.tracks import DURATION_S

SEED = 404
_STRIP = (0, 2, 4, 6, 8, 10, 12, 15)


def _asked(n: int, kinds: Sequence[str] = KINDS) -> list[Asked]:
    return draw_prompts(n, SEED, kinds)


def _made(cascade: Cascade, asked: Sequence[Asked], stage: str) -> Array:
    prompts, seeds = [a.prompt for a in asked], [a.seed for a in asked]
    return cascade(prompts, stage=stage, generator=seeds).frames_NTHWC


def _scenes(asked: Sequence[Asked]) -> list[Scene]:
    rng = np.random.default_rng(SEED)
    return [Scene(truth=a.truth, jitter=sample_jitter(rng)) for a in asked]


def imagen_base(cascade: Cascade) -> Array:
    """Eight images of each kind of prompt, a row for a kind."""
    images = _made(cascade, _asked(8), "base")[:, 0]
    return tiled([[enlarged(i, 4) for i in images[k : k + 8]] for k in range(0, len(images), 8)])


def imagen_enlarged(cascade: Cascade) -> Array:
    """Three sizes of one image, by their pixels: the base's, after ssr1, after ssr2."""
    rows = []
    for one in _asked(1):
        base = _made(cascade, [one], "base")
        middle = cascade.enlarge(base, one.prompt, stage="ssr1", generator=one.seed)
        large = cascade.enlarge(
            middle.frames_NTHWC, one.prompt, stage="ssr2", generator=one.seed
        ).frames_NTHWC
        sizes = [enlarged(base[0, 0], 16), enlarged(middle.frames_NTHWC[0, 0], 4), large[0, 0]]
        rows.append([picture[::2, ::2] for picture in sizes])
    return tiled(rows)


def make_a_video_base(cascade: Cascade) -> Array:
    """Two videos of each kind of prompt, eight of sixteen frames."""
    videos = _made(cascade, _asked(2), "base")
    return tiled([[enlarged(video[t], 3) for t in _STRIP] for video in videos])


def make_a_video_fill(cascade: Cascade) -> Array:
    """Frames 10 to 15 of held-out scenes: the truth, the blend, what the stage makes."""
    asked = [a for a in _asked(8, ("thing", "camera")) if a.held_out]
    rows = []
    for one, scene in zip(asked, _scenes(asked), strict=True):
        stage = cascade.preset.stage("fill")
        low, true = render_pair(stage, [scene], 16)
        made = cascade.enlarge(low, one.prompt, stage="fill", generator=one.seed)
        three = (true, filled(low, stage.scale)["blended"], made.frames_NTHWC)
        rows += [[enlarged(frame, 3) for frame in video[0, 10:16]] for video in three]
    return tiled(rows)


def make_a_video_image(cascade: Cascade) -> Array:
    """Three rows a scene: the truth, what is made of its first frame, the same with a caption."""
    asked = [a for a in _asked(12, ("thing", "group")) if a.held_out]
    true = render_batch(_scenes(asked), 24, 40, np.arange(16) / 16 * DURATION_S)
    seeds = [a.seed for a in asked]
    alone = cascade([""] * len(asked), generator=seeds, image_NHWC=true[:, 0]).frames_NTHWC
    told = cascade([a.prompt for a in asked], generator=seeds, image_NHWC=true[:, 0]).frames_NTHWC
    rows = [video for trio in zip(true, alone, told, strict=True) for video in trio]
    return tiled([[enlarged(video[t], 3) for t in _STRIP] for video in rows])


SHEETS: dict[str, tuple[str, Callable[[Cascade], Array]]] = {
    "imagen-base": ("imagen", imagen_base),
    "imagen-enlarged": ("imagen", imagen_enlarged),
    "make-a-video-base": ("make-a-video", make_a_video_base),
    "make-a-video-fill": ("make-a-video", make_a_video_fill),
    "make-a-video-image": ("make-a-video", make_a_video_image),
}


def _png(picture: Array) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m generator.preset_sheets", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(SHEETS)}; all by default")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args(argv)
    unknown = sorted(set(given.names) - SHEETS.keys())
    if unknown:
        parser.error(f"no such sheet; seen: {', '.join(unknown)}; legal: {', '.join(SHEETS)}")
    import torch

    torch.set_num_threads(1)
    for name in given.names or SHEETS:
        preset, draw = SHEETS[name]
        path = given.out / f"{name}.png"
        write_atomic(path, _png(draw(Cascade.from_pretrained(preset))))
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
