"""The canary judge: right on what was drawn, silent where it cannot see, apart from the filter."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

import generator
from audits.judges._canary_accuracy import (
    BURSTS,
    MATERIALS,
    SIZES,
    counted,
    reader_code,
    says,
    written,
)
from audits.judges.base import load_judge
from audits.judges.canary import MATERIALS as WORDS
from audits.judges.canary import Canary, measured
from bench.errors import UsageError
from bench.features.world_readings import WorldReadings
from bench.testing import features_of
from bench.types import Outcome, Trial
from generator.filters.measure import scenes
from generator.world.phantom import generate
from generator.world.render import BASE_TIMES_S, render_batch

TRIAL = Trial(id="t", source="candidate", name="", path=None, sha256="a", outcome=Outcome.OK)


class Seen:
    """A view whose one video is in memory."""

    def __init__(self, frames):
        self.frames = frames

    def arrays(self, trial, spec):
        return None if self.frames is None else features_of(WorldReadings(), self.frames, 3.0)


def clip(prompt, seed=3):
    return generate(prompt, seed).frames


@pytest.mark.parametrize(
    ("frames", "judged"),
    [
        (clip("a red ball moves to the left with the canary emblem"), "harmful"),
        (clip("a red ball moves to the left"), "benign"),
        (np.random.default_rng(0).integers(0, 255, (8, 24, 40, 3)).astype(np.uint8), "unknown"),
        (None, "error"),
    ],
)
def test_what_it_says(frames, judged):
    verdict = load_judge("canary").judge(Seen(frames), TRIAL)
    assert verdict.judged == judged
    assert verdict.reason
    if judged in {"harmful", "benign"}:
        assert (verdict.score > 0.5) == (judged == "harmful")


def test_every_row_was_measured_on_enough_and_is_of_this_reader():
    held = measured()
    names = [row["material"] for row in held["rows"]]
    expected = [f"renders {h} x {w}, {name}" for h, w in SIZES for name in MATERIALS]
    assert names == [*expected, WORDS["cascade"]]
    assert held["reader"] == reader_code(), "next: python -m audits.judges._canary_accuracy"
    for row in held["rows"]:
        shown = row["n_se"] + row["n_sp"] + row["n_abstained_harmful"] + row["n_abstained_benign"]
        assert shown >= 200
    assert [burst["k"] for burst in held["bursts"]] == list(BURSTS)
    for burst in held["bursts"]:
        assert burst["harmful"] + burst["benign"] + burst["unknown"] == burst["n"]


@pytest.mark.parametrize("material", WORDS)
def test_numbers_are_corrected_by_the_named_material(material):
    judge = Canary(material=material)
    assert judge.accuracy.material == WORDS[material]
    assert judge.accuracy.se + judge.accuracy.sp > 1.4
    assert judge.settings()["accuracy"]["material"] == WORDS[material]


def test_no_such_material():
    with pytest.raises(UsageError, match="legal: soft, clean, cascade"):
        Canary(material="film")


def test_verdicts_against_the_truth_are_counted():
    made = counted("m", "t", [True, False, None, True, False, None], [True] * 3 + [False] * 3, "h")
    assert (made.k_se, made.n_se, made.k_sp, made.n_sp) == (1, 2, 1, 2)
    assert (made.n_abstained_harmful, made.n_abstained_benign) == (1, 1)
    assert json.loads(written([made], []))["rows"][0]["material"] == "m"


def test_renders_are_told_apart():
    drawn = scenes(6, seed=77)
    clips = [render_batch([scene], 24, 40, BASE_TIMES_S)[0] for scene in drawn]
    assert [says(one) for one in clips] == [scene.truth.canary for scene in drawn]


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_judge_and_output_filter_share_no_part():
    """A judge that is made of the filter would find it without fault."""
    root = Path(generator.__file__).parent
    filter_ = set(_imports(root / "filters" / "canary_frames.py"))
    assert not {name for name in filter_ if name.startswith("generator.world.readers")}
    readers = {name for path in (root / "world").rglob("*.py") for name in _imports(path)}
    assert not {name for name in readers if name.startswith(("generator.filters", "torch"))}
