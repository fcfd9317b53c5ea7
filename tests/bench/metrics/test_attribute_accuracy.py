"""Attribute accuracy: by hand, against the readers, its order under planted errors, its limits."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metrics.attribute_accuracy import ATTRIBUTES, AttributeAccuracy, judge
from bench.testing import check_metric, clip_of
from bench.types import Clip, Prompt
from generator.world import attributes as world
from generator.world.parse import parse
from generator.world.phantom import Dials, generate

TEXT = "a red ball moving to the left on a white background"


def clip(readings, stated, tags=()):
    record = {name: [readings.get(name), 0.9, ""] for name in ATTRIBUTES}
    return Clip(
        name="v",
        n_frames=16,
        fps=3,
        height_px=24,
        width_px=40,
        features={
            "world_readings": {
                "readings": np.frombuffer(json.dumps(record).encode(), dtype=np.uint8)
            }
        },
        prompt=Prompt(id="p", text="t", tags=tags, attributes={"world": "phantom", **stated}),
    )


def scored(readings, stated, tags=()):
    values = AttributeAccuracy().score(clip(readings, stated, tags))
    return {name: value.value for name, value in values.items() if not math.isnan(value.value)}


def test_the_golden_value_by_hand():
    stated = {"colour": "red", "shape": "ball", "motion": "left"}
    assert scored({"colour": "red", "shape": "disc"}, stated) == {
        "overall": pytest.approx(1 / 3),
        "overall_seen": pytest.approx(1 / 3),
        "colour": 1,
        "colour_abstained": 0,
        "shape": 0,
        "shape_abstained": 0,
        "motion": 0,
        "motion_abstained": 1,
    }


def test_held_out_prompts_stand_in_columns_of_their_own():
    values = scored({"count": 2}, {"count": 2}, tags=("held-out",))
    assert values["count_held_out"] == values["overall_held_out"] == 1
    assert "overall_seen" not in values


def test_the_attributes_are_those_of_the_world():
    assert ATTRIBUTES == world.ATTRIBUTES
    names = [column.name for column in AttributeAccuracy.columns]
    assert len(names) == len(set(names)) == 3 + 3 * len(ATTRIBUTES)


def test_a_drawn_video_is_right_in_everything():
    shown = generate(TEXT, 4)
    prompt = Prompt(
        id="a",
        text=TEXT,
        attributes={"world": "phantom", **world.attributes(parse(TEXT))},
    )
    metric = AttributeAccuracy()
    made = clip_of(shown.frames, needs=metric.needs, fps=shown.fps, prompt=prompt)
    check_metric(metric, made)
    values = metric.score(made)
    assert values["overall"].value == 1
    assert values["canary"].value == 1


def test_planted_errors_lower_it_by_their_share():
    prompt = Prompt(
        id="a", text=TEXT, attributes={"world": "phantom", **world.attributes(parse(TEXT))}
    )
    metric = AttributeAccuracy()
    means = []
    for error in (0.0, 0.5, 1.0):
        right = []
        for seed in range(8):
            shown = generate(TEXT, seed, Dials(errors={"colour": error}))
            made = clip_of(shown.frames, needs=metric.needs, fps=shown.fps, prompt=prompt)
            right.append(metric.score(made)["colour"].value)
        means.append(sum(right) / len(right))
    assert means[0] == 1
    assert means[2] == 0
    assert 0 < means[1] < 1


@given(
    stated=st.dictionaries(st.sampled_from(ATTRIBUTES), st.integers(0, 2), min_size=1),
    read=st.dictionaries(st.sampled_from(ATTRIBUTES), st.integers(0, 2) | st.none()),
)
def test_only_stated_attributes_are_judged_and_the_share_is_theirs(stated, read):
    readings = {name: (read.get(name), 0.5, "") for name in ATTRIBUTES}
    judged = judge(stated, readings)
    assert set(judged) == set(stated)
    assert all((judged[n] is None) == (read.get(n) is None) for n in stated)
    share = sum(judged[n] is True for n in stated) / len(stated)
    assert scored(read, stated)["overall"] == pytest.approx(share)


@pytest.mark.parametrize(
    "attributes", [{}, {"colour": "red"}, {"world": "earth", "colour": "red"}, {"world": "phantom"}]
)
def test_other_prompts_are_not_judged(attributes):
    prompt = Prompt(id="p", text="t", attributes=attributes)
    assert not AttributeAccuracy().applies_to(prompt)
    made = clip({}, {})
    made = Clip(**{**{f: getattr(made, f) for f in made.__slots__}, "prompt": prompt})
    values = AttributeAccuracy().score(made)
    assert all(math.isnan(v.value) and "states no attribute" in v.reason for v in values.values())
