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
    # one middle block less than the video's, the one that is missed least
    network=replace(imagen_video.BASE.network, temporal="none", n_middle=3, cross_blocks=(0, 1)),
    noise=NoiseConfig(shift=-1.5),
    guidance=0.5,
    phases=(Phase(level=5, n_frames=1, n_clips=96, steps=700, decay=True),),
    grown_from=("imagen-video", "base"),
    grown_middle=(0, 2, 3),
)


# little is left open once the small picture is known: much noise in training, few steps and hardly
# any noise on the small picture in sampling give the best PSNR and no grain, as in imagen-video
_TOLD = NoiseConfig(shift=-4.0, low_log_snr=(5.0, 12.0), low_log_snr_sampling=12.0)
_SMALL = replace(imagen_video.SSR2.network, temporal="none", hidden_width=16, cond_width=32)


def _learn(n_clips: int, steps: int, shift: float) -> tuple[Phase, ...]:
    return imagen_video.learn(1, n_clips, steps, shift, span=None)


SSR1 = StageConfig(
    name="ssr1",
    kind="ssr",
    n_frames=1,
    height_px=96,
    width_px=160,
    fps=1.0,
    scale=4,
    network=replace(_SMALL, patch=4, channels=(40, 48)),
    noise=_TOLD,
    phases=_learn(8, 500, -4.0),
    n_steps=2,
    guidance=0.0,
)
# the same task as imagen-video's last stage, which it grows from: four times as large, one step
SSR2 = replace(
    imagen_video.SSR3,
    name="ssr2",
    n_frames=1,
    height_px=384,
    width_px=640,
    fps=1.0,
    n_crops=6,
    shared_noise=False,
    phases=imagen_video.learn(1, 2, 400, -6.0, span=None, edge_weight=0.1),
    grown_from=("imagen-video", "ssr3"),
)

PRESET = Preset(
    name="imagen",
    text_encoder="minilm",
    adapter=AdapterConfig(),
    stages=(BASE, SSR1, SSR2),
    text_from="imagen-video",
)
