"""Make-A-Video (arXiv 2209.14792), small: a text-to-image network that learns to move.

The base grows from Imagen's: a temporal convolution after each spatial one and temporal attention
after spatial attention, all starting as the identity (pseudo-3D), and only these train, on videos
without captions. In a third of them the first frame is given, so that an image can become a video
(the paper does that with its interpolation network). `fill` sees every fifth frame and makes those
between them, 16 to 76; unlike the paper's network it starts from the blend of the shown frames on
both sides, not from blanks. Enlarging is Imagen's, with noise shared between frames.
"""

from __future__ import annotations

from dataclasses import replace

from generator.adapter import AdapterConfig
from generator.diffusion import NoiseConfig
from generator.presets import imagen, imagen_video
from generator.stages import Phase, Preset, StageConfig
from generator.unet import FILL_CHANNELS

FILL_FPS = 15.0

BASE = replace(
    imagen.BASE,
    n_frames=imagen_video.BASE.n_frames,
    fps=imagen_video.BASE.fps,
    network=replace(imagen.BASE.network, temporal="both", temporal_blocks=(0, 1, 2)),
    noise=NoiseConfig(shift=-2.0),
    phases=(
        Phase(level=5, n_frames=8, n_clips=12, steps=150, shift=-3.2),
        Phase(level=5, n_frames=16, n_clips=6, steps=450, shift=-4.0, span=1.0, decay=True),
    ),
    grown_from=("imagen", "base"),
    grown_middle=None,
    trains="temporal",
    text_drop_prob=1.0,
    given_first_prob=0.33,
)
FILL = StageConfig(
    name="fill",
    kind="fill",
    n_frames=76,
    height_px=24,
    width_px=40,
    fps=FILL_FPS,
    scale=5,
    network=replace(
        imagen_video.TSR1.network,
        cond_channels=FILL_CHANNELS,
        middle="hybrid",
        n_middle=1,
        temporal="both",
        temporal_blocks=(0,),
    ),
    noise=NoiseConfig(shift=-4.0, low_log_snr=(5.0, 12.0), low_log_snr_sampling=12.0),
    phases=(
        Phase(level=5, n_frames=31, n_clips=2, steps=350, shift=-4.0, span=31 / 80),
        Phase(level=5, n_frames=76, n_clips=1, steps=100, shift=-4.0, span=76 / 80, decay=True),
        # up to here from plain blends, from here on from frames moved along the flow
        Phase(level=5, n_frames=31, n_clips=2, steps=250, shift=-4.0, span=31 / 80, decay=True),
    ),
    n_steps=2,
    guidance=0.0,
    text_drop_prob=1.0,
)


def _for_videos(stage: StageConfig) -> StageConfig:
    """Imagen's stage as it is, frame by frame, the noise shared."""
    return replace(
        stage,
        n_frames=76,
        fps=FILL_FPS,
        shared_noise=True,
        phases=(),
        grown_from=("imagen", stage.name),
    )


PRESET = Preset(
    name="make-a-video",
    text_encoder="minilm",
    adapter=AdapterConfig(),
    stages=(BASE, FILL, _for_videos(imagen.SSR1), _for_videos(imagen.SSR2)),
    text_from="imagen-video",
)
