"""Layers of the video U-Net. Space and time are separate: no layer mixes both.

Frames of a batch are folded together: `x_FCHW` has F = N * T rows, clip by clip. :class:`Frames`
says how they unfold and which clips are packs of single images, whose temporal layers must not
look at neighbours. Layers that grow a trained network (temporal ones, cross-attention) start as
the identity.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the usual name


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """How folded frames unfold.

    `n` clips of `t` frames; `packed_N` is True where a clip is a pack of single images; `None` when
    no clip is. `time_FE` embeds the instant of each frame, `cond_FE` all that the frame is told,
    `slots_FSD` are the text slots of cross-attention.
    """

    n: int
    t: int
    cond_FE: Tensor
    time_FE: Tensor
    packed_N: Tensor | None = None
    slots_FSD: Tensor | None = None


def zeroed(layer: nn.Module) -> nn.Module:
    """The layer with all parameters zero, so that a residual branch starts as nothing."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


def unfold(x_FCHW: Tensor, n: int) -> Tensor:
    """(F, ...) to (N, T, ...)."""
    return x_FCHW.reshape(n, -1, *x_FCHW.shape[1:])


def groups_of(channels: int) -> int:
    """Groups of GroupNorm: eight channels or more in each."""
    return next(g for g in (8, 4, 2, 1) if (channels % g == 0 and channels // g >= 4) or g == 1)


class PixelNorm(nn.Module):
    """Normalises the channels of each pixel: the same for a crop as for the whole picture.

    GroupNorm's mean over the picture is not: a crop about an edge differs from a plain frame.
    """

    def __init__(self, channels: int, *, affine: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, elementwise_affine=affine)

    def forward(self, x_FCHW: Tensor) -> Tensor:
        """Same shape as `x_FCHW`."""
        out: Tensor = self.norm(x_FCHW.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return out


def norm_of(kind: str, channels: int, *, affine: bool = True) -> nn.Module:
    """The normalisation of a config's name: "group" or "pixel"."""
    if kind == "pixel":
        return PixelNorm(channels, affine=affine)
    return nn.GroupNorm(groups_of(channels), channels, affine=affine)


class Film(nn.Module):
    """Scales and shifts channels by what a frame is told; starts as the identity."""

    def __init__(self, cond_width: int, channels: int) -> None:
        super().__init__()
        self.to_scale_shift = zeroed(nn.Linear(cond_width, 2 * channels))

    def forward(self, x_FCHW: Tensor, cond_FE: Tensor) -> Tensor:
        """Same shape as `x_FCHW`."""
        scale, shift = self.to_scale_shift(cond_FE)[:, :, None, None].chunk(2, dim=1)
        return torch.addcmul(shift, x_FCHW, 1 + scale)


class TemporalConv(nn.Module):
    """Kernel-3 convolution along time at each pixel, residual, identity at the start."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = zeroed(nn.Conv2d(3 * channels, channels, 1))

    def forward(self, x_FCHW: Tensor, frames: Frames) -> Tensor:
        """Frames of a packed clip see only themselves, as a clip of one frame does."""
        x = unfold(x_FCHW, frames.n)
        before, after = torch.zeros_like(x), torch.zeros_like(x)
        if frames.t > 1:
            before[:, 1:], after[:, :-1] = x[:, :-1], x[:, 1:]
            if frames.packed_N is not None:
                alone = frames.packed_N.view(-1, 1, 1, 1, 1)
                before, after = before.masked_fill(alone, 0), after.masked_fill(alone, 0)
        window = torch.cat([before, x, after], dim=2).flatten(0, 1)
        mixed: Tensor = x_FCHW + self.mix(F.silu(window))
        return mixed


class ResBlock(nn.Module):
    """Two 3x3 convolutions with FiLM between them, then an optional temporal convolution."""

    def __init__(
        self, channels: int, cond_width: int, *, temporal: bool, norm: str = "group"
    ) -> None:
        super().__init__()
        self.norm_in = norm_of(norm, channels)
        self.conv_in = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm_mid = norm_of(norm, channels, affine=False)
        self.film = Film(cond_width, channels)
        self.conv_out = zeroed(nn.Conv2d(channels, channels, 3, padding=1))
        self.temporal = TemporalConv(channels) if temporal else None

    def forward(self, x_FCHW: Tensor, frames: Frames) -> Tensor:
        """Same shape as `x_FCHW`."""
        h = self.conv_in(F.silu(self.norm_in(x_FCHW)))
        h = F.silu(self.film(self.norm_mid(h), frames.cond_FE))
        x_FCHW = x_FCHW + self.conv_out(h)
        return x_FCHW if self.temporal is None else self.temporal(x_FCHW, frames)


class Attention(nn.Module):
    """Multi-head attention over (B, L, C) tokens; keys may come from elsewhere."""

    def __init__(self, width: int, heads: int, *, context: int | None = None) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"heads must divide the width; seen: {heads} heads, width {width}")
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context or width, width, bias=False)
        self.to_v = nn.Linear(context or width, width, bias=False)
        self.to_out = nn.Linear(width, width)

    def forward(
        self, x_BLC: Tensor, context_BSD: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """(B, L, C). `mask` is True where a token may look, broadcast over heads."""
        source = x_BLC if context_BSD is None else context_BSD
        q, k, v = (
            y.reshape(*y.shape[:2], self.heads, -1).transpose(1, 2)
            for y in (self.to_q(x_BLC), self.to_k(source), self.to_v(source))
        )
        # bfloat16 attention is many times slower than float32 on a CPU's way back
        with torch.autocast(x_BLC.device.type, enabled=False):
            out = F.scaled_dot_product_attention(q.float(), k.float(), v.float(), attn_mask=mask)
        result: Tensor = self.to_out(out.transpose(1, 2).flatten(2))
        return result


class TemporalAttention(nn.Module):
    """Attention along time at each pixel, residual, identity at the start."""

    def __init__(self, width: int, heads: int, time_width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.time = nn.Linear(time_width, width)
        self.attention = Attention(width, heads)
        zeroed(self.attention.to_out)

    def forward(self, x_FLC: Tensor, frames: Frames) -> Tensor:
        """Same shape as `x_FLC`; frames of a packed clip see only themselves."""
        h = self.norm(x_FLC) + self.time(frames.time_FE)[:, None, :]
        n, t, places = frames.n, frames.t, x_FLC.shape[1]
        h = unfold(h, n).transpose(1, 2).flatten(0, 1)
        mask = None
        if frames.packed_N is not None and t > 1:
            alone = torch.eye(t, dtype=torch.bool, device=h.device)
            mask = (alone | ~frames.packed_N[:, None, None]).repeat_interleave(places, 0)[:, None]
        h = self.attention(h, mask=mask)
        out: Tensor = x_FLC + unfold(h, n).transpose(1, 2).flatten(0, 1)
        return out


class HybridBlock(nn.Module):
    """Spatial attention, then text, then time, then a convolution; each adds to the stream."""

    def __init__(
        self,
        width: int,
        cond_width: int,
        *,
        heads: int,
        slot_width: int | None,
        temporal: str,
        time_width: int,
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.to_ada = zeroed(nn.Linear(cond_width, 6 * width))
        self.attention = Attention(width, heads)
        self.cross = Attention(width, heads, context=slot_width) if slot_width else None
        if self.cross is not None:
            zeroed(self.cross.to_out)
        self.temporal = (
            TemporalAttention(width, heads, time_width)
            if temporal in ("attention", "both")
            else None
        )
        self.temporal_conv = TemporalConv(width) if temporal in ("conv", "both") else None
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.film = Film(cond_width, width)
        self.out = nn.Conv2d(width, width, 1)

    def forward(self, x_FCHW: Tensor, frames: Frames) -> Tensor:
        """Same shape as `x_FCHW`."""
        shape = x_FCHW.shape
        ada = self.to_ada(frames.cond_FE)[:, None, :].chunk(6, dim=-1)
        x = x_FCHW.flatten(2).transpose(1, 2)
        x = x + (1 + ada[2]) * self.attention(torch.addcmul(ada[1], self.norm(x), 1 + ada[0]))
        if self.cross is not None and frames.slots_FSD is not None:
            x = x + self.cross(self.norm(x), frames.slots_FSD)
        if self.temporal is not None:
            x = self.temporal(x, frames)
        h = torch.addcmul(ada[4], self.norm(x), 1 + ada[3])
        h = self.conv(h.transpose(1, 2).reshape(shape))
        h = self.out(F.silu(self.film(h, frames.cond_FE)))
        x = x + (1 + ada[5]) * h.flatten(2).transpose(1, 2)
        x_FCHW = x.transpose(1, 2).reshape(shape)
        return x_FCHW if self.temporal_conv is None else self.temporal_conv(x_FCHW, frames)
