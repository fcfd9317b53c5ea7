"""A run with an extractor that fails: what it costs, and that the cache does not change it."""

import pytest

from bench.pipeline import score
from bench.plan import ScoreRequest
from bench.scoring import read_scores
from support.folders import make_folder, run_bytes

pytestmark = pytest.mark.usefixtures("private_cache")

ON_FAILING = "support.bad_metrics:OnFailing"
REASON = "the extractor failed with RuntimeError: no idea\\nwhat to do"


@pytest.fixture
def videos(tmp_path):
    """Three clips of eight frames, and one of five, on which the extractor fails."""
    folder = make_folder(tmp_path / "videos", 3)
    make_folder(folder / "short", 1, seed=9, frames=5)
    return folder


def run(tmp_path, name, *metrics):
    return score(
        ScoreRequest(
            videos=str(tmp_path / "videos"), metrics=metrics, run=tmp_path / name, n_resamples=200
        )
    )


def test_a_failing_extractor_costs_the_metrics_that_need_it(videos, tmp_path):
    result = run(tmp_path, "run", ON_FAILING, "sharpness")
    assert result.exit_code == 4
    (lost,) = [row for row in read_scores(result.path) if row["status"] == "error"]
    assert (lost["metric"], lost["name"]) == ("on_failing", "short/clip00.mp4")
    assert lost["reason"] == REASON
    assert result.summary["outcomes"]["candidate"] == {"ok": 4}
    (problem,) = result.summary["problems"]
    assert problem["reason"] == REASON
    n_by_metric = {h["metric"]: h["n"] for h in result.summary["headlines"]}
    assert n_by_metric == {"on_failing": 3, "sharpness": 4, "degenerate": 4}


def test_the_cache_does_not_change_a_byte_where_an_extractor_fails(videos, tmp_path):
    cold = run(tmp_path, "cold", ON_FAILING, "sharpness")
    warm = run(tmp_path, "warm", ON_FAILING, "sharpness")
    assert run_bytes(cold.path) == run_bytes(warm.path)


def test_what_others_read_before_does_not_change_a_byte(videos, tmp_path, monkeypatch):
    run(tmp_path, "before", "sharpness")
    warm = run(tmp_path, "warm", ON_FAILING, "sharpness")
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "another-cache"))
    cold = run(tmp_path, "cold", ON_FAILING, "sharpness")
    assert run_bytes(cold.path) == run_bytes(warm.path)
