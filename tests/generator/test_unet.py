"""The video U-Net: sizes, separability of space and time, conditioning."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from generator.layers import HybridBlock, ResBlock, TemporalConv
from generator.presets.imagen_video import PRESET
from generator.unet import Condition, UNetConfig, VideoUNet, busy, n_parameters, waves

TINY = UNetConfig(
    channels=(16, 16),
    n_middle=2,
    heads=2,
    temporal_blocks=(0, 1),
    cross_blocks=(0,),
    cond_width=16,
    hidden_width=16,
    text_width=8,
    slot_width=4,
    positions=None,
)
CONV = replace(
    TINY, temporal="conv", middle="conv", cross_blocks=(), cond_channels=3, residual=True
)


def network(config: UNetConfig) -> VideoUNet:
    """A network whose every layer matters: nothing is left at zero."""
    torch.manual_seed(0)
    made = VideoUNet(config)
    for parameter in made.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape)
    return made.eval()


def inputs(config: UNetConfig, n: int, t: int, *, packed: list[bool] | None = None):
    generator = torch.Generator().manual_seed(1)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    low = config.cond_channels
    condition = Condition(
        text_NTP=noise(n, t, 8),
        slots_NTSD=noise(n, t, 5, 4) if config.cross_blocks else None,
        time_NT=torch.rand(n, t, generator=generator),
        packed_N=None if packed is None else torch.tensor(packed),
        low_NTCHW=noise(n, t, low, 8, 12) if low else None,
        low_log_snr_NT=noise(n, t) if low else None,
    )
    return noise(n, t, 3, 8, 12), noise(n, t), condition


def frame(condition: Condition, i: int, j: int) -> Condition:
    """The condition of one frame as a clip of its own."""
    parts = {
        name: None if value is None else value[i : i + 1, j : j + 1]
        for name in ("text_NTP", "slots_NTSD", "time_NT", "low_NTCHW", "low_log_snr_NT")
        for value in [getattr(condition, name)]
    }
    return Condition(**parts)


@pytest.mark.parametrize("config", [TINY, CONV])
def test_frames_of_a_pack_are_independent_and_those_of_a_video_are_not(config) -> None:
    net = network(config)
    z, levels, condition = inputs(config, 2, 3, packed=[True, False])
    with torch.no_grad():
        out = net(z, levels, condition)
        for i, j in ((0, 0), (0, 2), (1, 1)):
            alone = net(
                z[i : i + 1, j : j + 1], levels[i : i + 1, j : j + 1], frame(condition, i, j)
            )
            same = torch.allclose(out[i, j], alone[0, 0], atol=2e-4, rtol=1e-4)
            assert same == (i == 0), f"clip {i}, frame {j}"


def test_unmasked_clips_do_not_see_each_other() -> None:
    net = network(TINY)
    z, levels, condition = inputs(TINY, 2, 3)
    with torch.no_grad():
        before = net(z, levels, condition)
        z[1] += 1
        after = net(z, levels, condition)
    torch.testing.assert_close(before[0], after[0], atol=1e-4, rtol=1e-4)
    assert (before[1] - after[1]).abs().max() > 0.01


@pytest.mark.parametrize("config", [TINY, CONV])
def test_everything_that_is_told_changes_the_guess(config) -> None:
    net = network(config)
    z, levels, condition = inputs(config, 1, 2)
    told = ["text_NTP", "time_NT"]
    told += ["low_NTCHW", "low_log_snr_NT"] if config.cond_channels else ["slots_NTSD"]
    with torch.no_grad():
        guess = net(z, levels, condition)
        assert (net(z, levels + 1, condition) - guess).abs().max() > 1e-3
        for name in told:
            other = replace(condition, **{name: getattr(condition, name) + 0.5})
            assert (net(z, levels, other) - guess).abs().max() > 1e-3, name


def test_a_new_network_guesses_nothing_at_high_noise_and_the_input_at_none() -> None:
    net = VideoUNet(TINY)
    z, _, condition = inputs(TINY, 1, 2)
    assert net(z, torch.full((1, 2), -12.0), condition).abs().max() < 1e-2
    torch.testing.assert_close(net(z, torch.full((1, 2), 15.0), condition), z, atol=2e-3, rtol=2e-3)


def test_a_new_residual_network_guesses_the_low_resolution_video() -> None:
    net = VideoUNet(CONV)
    z, _, condition = inputs(CONV, 1, 2)
    condition = replace(condition, low_log_snr_NT=torch.full((1, 2), 30.0))
    out = net(z, torch.full((1, 2), -30.0), condition)
    torch.testing.assert_close(out, condition.low_NTCHW, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(
    "layer",
    [TemporalConv(8), ResBlock(8, 4, temporal=True)],
    ids=["temporal conv", "res block"],
)
def test_residual_layers_start_as_the_identity(layer) -> None:
    from generator.layers import Frames

    x = torch.randn(6, 8, 4, 4)
    frames = Frames(n=2, t=3, cond_FE=torch.randn(6, 4), time_FE=torch.randn(6, 17))
    torch.testing.assert_close(layer(x, frames), x)


def test_a_pixel_normed_network_makes_of_a_crop_what_it_makes_of_the_whole() -> None:
    net = network(
        replace(CONV, channels=(16,), blocks=(1,), blocks_up=(0,), n_middle=0, norm="pixel")
    )
    z, levels, condition = inputs(net.config, 1, 2)
    z, low = (v.repeat(1, 1, 1, 4, 4) for v in (z, condition.low_NTCHW))
    crop = (..., slice(8, 32), slice(8, 40))
    with torch.no_grad():
        whole = net(z, levels, replace(condition, low_NTCHW=low))[crop]
        part = net(z[crop], levels, replace(condition, low_NTCHW=low[crop]))
    inside = (..., slice(8, 16), slice(8, 24))
    torch.testing.assert_close(part[inside], whole[inside], atol=1e-4, rtol=1e-4)


def test_a_network_that_sees_its_guess_is_not_troubled_by_noise_that_tells_nothing() -> None:
    net = network(replace(CONV, sees_guess=True))
    z, levels, condition = inputs(net.config, 1, 2)
    much = torch.full_like(levels, -14.0)
    with torch.no_grad():
        one, other = (net(noise, much, condition) for noise in (z, z.flip(-1)))
    torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_the_gate_opens_at_edges_and_where_two_frames_differ() -> None:
    flat = torch.zeros(1, 3, 32, 32)
    assert busy(flat, 4).max() == 0
    edge = flat.clone()
    edge[..., 16:] = 0.5
    gate = busy(edge, 4)[0, 0]
    assert gate[:, 14:18].min() > 0.9
    assert gate[:, :4].max() == 0
    assert busy(torch.cat([flat, flat + 0.5], dim=1), 4).min() > 0.9


def test_a_gated_network_adds_nothing_to_a_plain_ground() -> None:
    net = network(replace(CONV, gated=True))
    z, levels, condition = inputs(net.config, 1, 2)
    plain = torch.full_like(condition.low_NTCHW, 0.3)
    told = replace(condition, low_NTCHW=plain, low_log_snr_NT=torch.full_like(levels, 30.0))
    with torch.no_grad():
        out = net(z, torch.full_like(levels, -30.0), told)
    torch.testing.assert_close(out, plain, atol=1e-5, rtol=1e-5)


def test_impossible_sizes_are_refused_with_the_legal_ones() -> None:
    net = VideoUNet(TINY)
    _, levels, condition = inputs(TINY, 1, 2)
    with pytest.raises(ValueError, match=r"seen: 6 x 10; legal: multiples of 4"):
        net(torch.zeros(1, 2, 3, 6, 10), levels, condition)
    fixed = VideoUNet(replace(TINY, positions=(6, 10)))
    with pytest.raises(ValueError, match=r"seen: 8 x 12; legal: 24 x 40"):
        fixed(torch.zeros(1, 2, 3, 8, 12), levels, condition)
    with pytest.raises(ValueError, match=r"needs 3 channels of conditioning video; seen: 0"):
        VideoUNet(CONV)(torch.zeros(1, 2, 3, 8, 12), levels, condition)


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="heads must divide the width; seen: 3 heads, width 16"):
        HybridBlock(16, 8, heads=3, slot_width=None, temporal="none", time_width=17)


def test_waves_are_bounded_and_tell_values_apart() -> None:
    told = waves(torch.linspace(-10, 10, 50), 16, 0.05, 3.0)
    assert told.shape == (50, 16)
    assert told.abs().max() <= 1
    assert torch.cdist(told, told).fill_diagonal_(1).min() > 0.05


def test_presets_networks_have_the_size_that_ships() -> None:
    assert n_parameters(VideoUNet(PRESET.stage("base").network)) < 2.6e6
