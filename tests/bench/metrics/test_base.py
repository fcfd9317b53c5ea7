"""The two kinds of metric as torchmetrics sees them: states, means, resets, columns."""

import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bench import registry
from bench.metrics.base import Column, SetMetric, Value, VideoMetric
from bench.types import Clip, Interval


def column(name, **changes):
    facts = {"unit": "1", "low": 0.0, "high": 1.0, "higher_is_better": True, "summary": "a number"}
    return Column(name=name, **{**facts, **changes})


class Twice(VideoMetric):
    """Gives a clip's number and its double, which applies to positive numbers only."""

    name, version, needs = "twice", "1", ("numbers",)
    columns = (column("once"), column("double", headline=False))

    def score(self, clip):
        number = float(clip.features["numbers"]["x"])
        double = (
            Value(value=2 * number) if number > 0 else Value(value=math.nan, reason="not above 0")
        )
        return {"once": Value(value=number), "double": double}


class Gap(SetMetric):
    """Distance of the means of two sets of numbers."""

    name, version, needs = "gap", "1", ("numbers",)
    columns = (column("gap", higher_is_better=False),)

    def __init__(self):
        super().__init__()
        self.rows = {False: [], True: []}

    def update(self, clip, *, reference=False):
        self.rows[reference].append(self.row(clip))

    def compute(self):
        return self.value(np.stack(self.rows[False]), np.stack(self.rows[True]))

    def row(self, clip):
        return np.array([float(clip.features["numbers"]["x"])])

    def value(self, x_ND, y_MD):
        return {"gap": float(abs(x_ND.mean() - y_MD.mean()))}

    def interval(self, x_ND, y_MD, *, confidence, seed, **_):
        low = high = self.value(x_ND, y_MD)["gap"]
        return {"gap": Interval(low=low, high=high, confidence=confidence, method="none")}


def clip(number):
    features = {"numbers": {"x": np.array(number)}}
    return Clip(name="x", n_frames=1, fps=1.0, height_px=1, width_px=1, features=features)


def mean_of(*numbers):
    metric = Twice()
    for number in numbers:
        metric.update(clip(number))
    return {name: float(value) for name, value in metric.compute().items()}


def test_a_mean_leaves_out_the_clips_that_a_column_does_not_apply_to():
    assert mean_of(1.0, 3.0) == {"once": 2.0, "double": 4.0}
    assert mean_of(1.0, -3.0) == {"once": -1.0, "double": 2.0}


def test_nothing_has_no_mean():
    with pytest.warns(UserWarning, match="called before the ``update`` method"):
        empty = mean_of()
    assert all(math.isnan(value) for value in empty.values())
    only_negative = mean_of(-1.0)
    assert only_negative["once"] == -1
    assert math.isnan(only_negative["double"])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_the_mean_is_that_of_the_clips_in_any_order(numbers):
    found = mean_of(*numbers)
    assert found["once"] == pytest.approx(math.fsum(numbers) / len(numbers), abs=1e-6)
    assert mean_of(*reversed(numbers))["once"] == pytest.approx(found["once"], abs=1e-6)


def test_values_are_kept_in_float64():
    assert mean_of(1 + 1e-12)["once"] - 1 == pytest.approx(1e-12, rel=1e-3)


def test_reset_forgets_and_a_copy_remembers():
    metric = Twice()
    metric.update(clip(2.0))
    copied = pickle.loads(pickle.dumps(metric))
    metric.reset()
    assert metric.values_once == []
    assert float(copied.compute()["once"]) == 2.0
    metric.update(clip(5.0))
    assert float(metric.compute()["once"]) == 5.0


def test_a_state_gathered_from_other_processes_is_one_tensor():
    metric = Twice()
    metric.update(clip(9.0))
    metric.values_once = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
    assert float(metric.compute()["once"]) == 3.0


def test_calling_the_metric_scores_one_batch_and_keeps_all():
    metric = Twice()
    assert float(metric(clip(2.0))["once"]) == 2.0
    assert float(metric(clip(4.0))["once"]) == 4.0
    assert float(metric.compute()["once"]) == 3.0


def test_columns_are_found_by_name():
    assert Twice().column("double").headline is False
    assert Gap().column("gap").higher_is_better is False
    with pytest.raises(StopIteration):
        Twice().column("thrice")


def test_a_set_metric_says_nothing_more_unless_it_has_to():
    metric = Gap()
    for number, reference in ((1, False), (3, False), (8, True)):
        metric.update(clip(number), reference=reference)
    assert metric.compute() == {"gap": 6.0}
    rows = [np.stack([metric.row(clip(v)) for v in values]) for values in ((1, 3), (7, 9.0))]
    assert metric.value(*rows) == {"gap": 6.0}
    interval = metric.interval(
        *rows, x_clusters="ab", y_clusters="cd", confidence=0.9, n_resamples=1, seed=0
    )["gap"]
    assert (interval.low, interval.high, interval.confidence) == (6.0, 6.0, 0.9)
    assert metric.notes(2, 2) == ()
    assert metric.min_videos == 2


@pytest.mark.parametrize("kind", [VideoMetric, SetMetric])
def test_the_kinds_themselves_cannot_be_built(kind):
    with pytest.raises(TypeError, match="abstract"):
        kind()


@pytest.mark.parametrize("name", registry.names("metric"))
def test_each_metric_declares_itself(name):
    metric = registry.build("metric", name)
    assert metric.name == name
    assert metric.version.isdigit()
    assert metric.needs
    for facts in metric.columns:
        assert facts.low < facts.high
        assert facts.unit
        assert facts.summary
