"""Set metrics of two runs: the swaps by hand, what is planted seen, what cannot be tested said."""

import math
from typing import ClassVar

import numpy as np
import pytest

from bench.comparison import sets
from bench.comparison.columns import Settings
from bench.comparison.sets import Twins, compare_sets
from bench.comparison.sides import UNPAIRED, Side
from bench.metrics._frechet import difference_interval, frechet_distance
from bench.metrics.base import Column, SetMetric
from bench.set_rows import SetRows


class Distance(SetMetric):
    """The Fréchet distance of rows that are there already."""

    name = "distance"
    version = "1"
    needs = ()
    columns: ClassVar = (
        Column(name="d", unit="", low=0, high=math.inf, higher_is_better=False, summary="d"),
    )

    def row(self, clip):
        raise NotImplementedError

    def value(self, x_ND, y_MD):
        return {"d": frechet_distance(x_ND, y_MD)}

    def interval(self, x_ND, y_MD, **settings):
        return {}

    def difference(self, x_ND, z_ND, y_MD, **settings):
        return {"d": difference_interval(x_ND, z_ND, y_MD, **settings)}

    def update(self, clip):
        raise NotImplementedError

    def compute(self):
        raise NotImplementedError


def twins(shift, n_prompts=20, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_prompts * 2, 6))
    z = x + rng.normal(0, 0.2, size=x.shape) + shift
    reference = SetRows(
        x_ND=rng.normal(size=(40, 6)),
        trial_ids=[str(i) for i in range(40)],
        labels=[str(i) for i in range(40)],
        cluster="video",
        n_missing=0,
        n_error=0,
        first_error="",
    )
    prompts = [f"p{i:02d}" for i in range(n_prompts) for _ in range(2)]
    return Twins(x_ND=x, z_ND=z, prompts=prompts, reference=reference, lost=(1, 2))


def test_planted_damage_is_seen():
    found = sets._tested(twins(0.8), Distance(), Settings())["d"]
    assert found.difference == pytest.approx(found.b - found.a)
    assert found.difference > 0
    assert found.p < 0.01
    assert found.interval.low > 0
    assert (found.n, found.n_clusters, found.lost) == (40, 20, (1, 2))
    assert found.p_method == "999 swaps of 20 whole prompts between the runs"


def test_twins_that_are_equal_are_no_evidence():
    held = twins(0.0)
    same = Twins(
        x_ND=held.x_ND, z_ND=held.x_ND, prompts=held.prompts, reference=held.reference, lost=(0, 0)
    )
    found = sets._tested(same, Distance(), Settings())["d"]
    assert (found.difference, found.p) == (0.0, 1.0)


def test_the_level_is_held_where_the_two_are_one_system():
    p = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        held = twins(0.0, n_prompts=12, seed=seed)
        x = rng.normal(size=held.x_ND.shape)
        z = 0.7 * x + rng.normal(0, 0.7, size=x.shape)
        swap = rng.integers(0, 2, 12).astype(bool).repeat(2)[:, None]
        fair = Twins(
            x_ND=np.where(swap, x, z),
            z_ND=np.where(swap, z, x),
            prompts=held.prompts,
            reference=held.reference,
            lost=(0, 0),
        )
        p.append(sets._swapped(fair, Distance(), 99, seed)["d"])
    assert np.mean(np.array(p) <= 0.2) < 0.4  # 20 % expected; 99.9 % of 60 draws lie below 38 %
    assert np.mean(np.array(p) <= 0.5) > 0.25


def test_unpaired_runs_show_both_values_and_say_why_there_is_no_test(tmp_path):
    heads = [{("distance", "d"): {"value": value}} for value in (3.0, None)]
    a, b = (Side(root=tmp_path, manifest={}, headlines=head, prompts={}, rows=()) for head in heads)
    found = compare_sets(a, b, Distance(), None, UNPAIRED, Settings())["d"]
    assert (found.a, math.isnan(found.b), math.isnan(found.p)) == (3.0, True, True)
    assert found.notes == ("a set metric is tested on paired runs only",)


@pytest.mark.slow
@pytest.mark.usefixtures("private_cache")
def test_a_set_metric_of_two_real_runs(tmp_path):
    """Rows are found in both run folders and pair by prompt and seed."""
    from bench.comparison.compare import compare
    from bench.pipeline import score
    from bench.request import ScoreRequest
    from support.folders import make_folder

    roots = []
    for name, seed in (("a", 0), ("b", 50)):
        videos = make_folder(tmp_path / name, 4, seed=seed)
        rows = [f"clip{i:02d}.mp4,p{i % 2},{i}" for i in range(4)]
        (videos / "manifest.csv").write_text("\n".join(["path,prompt_id,seed", *rows]) + "\n")
        request = ScoreRequest(
            videos=str(videos / "manifest.csv"),
            reference=str(make_folder(tmp_path / "real", 4, seed=9)),
            metrics=("support.row_distance:RowDistance", "sharpness"),
            run=tmp_path / f"run-{name}",
            workers=1,
            n_resamples=100,
        )
        roots.append(score(request).path)
    made = compare(*roots, settings=Settings(n_resamples=100, n_permutations=99))
    (line,) = [line for line in made.lines if line.metric == "row_distance"]
    assert made.design == "paired by prompt and seed"
    assert (line.found.n, line.found.n_clusters, line.found.notes) == (4, 2, ())
    assert line.found.p_method == "999 swaps of 2 whole prompts between the runs"
