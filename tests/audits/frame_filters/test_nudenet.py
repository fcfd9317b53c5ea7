"""NudeNet's adapter on a stand-in of the same interface; NudeNet itself is not installed (AGPL)."""

import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from audits._filter_parts import FilterFailed
from audits.frame_filters.nudenet import PARTS, Nudenet, highest
from bench.errors import Unavailable, UsageError
from bench.testing import check_frame_filter
from generator.filters.base import BLOCK, PASS
from support import stand_in_for_nudenet
from support.clips import moving

ROOT = Path(__file__).parents[3]


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setitem(sys.modules, "nudenet", stand_in_for_nudenet)
    stand_in_for_nudenet.SEEN.clear()
    return stand_in_for_nudenet


def flat(rgb):
    return np.full((3, 8, 8, 3), rgb, np.uint8)


def test_it_conforms(stand_in):
    check_frame_filter(Nudenet(), moving(4, 24, 40))


def test_frames_arrive_as_rgb_arrays_and_the_highest_box_counts(stand_in):
    look = Nudenet(frames="all")
    decision = look(flat((204, 0, 0)))
    assert (decision.decision, decision.score) == (BLOCK, pytest.approx(0.8))
    assert look(flat((0, 0, 204))).score == 0.0
    assert stand_in.SEEN == [((8, 8, 3), "uint8")] * 6


def test_a_chest_is_a_chest_whatever_sex_the_network_sees(stand_in, monkeypatch):
    scores = []
    for label in PARTS["torso"]:
        monkeypatch.setattr(stand_in, "LABEL", label)
        scores.append(Nudenet()(flat((204, 0, 0))).score)
    assert scores[0] == scores[1] > 0.5
    assert Nudenet(parts="genitalia+buttocks")(flat((204, 0, 0))).decision == PASS


def test_other_parts_are_another_model(stand_in):
    assert Nudenet().model_id != Nudenet(parts="feet").model_id
    with pytest.raises(UsageError, match=r"no such body part; seen: face; legal: torso\+"):
        Nudenet(parts="face")


@pytest.mark.parametrize("boxes", [None, [{"score": 1}], [{"class": "X", "score": "high"}], [3]])
def test_what_is_no_list_of_boxes_is_an_error(boxes):
    with pytest.raises(FilterFailed, match="the detector gave"):
        highest(boxes, ["X"])


def test_without_it_the_licence_is_named_first(monkeypatch):
    monkeypatch.setitem(sys.modules, "nudenet", None)
    with pytest.raises(
        Unavailable, match=r"next: read its licence \(AGPL-3\.0\), then pip install"
    ):
        Nudenet()


def test_no_extra_installs_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "nudenet" not in str(project).lower()
    assert "nudenet" not in (ROOT / "constraints.txt").read_text().lower()
