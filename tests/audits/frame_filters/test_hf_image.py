"""Any image classifier of a folder: a tiny one made here, loaded as a real one is."""

import numpy as np
import pytest
import torch

from audits.frame_filters.hf_image import HfImage
from bench.errors import Unavailable, UsageError
from bench.testing import check_frame_filter
from support.classifiers import save_image_classifier
from support.clips import moving

LABELS = ("normal", "nsfw", "gore")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_image_classifier(tmp_path_factory.mktemp("image"), LABELS)


def test_it_conforms(folder):
    check_frame_filter(HfImage(folder=str(folder), harmful="nsfw"), moving(4, 24, 40))


def test_the_score_is_the_summed_probability_of_prepared_frames(folder):
    look = HfImage(folder=str(folder), harmful="nsfw+gore")
    # 32 x 32 already: what is left of the preparation is scaling
    frame = moving(1, 32, 32)
    pixels = torch.from_numpy(frame).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        by_hand = look.model(pixel_values=pixels).logits.softmax(-1)[0, 1:].sum()
    assert look.frame_scores(frame)[0] == pytest.approx(float(by_hand), abs=1e-5)


def test_a_frames_score_does_not_depend_on_its_neighbours(folder):
    look = HfImage(folder=str(folder), harmful="nsfw")
    frames = moving(3, 24, 40)
    alone = [float(look.frame_scores(f[None])[0]) for f in frames]
    assert look.frame_scores(frames).tolist() == alone
    assert len(np.unique(alone)) == 3


def test_labels_and_folders_that_cannot_be_are_refused(folder, tmp_path):
    with pytest.raises(UsageError, match=r"legal: normal\+nsfw\+gore"):
        HfImage(folder=str(folder), harmful="violence")
    with pytest.raises(Unavailable, match="finds no model"):
        HfImage(folder=str(tmp_path), harmful="nsfw")
