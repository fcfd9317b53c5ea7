"""The space-time separable video U-Net of every stage, told apart by a frozen config.

Layout: space-to-depth -> convolution -> residual blocks, halving the grid between widths -> middle
blocks (attention or plain) -> the way back with skips -> depth-to-space. The network predicts the
clean video x-hat; what the sampler wants is made from it in :mod:`generator.diffusion`.

Shapes: N clips, T frames, C channels, H x W pixels, P text vector, S x D text slots. Pixels are
-1..1. Instants are shares of the clip, 0..1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the usual name

from generator.layers import Frames, HybridBlock, ResBlock, norm_of, unfold, zeroed

FILL_CHANNELS = 8
"""Of a filling stage: the shown frames before and after, the share of the way, the mask."""

SKIP_LOG_SNR = 6.0
"""Above this log-SNR the noisy input itself is the better guess of the clean video.

A residual stage's first guess is the best linear one: the noisy video and the low-resolution video
weighed by how sure each is, the latter's error being that of 32 dB (log-SNR 6).
"""

BUSY_STEP = 0.04
"""Five levels of 255: more than the noise that sampling adds, less than an edge that one sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UNetConfig:
    """One stage's network.

    `channels` are the widths from the finest grid to the coarsest, `blocks` the residual blocks
    before the middle on each grid and `blocks_up` those after it. `middle` is "hybrid" or "conv".
    `temporal` is "attention" (middle only, in `temporal_blocks`), "conv" (everywhere), "both" or
    "none". `cond_channels` counts the channels of low-resolution video laid beside the input; with
    `residual` the network predicts what is missing in it (in the mean of two frames when there are
    six). With `sees_guess` it is shown that first guess in place of the noisy video: where the
    conditioning tells nearly all, the noise would only have to be taken out again. With
    `gated` it may add only where the conditioning video shows something (:func:`busy`): a plain
    ground needs nothing, and a network trained for minutes leaves traces there. `positions` is the
    middle's grid when places are learned, `None` for a fully convolutional stage. `norm` is
    "group" (over the picture) or "pixel" (for stages that train on crops) in convolutional blocks.
    """

    patch: int = 2
    channels: tuple[int, ...] = (64, 128)
    blocks: tuple[int, ...] = (1, 0)
    blocks_up: tuple[int, ...] = (2, 0)
    middle: str = "hybrid"
    n_middle: int = 4
    heads: int = 4
    temporal: str = "attention"
    temporal_blocks: tuple[int, ...] = (1, 2, 3)
    cross_blocks: tuple[int, ...] = (0, 2)
    cond_channels: int = 0
    residual: bool = False
    sees_guess: bool = False
    gated: bool = False
    norm: str = "group"
    cond_width: int = 128
    hidden_width: int = 320
    text_width: int = 256
    slot_width: int = 48
    positions: tuple[int, int] | None = (6, 10)

    @property
    def divisor(self) -> int:
        """Height and width must be multiples of it."""
        return int(self.patch * 2 ** (len(self.channels) - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a stage is told about each frame.

    `text_NTP` and `slots_NTSD` come from the text adapter, `time_NT` are shares of the clip 0..1,
    `packed_N` marks packs of single images, `low_NTCHW` is the noised low-resolution video at this
    stage's size with its log-SNR `low_log_snr_NT`.
    """

    text_NTP: Tensor
    slots_NTSD: Tensor | None
    time_NT: Tensor
    packed_N: Tensor | None = None
    low_NTCHW: Tensor | None = None
    low_log_snr_NT: Tensor | None = None


def waves(values: Tensor, width: int, slowest: float, fastest: float) -> Tensor:
    """Sines and cosines of `values`: (..., width), frequencies in geometric steps."""
    steps = torch.linspace(math.log(slowest), math.log(fastest), width // 2, device=values.device)
    angles = values[..., None].float() * steps.exp()
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


TIME_WIDTH, SNR_WIDTH = 17, 64


def time_features(time: Tensor) -> Tensor:
    """(..., 17): instants 0..1 as themselves and as eight waves of half a turn to many."""
    return torch.cat([2 * time[..., None].float() - 1, waves(time, 16, math.pi / 2, 60.0)], dim=-1)


class Teller(nn.Module):
    """Folds text, noise level and instant of each frame into one vector."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        told = config.text_width + SNR_WIDTH + TIME_WIDTH
        told += SNR_WIDTH if config.cond_channels else 0
        self.inward = nn.Linear(told, config.hidden_width)
        self.text_by_time = nn.Linear(config.text_width, config.hidden_width, bias=False)
        self.gate = zeroed(nn.Linear(told, config.hidden_width))
        self.outward = nn.Linear(config.hidden_width, config.cond_width)

    def forward(self, log_snr_NT: Tensor, condition: Condition) -> tuple[Tensor, Tensor]:
        """Per folded frame: all that it is told (F, E) and its instant alone (F, 17)."""
        time = time_features(condition.time_NT)
        parts = [condition.text_NTP, waves(log_snr_NT, SNR_WIDTH, 0.05, 3.0), time]
        if condition.low_log_snr_NT is not None:
            parts.append(waves(condition.low_log_snr_NT, SNR_WIDTH, 0.05, 3.0))
        told = torch.cat(parts, dim=-1).flatten(0, 1)
        moved = condition.text_NTP * (2 * condition.time_NT[..., None] - 1)
        hidden = self.inward(told) + self.text_by_time(moved.flatten(0, 1))
        hidden = F.silu(hidden) * (1 + self.gate(told))
        return F.silu(self.outward(hidden)), time.flatten(0, 1)


class VideoUNet(nn.Module):
    """Predicts the clean video from a noisy one. See the module's docstring."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.channels
        pixels = 3 * config.patch**2
        self.teller = Teller(config)
        self.inlet = nn.Conv2d(
            (3 + config.cond_channels) * config.patch**2, widths[0], 3, padding=1
        )
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        for width, n_down, n_up in zip(widths, config.blocks, config.blocks_up, strict=True):
            self.down.append(self._res_blocks(n_down, width))
            self.up.append(self._res_blocks(n_up, width))
        self.shrink = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in _pairs(widths)
        )
        self.grow = nn.ModuleList(nn.Conv2d(b, 4 * a, 1) for a, b in _pairs(widths))
        self.places = (
            nn.Parameter(0.02 * torch.randn(1, widths[-1], *config.positions))
            if config.positions
            else None
        )
        self.middle = nn.ModuleList(self._middle_block(i) for i in range(config.n_middle))
        self.norm_out = norm_of(config.norm, widths[0])
        self.outlet = zeroed(nn.Conv2d(widths[0], pixels, 3, padding=1))

    def _res_block(self, width: int) -> ResBlock:
        config = self.config
        temporal = config.temporal in ("conv", "both")
        return ResBlock(width, config.cond_width, temporal=temporal, norm=config.norm)

    def _res_blocks(self, count: int, width: int) -> nn.ModuleList:
        return nn.ModuleList(self._res_block(width) for _ in range(count))

    def _middle_block(self, index: int) -> nn.Module:
        config = self.config
        width = config.channels[-1]
        if config.middle == "conv":
            return self._res_block(width)
        temporal = config.temporal
        if temporal in ("attention", "both") and index not in config.temporal_blocks:
            temporal = "conv" if temporal == "both" else "none"
        return HybridBlock(
            width,
            config.cond_width,
            heads=config.heads,
            slot_width=config.slot_width if index in config.cross_blocks else None,
            temporal=temporal,
            time_width=TIME_WIDTH,
        )

    def forward(self, z_NTCHW: Tensor, log_snr_NT: Tensor, condition: Condition) -> Tensor:
        """The clean video x-hat (N, T, 3, H, W), about -1..1, from `z = alpha x + sigma eps`.

        Raises:
            ValueError: when the grid does not divide, or low-resolution video is missing.
        """
        self._check(z_NTCHW, condition)
        n, t = z_NTCHW.shape[:2]
        z = z_NTCHW.flatten(0, 1)
        cond_FE, time_FE = self.teller(log_snr_NT, condition)
        slots = condition.slots_NTSD
        frames = Frames(
            n=n,
            t=t,
            cond_FE=cond_FE,
            time_FE=time_FE,
            packed_N=condition.packed_N,
            slots_FSD=None if slots is None else slots.flatten(0, 1),
        )
        l_F = log_snr_NT.flatten()[:, None, None, None]
        trust = torch.sigmoid(l_F - SKIP_LOG_SNR)
        guess = trust / torch.sigmoid(l_F).sqrt() * z
        if self.config.residual:
            guess = guess + (1 - trust) * self.plain_guess(condition).flatten(0, 1)
        inputs = [guess if self.config.sees_guess else z]
        if condition.low_NTCHW is not None:
            inputs.append(condition.low_NTCHW.flatten(0, 1))
        missing = self._net(torch.cat(inputs, dim=1), frames).float()
        if self.config.gated and condition.low_NTCHW is not None:
            missing = missing * busy(condition.low_NTCHW.flatten(0, 1), self.config.patch)
        return unfold(guess + missing, n)

    def plain_guess(self, condition: Condition) -> Tensor:
        """The mean of the conditioning videos, brought back to the range of clean pixels.

        Frames that are filled in between two shown ones start from their blend.
        """
        low, level = condition.low_NTCHW, condition.low_log_snr_NT
        if low is None or level is None:
            raise ValueError("a residual stage needs low-resolution video and its log-SNR")
        alpha = torch.sigmoid(level).sqrt()[:, :, None, None, None]
        n, t, _, height, width = low.shape
        if self.config.cond_channels == FILL_CHANNELS:
            guess = torch.lerp(low[:, :, :3], low[:, :, 3:6], low[:, :, 6:7])
        else:
            guess = low.reshape(n, t, -1, 3, height, width).mean(dim=2)
        return guess / alpha

    def _net(self, x_FCHW: Tensor, frames: Frames) -> Tensor:
        x = F.pixel_unshuffle(x_FCHW, self.config.patch)
        x = self.inlet(x.contiguous(memory_format=torch.channels_last))
        skips = []
        for i, blocks in enumerate(self.down):
            for block in blocks:  # type: ignore[attr-defined]
                x = block(x, frames)
            if i < len(self.shrink):
                skips.append(x)
                x = self.shrink[i](x)
        if self.places is not None:
            x = x + self.places
        for block in self.middle:
            x = block(x, frames)
        for i in reversed(range(len(self.up))):
            if i < len(self.grow):
                x = F.pixel_shuffle(self.grow[i](x), 2) + skips.pop()
            for block in self.up[i]:  # type: ignore[attr-defined]
                x = block(x, frames)
        return F.pixel_shuffle(self.outlet(F.silu(self.norm_out(x))), self.config.patch)

    def _check(self, z_NTCHW: Tensor, condition: Condition) -> None:
        height, width = z_NTCHW.shape[-2:]
        divisor = self.config.divisor
        if height % divisor or width % divisor or not height or not width:
            raise ValueError(
                f"this stage cannot make the size; seen: {height} x {width}; "
                f"legal: multiples of {divisor}"
            )
        if self.config.positions is not None:
            legal = tuple(divisor * side for side in self.config.positions)
            if (height, width) != legal:
                raise ValueError(
                    f"this stage has one size; seen: {height} x {width}; "
                    f"legal: {legal[0]} x {legal[1]}"
                )
        low = condition.low_NTCHW
        seen = 0 if low is None else low.shape[2]
        if seen != self.config.cond_channels:
            raise ValueError(
                f"this stage needs {self.config.cond_channels} channels of conditioning video; "
                f"seen: {seen}"
            )


def busy(low_FCHW: Tensor, patch: int) -> Tensor:
    """(F, 1, H, W), 0..1: where the video has edges, or its two frames differ, a patch around.

    Steps between neighbouring pixels are 0..2; `BUSY_STEP` of them opens the gate half.
    """
    height, width = low_FCHW.shape[-2:]
    across = F.pad((low_FCHW[..., 1:] - low_FCHW[..., :-1]).abs().amax(1, True), (0, 1))
    down = F.pad((low_FCHW[..., 1:, :] - low_FCHW[..., :-1, :]).abs().amax(1, True), (0, 0, 0, 1))
    step = torch.maximum(across, down)
    if low_FCHW.shape[1] == 6:
        apart = (low_FCHW[:, :3] - low_FCHW[:, 3:]).abs().amax(1, True)
        step = torch.maximum(step, apart)
    near = F.max_pool2d(F.max_pool2d(step, patch), 3, stride=1, padding=1).square()
    gate = near / (near + BUSY_STEP**2)
    return F.interpolate(gate, size=(height, width), mode="bilinear", align_corners=False)


def _pairs(widths: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(pairwise(widths))


def channels_last(network: VideoUNet) -> VideoUNet:
    """The network with its kernels laid out as CPUs like them."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def n_parameters(module: nn.Module) -> int:
    """How many numbers the module has learned."""
    return sum(parameter.numel() for parameter in module.parameters())
