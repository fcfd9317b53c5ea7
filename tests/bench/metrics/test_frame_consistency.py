"""Frame consistency: by hand, against loops, its properties, its order under noise, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import TooFewFrames, UsageError
from bench.metrics.frame_consistency import (
    FrameConsistency,
    consecutive_cosines,
    first_frame_similarities,
)
from bench.registry import build
from bench.testing import check_metric, clip_of
from bench.videos.corrupt import corrupt
from support.clips import moving, still
from support.tiny_clip import clip_record, save_tiny_clip

SEEDS = st.integers(0, 2**32 - 1)
THREE = [(1.0, 0.0), (0.6, 0.8), (-0.28, 0.96)]


@pytest.fixture(scope="module")
def metric(tmp_path_factory):
    folder = save_tiny_clip(tmp_path_factory.mktemp("clip") / "tiny")
    return FrameConsistency(model=str(folder))


def scored(embeds_TD):
    return FrameConsistency().score(clip_record("clip", embeds_TD))


def plain(x_TD):
    """Both numbers with loops, VBench's sum written out."""

    def cosine(a, b):
        return sum(p * q for p, q in zip(a, b, strict=True)) / math.sqrt(
            sum(p * p for p in a) * sum(q * q for q in b)
        )

    steps = range(1, len(x_TD))
    consecutive = sum(cosine(x_TD[t - 1], x_TD[t]) for t in steps)
    first = sum(
        (max(0.0, cosine(x_TD[t - 1], x_TD[t])) + max(0.0, cosine(x_TD[0], x_TD[t]))) / 2
        for t in steps
    )
    return consecutive / len(steps), first / len(steps)


def test_three_frames_by_hand():
    """Cosines 0.6 and 0.6 of neighbours, 0.6 and -0.28 with the first: (0.6 + 0.3) / 2."""
    values = scored(THREE)
    assert values["consecutive"].value == pytest.approx(0.6, rel=1e-12)
    assert values["first_frame"].value == pytest.approx(0.45, rel=1e-12)
    assert values["consecutive"].series == pytest.approx([0.6, 0.6])
    assert values["first_frame"].series == pytest.approx([0.6, 0.3])


@given(seed=SEEDS, t=st.integers(2, 8), d=st.integers(2, 10))
@settings(deadline=None, max_examples=40)
def test_it_agrees_with_loops_at_any_length(seed, t, d):
    rng = np.random.default_rng(seed)
    x_TD = rng.normal(size=(t, d)) * rng.uniform(0.1, 50, (t, 1))
    found = consecutive_cosines(x_TD).mean(), first_frame_similarities(x_TD).mean()
    assert found == pytest.approx(plain(x_TD.tolist()), abs=1e-12)
    assert -1 <= found[0] <= 1
    assert 0 <= found[1] <= 1


@given(seed=SEEDS)
@settings(deadline=None, max_examples=20)
def test_only_the_first_frame_knows_the_direction_of_time(seed):
    x_TD = np.random.default_rng(seed).normal(size=(6, 5))
    there, back = consecutive_cosines(x_TD), consecutive_cosines(x_TD[::-1])
    assert there == pytest.approx(back[::-1], abs=1e-12)
    turned = np.linalg.qr(np.random.default_rng(seed + 1).normal(size=(5, 5)))[0]
    assert first_frame_similarities(x_TD @ turned) == pytest.approx(
        first_frame_similarities(x_TD), abs=1e-9
    )


def test_a_drift_lowers_only_the_form_with_the_first_frame():
    angle_T = np.linspace(0, 1.2, 9)
    drift, rocking = (
        scored(np.stack([np.cos(a), np.sin(a)], axis=1)) for a in (angle_T, angle_T % 0.25)
    )
    assert drift["consecutive"].value == pytest.approx(math.cos(0.15))
    assert drift["first_frame"].value < drift["consecutive"].value - 0.1
    assert rocking["first_frame"].value > drift["first_frame"].value


def test_it_falls_as_noise_grows(metric):
    frames = moving(8, 48, 64, 0.5, 0.5)
    values = [metric.score(clip_of(frames, needs=metric.needs))["consecutive"].value]
    for strength in (2, 4, 5):
        noisy = corrupt(frames, "noise", strength, np.random.default_rng(0))
        values.append(metric.score(clip_of(noisy, needs=metric.needs))["consecutive"].value)
    assert values == sorted(values, reverse=True)


def test_witness_a_frozen_and_a_black_clip_are_perfect(metric):
    for frames in (still(5, 40, 50), np.zeros((5, 40, 50, 3), np.uint8)):
        values = metric.score(clip_of(frames, needs=metric.needs))
        assert values["consecutive"].value == pytest.approx(1, abs=1e-6)
        assert values["first_frame"].value == pytest.approx(1, abs=1e-6)


def test_one_frame_is_too_few():
    with pytest.raises(
        TooFewFrames, match=r"frame consistency compares frames and needs two; seen: 1 sampled"
    ):
        scored([(1.0, 0.0)])


def test_options_go_to_the_extractor():
    assert FrameConsistency().needs == ("clip",)
    built = build("metric", "frame_consistency:model=l14,frames=fps:4")
    assert built.needs == ("clip:frames=fps:4,model=l14",)
    with pytest.raises(UsageError, match="prefix"):
        build("metric", "frame_consistency:prefix=A photo")


def test_it_conforms(metric):
    check_metric(metric, clip_of(moving(5), needs=metric.needs))
