"""Continuous-time diffusion: noise levels, the loss, guidance, thresholding, noise on conditions.

Time t runs 0..1 from clean to noise. Variance is preserved: z = alpha x + sigma eps with
alpha^2 = sigmoid(l), sigma^2 = sigmoid(-l) and l the log-SNR. Networks predict the clean video
x-hat; v = alpha eps - sigma x is made from it where a scheduler wants v
(arXiv 2202.00512, appendix D).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

MAX_LOG_SNR = 15.0
WEIGHT_FLOOR = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseConfig:
    """Noise levels of a stage.

    `shift` moves the cosine schedule's log-SNR: the more frames and pixels repeat each other, the
    lower it must go. `low_log_snr` is the range from which training draws the noise on the
    low-resolution video, `low_log_snr_sampling` what sampling uses. That noise is added before
    enlarging, since an earlier stage's faults lie in its own pixels.
    """

    shift: float = -1.0
    low_log_snr: tuple[float, float] = (0.0, 8.0)
    low_log_snr_sampling: float = 5.0


def log_snr_cosine(t: Tensor, shift: float = 0.0) -> Tensor:
    """Log-SNR of the cosine schedule at t in 0..1, moved by `shift`, within +-`MAX_LOG_SNR`."""
    edge = 1e-4
    angle = math.pi / 2 * t.clamp(edge, 1 - edge)
    return (-2 * torch.log(torch.tan(angle)) + shift).clamp(-MAX_LOG_SNR, MAX_LOG_SNR)


def alpha_sigma(log_snr: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of signal and noise at a log-SNR."""
    return torch.sigmoid(log_snr).sqrt(), torch.sigmoid(-log_snr).sqrt()


def over_video(per_frame_NT: Tensor) -> Tensor:
    """(N, T) to (N, T, 1, 1, 1)."""
    return per_frame_NT[:, :, None, None, None]


def add_noise(x_NTCHW: Tensor, noise_NTCHW: Tensor, log_snr_NT: Tensor) -> Tensor:
    """Noisy video z at a log-SNR for each frame."""
    alpha, sigma = alpha_sigma(over_video(log_snr_NT))
    return alpha * x_NTCHW + sigma * noise_NTCHW


def to_v(x_hat: Tensor, z: Tensor, log_snr: Tensor) -> Tensor:
    """V from the clean prediction: v = (alpha z - x) / sigma. `log_snr` broadcasts."""
    alpha, sigma = alpha_sigma(log_snr)
    return (alpha * z - x_hat) / sigma


def from_v(v: Tensor, z: Tensor, log_snr: Tensor) -> Tensor:
    """Clean prediction from v: x = alpha z - sigma v."""
    alpha, sigma = alpha_sigma(log_snr)
    return alpha * z - sigma * v


def loss_per_frame(x_hat_NTCHW: Tensor, x_NTCHW: Tensor, log_snr_NT: Tensor) -> Tensor:
    """(N, T): squared error of x-hat over sigma^2 + 0.1, so that late steps count more."""
    error = (x_hat_NTCHW - x_NTCHW).square().mean(dim=(2, 3, 4))
    return error / (torch.sigmoid(-log_snr_NT) + WEIGHT_FLOOR)


def edge_loss_per_frame(x_hat_NTCHW: Tensor, x_NTCHW: Tensor) -> Tensor:
    """(N, T): mean absolute error of the steps between neighbours, across and down.

    Squared error alone leaves small traces on plain grounds, which cost it nothing and are grain;
    it also prefers soft edges to sharp ones that may be a little off.
    """
    total = torch.zeros(x_NTCHW.shape[:2], dtype=x_NTCHW.dtype)
    for axis in (-2, -1):
        wrong = torch.diff(x_hat_NTCHW, dim=axis) - torch.diff(x_NTCHW, dim=axis)
        total = total + wrong.abs().mean(dim=(2, 3, 4))
    return total / 2


def stratified_times(n: int, generator: torch.Generator) -> Tensor:
    """(n,) times 0..1, one in each of n equal strata, in random order."""
    places = (torch.arange(n) + torch.rand(n, generator=generator)) / n
    return places[torch.randperm(n, generator=generator)]


def guide(cond: Tensor, uncond: Tensor, weight: float) -> Tensor:
    """(1 + w) c - w u: classifier-free guidance (arXiv 2207.12598, eq. 6)."""
    return torch.lerp(uncond, cond, 1 + weight)


def guidance_weights(
    n_steps: int, weight: float, *, oscillating: bool = False, low: float = 1.0, constant: int = 5
) -> list[float]:
    """The guidance weight of each step.

    Oscillating: `weight` for the first `constant` steps, then `low` and `weight` in turn
    (arXiv 2210.02303, section 2.7).
    """
    if not oscillating:
        return [weight] * n_steps
    return [weight if i < constant or (i - constant) % 2 == 1 else low for i in range(n_steps)]


def dynamic_threshold(x_NTCHW: Tensor, percentile: float) -> Tensor:
    """Clip each clip at its `percentile` (0..1) of |x|, at least 1, and scale back into -1..1.

    Imagen's dynamic thresholding (arXiv 2205.11487, section 2.3). A percentile of 1 clips at 1.
    """
    if not 0 < percentile <= 1:
        raise ValueError(f"a percentile is a share; seen: {percentile}; legal: above 0, up to 1")
    if percentile == 1:
        return x_NTCHW.clamp(-1, 1)
    flat = x_NTCHW.flatten(1).abs()
    rank = max(1, math.ceil(percentile * flat.shape[1]))
    limit = flat.kthvalue(rank, dim=1).values.clamp(min=1).view(-1, 1, 1, 1, 1)
    return torch.maximum(torch.minimum(x_NTCHW, limit), -limit) / limit


def augment(
    low_NTCHW: Tensor, log_snr_N: Tensor, generator: torch.Generator, *, shared: bool = False
) -> Tensor:
    """Noise a low-resolution video at one log-SNR per clip; `shared` noise is equal in all frames.

    The network is told the level (arXiv 2106.15282, "Gaussian conditioning augmentation").
    """
    n, t = low_NTCHW.shape[:2]
    noise = torch.randn(
        (n, 1 if shared else t, *low_NTCHW.shape[2:]), generator=generator, dtype=low_NTCHW.dtype
    )
    levels = log_snr_N[:, None].expand(n, t)
    return add_noise(low_NTCHW, noise.expand_as(low_NTCHW), levels)


def alphas_cumprod(n_train: int, shift: float) -> Sequence[float]:
    """alpha^2 at the n_train instants that a discrete scheduler knows, from clean to noise."""
    t = (torch.arange(n_train, dtype=torch.float64) + 1) / n_train
    return [float(a) for a in torch.sigmoid(log_snr_cosine(t, shift))]
