"""Samplers: diffusers' DDIM and DPM-Solver++ on our noise levels, and the paper's stochastic one.

Networks speak x-hat and log-SNR; diffusers speaks v and time steps. The border between both is
here and nowhere else.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from generator.diffusion import alpha_sigma, alphas_cumprod, log_snr_cosine, to_v

N_TRAIN = 1000
"""Instants that a diffusers scheduler knows, at least."""

SAMPLERS = ("ddim", "dpm++", "stochastic")
Generators = Sequence[torch.Generator]
"""One for each video, so that a video does not depend on its neighbours in a batch."""


def draw_noise(shape: Sequence[int], generators: Generators) -> Tensor:
    """Standard normal (N, ...), row i from generator i.

    Raises:
        ValueError: when there is not one generator for each row.
    """
    if len(generators) != shape[0]:
        raise ValueError(
            f"one generator for each video; seen: {len(generators)} for {shape[0]} videos"
        )
    return torch.stack([torch.randn(tuple(shape[1:]), generator=g) for g in generators])


class Sampler(Protocol):
    """Knows the noise level of each step and how to take it."""

    log_snrs: list[float]

    def step(self, x_hat: Tensor, index: int, z: Tensor, generators: Generators) -> Tensor:
        """The video one step cleaner, from step `index`'s prediction; after the last, clean."""
        ...


class DiffusersSampler:
    """Wraps a scheduler of diffusers; `name` is "ddim" or "dpm++"."""

    def __init__(self, name: str, n_steps: int, shift: float) -> None:
        from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

        # DDIMScheduler goes back by whole instants: they must divide, or noise is left over
        n_train = n_steps * -(-N_TRAIN // n_steps)
        alphas = np.array(alphas_cumprod(n_train, shift))
        betas = 1 - alphas / np.concatenate([[1.0], alphas[:-1]])
        settings: dict[str, Any] = {
            "num_train_timesteps": n_train,
            "trained_betas": betas,
            "prediction_type": "v_prediction",
            "timestep_spacing": "trailing",
        }
        if name == "ddim":
            self.scheduler = DDIMScheduler(**settings, clip_sample=False, set_alpha_to_one=True)
        else:
            self.scheduler = DPMSolverMultistepScheduler(
                **settings, lambda_min_clipped=-8.0, final_sigmas_type="zero"
            )
        with warnings.catch_warnings():  # diffusers hands NumPy a tensor in the old way
            warnings.simplefilter("ignore", DeprecationWarning)
            self.scheduler.set_timesteps(n_steps)
        self.timesteps = self.scheduler.timesteps
        table = self.scheduler.alphas_cumprod[self.timesteps].double()
        self.log_snrs = torch.logit(table).tolist()

    def step(self, x_hat: Tensor, index: int, z: Tensor, generators: Generators) -> Tensor:
        """One step of the scheduler."""
        v = to_v(x_hat, z, torch.tensor(self.log_snrs[index], dtype=z.dtype))
        out: Tensor = self.scheduler.step(v, self.timesteps[index], z).prev_sample
        return out


class StochasticSampler:
    """Two DDIM steps forward, one step of noise back (arXiv 2210.02303, section 2.7)."""

    def __init__(self, n_steps: int, shift: float) -> None:
        times = torch.linspace(1, 0, n_steps + 1, dtype=torch.float64)
        self._levels = log_snr_cosine(times, shift).tolist()
        self.log_snrs = self._levels[:-1]

    def step(self, x_hat: Tensor, index: int, z: Tensor, generators: Generators) -> Tensor:
        """The last step goes forward only."""
        n_steps = len(self.log_snrs)
        if index == n_steps - 1:
            return x_hat
        now, back, ahead = (
            torch.tensor(self._levels[i], dtype=z.dtype) for i in (index, index + 1, index + 2)
        )
        alpha, sigma = alpha_sigma(now)
        eps = (z - alpha * x_hat) / sigma
        alpha_ahead, sigma_ahead = alpha_sigma(ahead)
        if index + 2 == n_steps:  # two steps ahead is the clean video
            alpha_ahead, sigma_ahead = torch.ones_like(alpha), torch.zeros_like(alpha)
        z = alpha_ahead * x_hat + sigma_ahead * eps
        alpha_back, sigma_back = alpha_sigma(back)
        ratio = alpha_back / alpha_ahead
        added = (sigma_back**2 - (ratio * sigma_ahead) ** 2).clamp(min=0).sqrt()
        return ratio * z + added * draw_noise(z.shape, generators)


def make_sampler(name: str, n_steps: int, shift: float) -> Sampler:
    """The sampler of this name, set to its steps.

    Raises:
        ValueError: for another name, or a number of steps that cannot be.
    """
    if name not in SAMPLERS:
        raise ValueError(f"no such sampler; seen: {name!r}; legal: {', '.join(SAMPLERS)}")
    if not 1 <= n_steps <= N_TRAIN:
        raise ValueError(f"impossible number of steps; seen: {n_steps}; legal: 1 to {N_TRAIN}")
    if name == "stochastic":
        return StochasticSampler(n_steps, shift)
    return DiffusersSampler(name, n_steps, shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Said to a callback after each step; `x_hat_NTCHW` is the present guess, -1..1."""

    stage: str
    step: int
    n_steps: int
    x_hat_NTCHW: Tensor


def run_sampler(
    sampler: Sampler,
    predict: Callable[[Tensor, float, int], Tensor],
    noise: Tensor,
    generators: Generators,
    after_step: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """From noise to video. `predict` gives x-hat from (z, log-SNR, step number)."""
    z = noise
    for index, log_snr in enumerate(sampler.log_snrs):
        x_hat = predict(z, log_snr, index)
        z = sampler.step(x_hat, index, z, generators)
        if after_step is not None:
            after_step(index, x_hat)
    return z
