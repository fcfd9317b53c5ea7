"""What the shipped dual encoder can do, and how that is counted."""

import numpy as np
import pytest
import torch

from generator.dual_encoder.measure import (
    DAMAGES,
    Encoder,
    blurred,
    damage,
    draw_clips,
    main,
    noisy,
    orders,
    recall,
    retrieval,
    scores,
)
from generator.dual_encoder.pairs import visible
from generator.dual_encoder.train import FOLDER
from generator.world.grammar import is_held_out
from generator.world.render import BASE_TIMES_S


@pytest.fixture(scope="module")
def encoder():
    return Encoder(FOLDER)


def test_recall_by_hand():
    similarity = torch.tensor([[0.9, 0.1, 0.0], [0.8, 0.2, 0.3], [0.1, 0.0, 0.5]])
    found = recall(similarity)
    assert found["image_to_text"] == pytest.approx(2 / 3)
    assert found["text_to_image"] == pytest.approx(1)


def test_captions_differ_in_what_is_shown_and_half_are_held_out():
    clips = draw_clips(20, 0, times_s=BASE_TIMES_S[:1])
    assert len({visible(truth) for truth in clips.truths}) == 20
    assert [is_held_out(truth) for truth in clips.truths] == [False, True] * 10
    assert clips.frames_NTHWC.shape == (20, 1, 24, 40, 3)


def test_the_shipped_encoder_finds_unseen_captions(encoder):
    found = retrieval(encoder, 1, (False, True), BASE_TIMES_S[10:11])
    assert min(found[:2]) >= 90
    assert np.isnan(found[2:]).all(), "one set has no error"


def test_the_right_caption_scores_above_the_wrong_by_attribute(encoder):
    found = orders(encoder, 60)
    for name in ("colour", "shape", "background", "count", "style"):
        n, percent, gap = found[name]
        assert n >= 10
        assert percent >= 85, name
        assert gap > 0


def test_damage_lowers_the_score(encoder):
    for row in damage(encoder, 24).values():
        assert row[0] > row[-1] + 0.1
        assert row[2:] == sorted(row[2:], reverse=True)


def test_right_captions_score_above_shuffled_ones_at_a_larger_size(encoder):
    found = scores(encoder, 24, (96, 160))
    assert found["right_wins_percent"] >= 90
    assert found["right"] > found["shuffled"] + 0.2


def test_damages_of_grade_nought_change_nothing():
    frames = draw_clips(2, 0, times_s=BASE_TIMES_S[:2]).frames_NTHWC
    for spoil in (noisy, blurred):
        assert np.array_equal(spoil(frames, 0), frames)
    assert set(DAMAGES) == {"noise", "blur"}


def test_the_command_prints_every_figure(capsys, monkeypatch):
    monkeypatch.setattr("generator.dual_encoder.measure.N_CAPTIONS", 8)
    main(["--sets", "1", "-n", "16"])
    printed = capsys.readouterr().out
    for what in ("R@1 one frame", "right above wrong, colour", "score under blur", "score at"):
        assert what in printed
