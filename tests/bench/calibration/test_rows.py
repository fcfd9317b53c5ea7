"""Which metric is put on which ladder, and what a row says where nothing was measured."""

import numpy as np
import pytest

from bench import registry
from bench.calibration.clips import load_clips
from bench.calibration.ladders import Reader
from bench.calibration.rows import Bench, expects_of
from bench.certificates import Verdict
from bench.errors import UsageError
from bench.features.cache import FeatureCache
from support.planted_metrics import Prompted, SeesBlur, SetBlur


def bench(metric, n=2, **settings):
    extractors = {need: registry.build("feature", need) for need in metric.needs}
    return Bench(
        clips=load_clips("phantom", n, 0, print),
        reader=Reader(extractors=extractors, cache=FeatureCache()),
        metrics={"metric": metric},
        seed=0,
        **settings,
    )


def rows_of(metric, ladder="gaussian_blur", n=2):
    return bench(metric, n).rows(ladder, 1, lambda total, name: None)["metric"]


@pytest.mark.parametrize(
    ("metric", "ladder", "every", "on"),
    [
        (SeesBlur(), "noise", False, True),
        (SeesBlur(), "wrong_caption", True, False),
        (Prompted(), "wrong_caption", False, True),
        (SetBlur(), "gaussian_blur", False, True),
        (SetBlur(), "noise", False, False),
        (SetBlur(), "noise", True, True),
    ],
)
def test_a_set_metric_is_put_on_what_it_declares_or_what_was_named(
    small, metric, ladder, every, on
):
    assert bench(metric, every_ladder=every).is_on(metric, ladder) is on


def test_a_metric_that_declares_nothing_is_measured_on_its_main_columns(monkeypatch):
    monkeypatch.setattr(SeesBlur, "expects", ())
    (expects,) = expects_of(SeesBlur())
    assert (expects.column, expects.rises, expects.falls) == ("value", (), ())


def test_a_set_metric_that_needs_more_clips_says_how_many(small, monkeypatch):
    monkeypatch.setattr(SetBlur, "min_videos", 800)
    (row,) = rows_of(SetBlur())
    assert (row.verdict, row.meets, row.n_clips) == (Verdict.NOT_ENOUGH, False, 0)
    assert row.reason == "it needs 800 clips on each side; 2 are there"


def test_a_set_metric_that_refuses_one_clip_fewer_says_why(small, monkeypatch):
    def refuse(self, x_ND, y_MD):
        raise UsageError("too few videos", seen=len(x_ND))

    monkeypatch.setattr(SetBlur, "value", refuse)
    (row,) = rows_of(SetBlur())
    assert row.verdict is Verdict.NOT_ENOUGH
    assert "too few videos; seen: 2" in row.reason


def test_effects_are_against_the_undamaged_clips(small):
    (row,) = rows_of(SeesBlur(), n=3)
    assert [effect.level for effect in row.effects] == [0, 0.5, 1, 2, 4, 8]
    means = np.array([effect.mean for effect in row.effects])
    changes = [effect.change for effect in row.effects]
    assert changes == pytest.approx(means - means[0], rel=1e-4, abs=1e-6)
