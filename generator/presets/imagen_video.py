"""Imagen Video (arXiv 2210.02303), small: seven stages in the paper's order."""

from __future__ import annotations

from generator.adapter import AdapterConfig
from generator.diffusion import NoiseConfig
from generator.stages import Phase, Preset, StageConfig
from generator.unet import UNetConfig

_BASE_PHASES = (
    Phase(level=1, n_frames=1, n_clips=96, steps=200),
    Phase(level=2, n_frames=1, n_clips=96, steps=250),
    Phase(level=3, n_frames=1, n_clips=96, steps=250),
    Phase(level=5, n_frames=1, n_clips=96, steps=550),
    Phase(level=5, n_frames=4, n_clips=16, steps=400, shift=-2.5, n_packs=8),
    Phase(level=5, n_frames=8, n_clips=9, steps=350, shift=-3.2, n_packs=3),
    Phase(
        level=5, n_frames=16, n_clips=5, steps=800, shift=-4.0, n_packs=1, decay=True, whole=True
    ),
)

BASE = StageConfig(
    name="base",
    kind="base",
    n_frames=16,
    height_px=24,
    width_px=40,
    fps=3.0,
    network=UNetConfig(),
    noise=NoiseConfig(shift=-4.0),
    phases=_BASE_PHASES,
)

PRESET = Preset(
    name="imagen-video",
    text_encoder="minilm",
    adapter=AdapterConfig(),
    stages=(BASE,),
)
