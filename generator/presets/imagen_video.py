"""Imagen Video (arXiv 2210.02303), small: seven stages in the paper's order.

As in the paper: temporal attention in the base, temporal convolution in super-resolution, spatial
attention in the base and the first two spatial stages, all convolutional in the last. Unlike it,
temporal stages make the new frames only, and the last stage shares its noise between frames and
has no temporal layer, so that it runs in chunks of any length with the same result.
"""

from __future__ import annotations

from dataclasses import replace

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
    Phase(level=5, n_frames=8, n_clips=9, steps=170, shift=-3.2, n_packs=3),
    # shapes were still weak here, and single images teach them fastest
    Phase(level=5, n_frames=1, n_clips=96, steps=780),
    Phase(level=5, n_frames=8, n_clips=9, steps=250, shift=-3.2, n_packs=3),
    Phase(level=5, n_frames=16, n_clips=5, steps=1150, shift=-4.0, n_packs=1, decay=True, span=1.0),
    Phase(level=5, n_frames=1, n_clips=96, steps=2000),
    Phase(level=5, n_frames=16, n_clips=5, steps=3000, shift=-4.0, n_packs=1, decay=True, span=1.0),
    # from step 9,506 on the adapter tells the two things of a pair apart
    Phase(level=5, n_frames=1, n_clips=96, steps=450),
    Phase(level=5, n_frames=16, n_clips=4, steps=181, shift=-4.0, n_packs=2, decay=True, span=1.0),
    Phase(level=5, n_frames=1, n_clips=96, steps=2200),
    Phase(level=5, n_frames=16, n_clips=4, steps=1900, shift=-4.0, n_packs=2, decay=True, span=1.0),
)

BASE = StageConfig(
    name="base",
    kind="base",
    n_frames=16,
    height_px=24,
    width_px=40,
    fps=3.0,
    network=UNetConfig(),
    # sampled at less noise than 16 frames are trained at: the last steps take the grain away
    noise=NoiseConfig(shift=-2.0),
    phases=_BASE_PHASES,
    guidance=1.0,
)

_CONV = UNetConfig(
    channels=(48, 64),
    blocks=(1, 0),
    blocks_up=(1, 0),
    middle="conv",
    n_middle=2,
    temporal="conv",
    cross_blocks=(),
    cond_width=64,
    hidden_width=64,
    cond_channels=3,
    residual=True,
    sees_guess=True,
    positions=None,
)
_ATTENDING = replace(_CONV, middle="hybrid", n_middle=1)
_BETWEEN = replace(_CONV, cond_channels=6)
_LARGE_BETWEEN = replace(
    _BETWEEN, patch=4, channels=(32, 48), n_middle=1, gated=True, cond_width=48, hidden_width=32
)


# The paper samples with noise of log-SNR 3 or 5 on the low-resolution video. Here that noise stays
# in what is made (at 8 instead of 12 it costs 1.2 dB), so training is told 5..12 and sampling uses
# 12: a third of a level of 255. Levels of noise in training are high (shift -4 and below) and
# sampling takes two steps: little is left open once the small video is known, and the mean of what
# is possible has the highest PSNR and no grain.
_TOLD = NoiseConfig(shift=-4.0, low_log_snr=(5.0, 12.0), low_log_snr_sampling=12.0)


# Where the first guess is good to 35 dB and more, noise of log-SNR 5 would be nearly all of the
# loss: the stage would learn to take out noise and little else. At 40 dB even a third of a level
# shows in the error of edges, hence 15 (a fourteenth of a level) for the large stages.
_TOLD_LITTLE = replace(_TOLD, low_log_snr=(9.0, 13.0), low_log_snr_sampling=13.0)
_TOLD_LEAST = NoiseConfig(shift=-6.0, low_log_snr=(11.0, 15.0), low_log_snr_sampling=15.0)


def learn(
    n_frames: int,
    n_clips: int,
    steps: int,
    shift: float,
    span: float | None = 1.0,
    edge_weight: float = 0.0,
) -> tuple[Phase, ...]:
    """One phase on the whole grammar, at one noise shift, whose rate falls to nothing."""
    phase = Phase(
        level=5,
        n_frames=n_frames,
        n_clips=n_clips,
        steps=steps,
        shift=shift,
        image_shift=shift,
        span=span,
        decay=True,
        edge_weight=edge_weight,
    )
    return (phase,)


# `least_levels` and the steps were chosen on `python -m generator.compare --split tune`
TSR1 = StageConfig(
    name="tsr1",
    kind="tsr",
    n_frames=32,
    height_px=24,
    width_px=40,
    fps=6.0,
    network=_BETWEEN,
    noise=_TOLD_LITTLE,
    phases=learn(32, 3, 400, -4.0),
    n_steps=2,
    guidance=0.0,
    least_levels=1.0,
)
SSR1 = StageConfig(
    name="ssr1",
    kind="ssr",
    n_frames=32,
    height_px=48,
    width_px=80,
    fps=6.0,
    scale=2,
    network=_ATTENDING,
    noise=_TOLD,
    phases=learn(4, 6, 700, -4.0, span=4 / 32),
    n_steps=2,
    guidance=0.0,
    least_levels=1.0,
)
SSR2 = StageConfig(
    name="ssr2",
    kind="ssr",
    n_frames=32,
    height_px=192,
    width_px=320,
    fps=6.0,
    scale=4,
    network=replace(
        _ATTENDING, patch=4, gated=True, channels=(40, 56), cond_width=48, hidden_width=32
    ),
    noise=_TOLD_LITTLE,
    phases=(
        *learn(3, 2, 900, -4.0, span=3 / 32),
        *learn(3, 2, 400, -4.0, span=3 / 32, edge_weight=0.2),
    ),
    n_steps=1,
    guidance=0.0,
    least_levels=1.0,
)
TSR2 = StageConfig(
    name="tsr2",
    kind="tsr",
    n_frames=64,
    height_px=192,
    width_px=320,
    fps=12.0,
    network=_LARGE_BETWEEN,
    noise=_TOLD_LEAST,
    phases=learn(8, 2, 500, -6.0, span=8 / 64),
    n_steps=2,
    guidance=0.0,
    least_levels=1.0,
)
TSR3 = replace(
    TSR2,
    name="tsr3",
    n_frames=128,
    fps=24.0,
    phases=(),  # the same weights: half the motion between frames is the easier half of the task
    grown_from=("imagen-video", "tsr2"),
)
SSR3 = StageConfig(
    name="ssr3",
    kind="ssr",
    n_frames=128,
    height_px=768,
    width_px=1280,
    fps=24.0,
    scale=4,
    network=replace(
        _CONV,
        patch=4,
        channels=(24,),
        blocks=(2,),
        blocks_up=(1,),
        n_middle=0,
        temporal="none",
        gated=True,
        norm="pixel",
        cond_width=32,
        hidden_width=32,
    ),
    noise=_TOLD_LEAST,
    phases=(
        *learn(1, 1, 700, -6.0, span=None),
        *learn(1, 1, 500, -6.0, span=None, edge_weight=0.1),
    ),
    n_steps=1,
    guidance=0.0,
    least_levels=0.5,
    crop_px=(192, 256),
    n_crops=8,
    shared_noise=True,
)

PRESET = Preset(
    name="imagen-video",
    text_encoder="minilm",
    adapter=AdapterConfig(),
    stages=(BASE, TSR1, SSR1, SSR2, TSR2, TSR3, SSR3),
)
