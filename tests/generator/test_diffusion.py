"""The noise levels, the algebra between x, eps and v, guidance and thresholding."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diffusion import (
    MAX_LOG_SNR,
    add_noise,
    alpha_sigma,
    alphas_cumprod,
    augment,
    dynamic_threshold,
    edge_loss_per_frame,
    from_v,
    guidance_weights,
    guide,
    log_snr_cosine,
    loss_per_frame,
    stratified_times,
    to_v,
)


def test_cosine_log_snr_is_zero_half_way_and_falls() -> None:
    t = torch.linspace(0, 1, 101)
    log_snr = log_snr_cosine(t)
    assert log_snr[50].item() == pytest.approx(0, abs=1e-5)
    assert bool((log_snr.diff() <= 0).all())
    assert log_snr.abs().max() <= MAX_LOG_SNR
    # alpha is cos(pi t / 2), by the schedule's name
    alpha, _ = alpha_sigma(log_snr_cosine(torch.tensor(0.3)))
    assert alpha.item() == pytest.approx(math.cos(0.15 * math.pi), abs=1e-5)


@settings(deadline=None)
@given(st.floats(-12, 12))
def test_variance_is_preserved(log_snr: float) -> None:
    alpha, sigma = alpha_sigma(torch.tensor(log_snr, dtype=torch.float64))
    assert (alpha**2 + sigma**2).item() == pytest.approx(1)


@settings(deadline=None)  # the first call loads kernels
@given(st.floats(-6, 6))
def test_v_and_x_are_two_ways_to_say_one_thing(log_snr: float) -> None:
    generator = torch.Generator().manual_seed(0)
    x, eps = torch.randn(2, 1, 2, 3, 4, 4, generator=generator, dtype=torch.float64)
    levels = torch.full((1, 2), log_snr, dtype=torch.float64)
    z = add_noise(x, eps, levels)
    v = to_v(x, z, levels[:, :, None, None, None])
    alpha, sigma = alpha_sigma(levels[:, :, None, None, None])
    torch.testing.assert_close(v, alpha * eps - sigma * x)
    torch.testing.assert_close(from_v(v, z, levels[:, :, None, None, None]), x)


def test_loss_counts_each_frame_by_its_noise() -> None:
    x = torch.zeros(1, 2, 3, 4, 4)
    loss = loss_per_frame(x + 1, x, torch.tensor([[0.0, 40.0]]))
    torch.testing.assert_close(loss, torch.tensor([[1 / 0.6, 1 / 0.1]]))


def test_times_fill_every_stratum() -> None:
    t = stratified_times(16, torch.Generator().manual_seed(3))
    assert sorted((t * 16).long().tolist()) == list(range(16))
    assert t.tolist() != sorted(t.tolist())


def test_guidance_extrapolates() -> None:
    c, u = torch.tensor([2.0]), torch.tensor([1.0])
    assert guide(c, u, 0.0).item() == 2
    assert guide(c, u, 3.0).item() == pytest.approx(4 * 2 - 3 * 1)


def test_oscillating_guidance_is_high_first_and_then_alternates() -> None:
    assert guidance_weights(3, 6.0) == [6.0] * 3
    assert guidance_weights(8, 15.0, oscillating=True) == [15.0] * 5 + [1.0, 15.0, 1.0]


def test_threshold_scales_by_each_clips_percentile() -> None:
    x = torch.linspace(-2, 2, 48).view(1, 1, 3, 4, 4)
    out = dynamic_threshold(torch.cat([x, x / 4]), 0.9)
    assert out.abs().max().item() == pytest.approx(1)
    torch.testing.assert_close(out[1], x[0] / 4)  # within the range: left as it is
    inside = (x.abs() < 1.5)[0]
    limit = x.abs().flatten().sort().values[math.ceil(0.9 * 48) - 1]
    torch.testing.assert_close(out[0][inside], (x / limit)[0][inside])
    assert dynamic_threshold(x, 1.0).abs().max() == 1


@pytest.mark.parametrize("percentile", [0.0, 1.1, -1.0])
def test_threshold_refuses_what_is_no_share(percentile: float) -> None:
    with pytest.raises(ValueError, match="a percentile is a share"):
        dynamic_threshold(torch.zeros(1, 1, 3, 2, 2), percentile)


def test_augmentation_noises_as_told_and_can_share_its_noise() -> None:
    low = torch.zeros(2, 3, 3, 32, 32)
    told = torch.tensor([-2.0, 4.0])
    out = augment(low, told, torch.Generator().manual_seed(0), shared=True)
    torch.testing.assert_close(out[:, 0], out[:, 2])
    sigma = torch.sigmoid(-told).sqrt()
    torch.testing.assert_close(out.std(dim=(1, 2, 3, 4)), sigma, rtol=0.05, atol=0)
    own = augment(low, told, torch.Generator().manual_seed(0))
    assert not torch.equal(own[:, 0], own[:, 2])


def test_discrete_schedule_follows_the_shifted_one() -> None:
    table = alphas_cumprod(10, -3.0)
    assert len(table) == 10
    assert list(table) == sorted(table, reverse=True)
    middle = log_snr_cosine(torch.tensor(0.5, dtype=torch.float64), -3.0)
    assert table[4] == pytest.approx(torch.sigmoid(middle).item())


def test_the_loss_of_edges_ignores_brightness_and_counts_each_frame() -> None:
    x = torch.zeros(1, 2, 3, 4, 4)
    step = x.clone()
    step[:, 1, :, :, 2:] = 0.3
    torch.testing.assert_close(edge_loss_per_frame(x + 0.5, x), torch.zeros(1, 2))
    # one of three steps across is off by 0.3, none of those down
    torch.testing.assert_close(edge_loss_per_frame(step, x), torch.tensor([[0.0, 0.05]]))
