"""Samplers on a Gaussian whose best guess is known: what comes out must have its spread."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from generator.diffusion import alpha_sigma
from generator.samplers import SAMPLERS, draw_noise, make_sampler, run_sampler

MEAN, DEVIATION = 0.4, 0.3
N = 4096


def _best_guess(z: Tensor, log_snr: float, index: int) -> Tensor:
    """E[x | z] when x is normal: the exact x-hat."""
    alpha, sigma = alpha_sigma(torch.tensor(log_snr, dtype=z.dtype))
    gain = alpha * DEVIATION**2 / (alpha**2 * DEVIATION**2 + sigma**2)
    return MEAN + gain * (z - alpha * MEAN)


def _run(name: str, n_steps: int, shift: float, seed: int = 0) -> Tensor:
    generators = [torch.Generator().manual_seed(seed)]
    noise = draw_noise((1, 1, 1, 64, 64), generators)
    return run_sampler(make_sampler(name, n_steps, shift), _best_guess, noise, generators)


@pytest.mark.parametrize("shift", [0.0, -1.5])
@pytest.mark.parametrize("name", SAMPLERS)
def test_samples_have_the_gaussians_mean_and_spread(name: str, shift: float) -> None:
    x = _run(name, 128, shift)
    assert x.mean().item() == pytest.approx(MEAN, abs=0.03)
    assert x.std().item() == pytest.approx(DEVIATION, rel=0.1)


@pytest.mark.parametrize("name", ["ddim", "dpm++"])
def test_flow_takes_each_noise_to_its_own_quantile(name: str) -> None:
    noise = draw_noise((1, 1, 1, 64, 64), [torch.Generator().manual_seed(0)])
    error = (_run(name, 128, -1.0) - (MEAN + DEVIATION * noise)).abs().max()
    assert error.item() < 0.06


@pytest.mark.parametrize("name", SAMPLERS)
def test_more_steps_come_nearer(name: str) -> None:
    errors = [abs(_run(name, n, -1.0).std().item() - DEVIATION) for n in (3, 100)]
    assert errors[1] < errors[0]


def test_stochastic_sampler_adds_noise_of_its_own() -> None:
    noise = draw_noise((1, 1, 1, 8, 8), [torch.Generator().manual_seed(0)])
    outs = [
        run_sampler(
            make_sampler("stochastic", 8, 0.0),
            _best_guess,
            noise,
            [torch.Generator().manual_seed(seed)],
        )
        for seed in (1, 1, 2)
    ]
    assert torch.equal(outs[0], outs[1])
    assert not torch.equal(outs[0], outs[2])


def test_one_step_gives_the_guess_itself() -> None:
    for name in SAMPLERS:
        torch.testing.assert_close(
            _run(name, 1, 0.0), torch.full((1, 1, 1, 64, 64), MEAN), atol=0.01, rtol=0
        )


def test_callback_sees_every_step() -> None:
    seen: list[int] = []
    generators = [torch.Generator().manual_seed(0)]
    run_sampler(
        make_sampler("ddim", 4, 0.0),
        _best_guess,
        draw_noise((1, 2), generators),
        generators,
        lambda index, x_hat: seen.append(index),
    )
    assert seen == [0, 1, 2, 3]


def test_wrong_names_steps_and_generators_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no such sampler; seen: 'euler'; legal: ddim"):
        make_sampler("euler", 4, 0.0)
    with pytest.raises(ValueError, match="impossible number of steps; seen: 0"):
        make_sampler("ddim", 0, 0.0)
    with pytest.raises(ValueError, match="one generator for each video; seen: 1 for 2"):
        draw_noise((2, 3), [torch.Generator()])
