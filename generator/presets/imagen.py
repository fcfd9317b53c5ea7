"""Imagen (arXiv 2205.11487), small: text to a single image, then twice as large, four times each.

The same machinery as the video presets, with one frame and no temporal layers.
"""

from __future__ import annotations

from dataclasses import replace

from generator.adapter import AdapterConfig
from generator.diffusion import NoiseConfig
from generator.presets import imagen_video
from generator.stages import Phase, Preset, StageConfig

BASE = replace(
    imagen_video.BASE,
    n_frames=1,
    fps=1.0,
    network=replace(imagen_video.BASE.network, temporal="none"),
    noise=NoiseConfig(shift=-1.5),
    phases=(
        Phase(level=1, n_frames=1, n_clips=96, steps=200),
        Phase(level=3, n_frames=1, n_clips=96, steps=400),
        Phase(level=5, n_frames=1, n_clips=96, steps=1400, decay=True),
    ),
)


def _enlarging(name: str, like: StageConfig, height_px: int, width_px: int) -> StageConfig:
    phase = replace(like.phases[0], n_frames=1, n_clips=12, span=None)
    return replace(
        like,
        name=name,
        n_frames=1,
        fps=1.0,
        height_px=height_px,
        width_px=width_px,
        scale=4,
        network=replace(like.network, temporal="none"),
        phases=(phase,),
    )


SSR1 = replace(_enlarging("ssr1", imagen_video.SSR2, 96, 160), crop_px=None)
SSR2 = _enlarging("ssr2", imagen_video.SSR3, 384, 640)

PRESET = Preset(
    name="imagen",
    text_encoder="minilm",
    adapter=AdapterConfig(),
    stages=(BASE, SSR1, SSR2),
)
