"""Make-A-Video (arXiv 2209.14792), small: a text-to-image network that learns to move.

The base grows from Imagen's: a temporal convolution after each spatial one and temporal attention
after spatial attention, all starting as the identity (pseudo-3D), and only these train, on videos
without captions. `fill` shows every fifth frame and makes those between them (16 to 76 frames), or
makes a video of one image. Enlarging shares its noise between frames.
"""

from __future__ import annotations

from dataclasses import replace

from generator.adapter import AdapterConfig
from generator.diffusion import NoiseConfig
from generator.presets import imagen, imagen_video
from generator.stages import Phase, Preset

BASE = replace(
    imagen_video.BASE,
    network=replace(imagen_video.BASE.network, temporal="both"),
    phases=(
        Phase(level=5, n_frames=8, n_clips=12, steps=300, shift=-3.2),
        Phase(level=5, n_frames=16, n_clips=6, steps=700, shift=-4.0, span=1.0, decay=True),
    ),
    grown_from=("imagen", "base"),
    trains="temporal",
    text_drop_prob=1.0,
)
FILL = replace(
    imagen_video.TSR1,
    name="fill",
    kind="fill",
    n_frames=76,
    fps=14.25,
    scale=5,
    network=replace(
        imagen_video.TSR1.network,
        cond_channels=4,
        residual=False,
        middle="hybrid",
        temporal="both",
        temporal_blocks=(0, 1),
    ),
    phases=(
        Phase(level=5, n_frames=16, n_clips=6, steps=500, shift=-3.0, span=16 / 76),
        Phase(level=5, n_frames=76, n_clips=1, steps=300, shift=-3.0, span=1.0, decay=True),
    ),
    n_steps=8,
)
_SSR1 = replace(
    imagen.SSR1,
    n_frames=76,
    fps=14.25,
    shared_noise=True,
    noise=NoiseConfig(shift=-4.0),
    grown_from=("imagen", "ssr1"),
)
_SSR2 = replace(
    imagen.SSR2, n_frames=76, fps=14.25, shared_noise=True, grown_from=("imagen", "ssr2")
)

PRESET = Preset(
    name="make-a-video",
    text_encoder="minilm",
    adapter=AdapterConfig(),
    stages=(BASE, FILL, _SSR1, _SSR2),
)
