"""The network's parts against TensorFlow's rules by hand, and its refusal of short clips."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from bench.errors import TooFewFrames
from bench.features import _i3d_weights
from bench.features._i3d_net import MIN_FRAMES, I3dNet, max_pool, same_padding
from support.i3d import need_i3d


@given(n=st.integers(1, 300), size=st.integers(1, 7), stride=st.integers(1, 3))
def test_padding_is_what_gives_tensorflows_output_length(n, size, stride):
    before, after = same_padding(n, size=size, stride=stride)
    assert 0 <= after - before <= 1
    wanted = -(-n // stride)
    if before + after:
        assert (wanted - 1) * stride + size == n + before + after
    else:
        assert (wanted - 1) * stride + size <= n


def test_padding_of_the_first_layer_is_uneven():
    assert same_padding(224, size=7, stride=2) == (2, 3)
    assert same_padding(16, size=7, stride=2) == (2, 3)


@given(
    frames=st.integers(1, 9),
    side=st.sampled_from([4, 7, 14, 28]),
    kind=st.sampled_from([((1, 3), (1, 2)), ((3, 3), (2, 2)), ((2, 2), (2, 2)), ((3, 3), (1, 1))]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_max_pool_is_that_of_three_dimensions(frames, side, kind, seed):
    (depth, width), (pace, stride) = kind
    if side % stride:
        side += 1
    x = torch.randn(2, 3, frames, side, side, generator=torch.Generator().manual_seed(seed)) - 5
    pads = [
        *same_padding(side, size=width, stride=stride) * 2,
        *same_padding(frames, size=depth, stride=pace),
    ]
    padded = functional.pad(x, pads, value=-torch.inf)
    expected = functional.max_pool3d(padded, (depth, width, width), (pace, stride, stride))
    assert torch.equal(max_pool(x, size=kind[0], stride=kind[1]), expected)


def test_eight_frames_are_refused_where_others_give_nan():
    clip = torch.zeros(1, 3, 8, 224, 224)
    with pytest.raises(TooFewFrames, match="I3D needs more frames; seen: 8; legal: 9 or more"):
        I3dNet({})(clip)


def test_nine_frames_are_enough_and_no_gradient_or_input_is_touched():
    need_i3d()
    clip = torch.rand(1, 3, MIN_FRAMES, 224, 224, generator=torch.Generator().manual_seed(0))
    before = clip.clone()
    logits_NK, pool_NC = I3dNet(_i3d_weights.load())(clip)
    assert torch.equal(clip, before)
    assert (logits_NK.shape, pool_NC.shape) == ((1, 400), (1, 1024))
    assert logits_NK.isfinite().all()
    assert np.abs(logits_NK.numpy()).max() < 100
