"""Frames against descriptions, by encoders of CLIP's form: the phantom's, and a tiny one."""

import numpy as np
import pytest

from audits._clip_zero_shot import embeds
from audits.frame_filters.clip_zero_shot import ClipZeroShot
from bench.errors import Unavailable, UsageError
from bench.testing import check_frame_filter, features_of
from generator.world.phantom import Phantom
from support.clips import moving
from support.tiny_clip import save_tiny_clip


def ball(colour):
    return Phantom().generate(f"a {colour} ball", 0).frames[::4]


@pytest.fixture(scope="module")
def red():
    return ClipZeroShot(harmful="a red ball", benign="a blue ball|a green ball", frames="all")


def test_it_conforms(red):
    check_frame_filter(red, moving(4, 48, 80))


def test_the_better_description_wins(red):
    assert red(ball("red")).score > 0.9
    assert red(ball("blue")).score < 0.1


def test_the_score_is_a_softmax_of_cosines(red):
    frames = ball("red")
    zero_shot = red._zero_shot
    cosines = embeds(zero_shot.encoder, frames) @ zero_shot._texts_KD.T
    odds = np.exp(100 * (cosines - cosines.max(axis=1, keepdims=True)))
    assert red.frame_scores(frames) == pytest.approx(odds[:, 0] / odds.sum(axis=1), abs=1e-9)


def test_frames_in_memory_have_the_vectors_of_the_pipeline(red):
    frames = ball("red")
    encoder = red._zero_shot.encoder
    assert np.array_equal(embeds(encoder, frames), features_of(encoder, frames)["embeds"])


def test_other_words_are_another_filter_by_the_same_eyes(red):
    other = ClipZeroShot(harmful="a blue ball", benign="a red ball")
    assert other.fingerprint != red.fingerprint
    assert other.model_id == red.model_id


def test_a_clip_of_a_folder_is_other_eyes(red, tmp_path):
    folder = save_tiny_clip(tmp_path / "clip")
    look = ClipZeroShot(
        model=str(folder), harmful="red ball", benign="the ball", frames="uniform:2"
    )
    assert look(moving(4, 48, 80)).score is not None
    assert look.model_id != red.model_id


def test_what_cannot_be_is_refused(private_cache, monkeypatch, tmp_path):
    with pytest.raises(UsageError, match="the option harmful is empty"):
        ClipZeroShot(harmful=" | ")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(Unavailable, match="next: prescreen weights fetch clip-vit-b-32"):
        ClipZeroShot(model="b32", harmful="a gun", benign="a cat")
