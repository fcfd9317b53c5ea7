"""A set metric's rows: whose each is, which are left out, and what is said of the others."""

import numpy as np
import pytest

from bench.set_rows import SetRows, cluster_labels

pytestmark = pytest.mark.usefixtures("private_cache")


def rows(n=4, **changes):
    settings = {
        "x_ND": np.arange(2.0 * n).reshape(n, 2),
        "trial_ids": [f"t{i}" for i in range(n)],
        "labels": [f"prompt {i // 2}" for i in range(n)],
        "cluster": "prompt",
        "n_missing": 0,
        "n_error": 0,
        "first_error": "",
    }
    return SetRows(**{**settings, **changes})


def test_leaving_trials_out_keeps_rows_names_and_clusters_together():
    left = rows().without({"t0", "t3", "elsewhere"})
    assert left.trial_ids == ["t1", "t2"]
    assert left.labels == ["prompt 0", "prompt 1"]
    assert np.array_equal(left.x_ND, [[2, 3], [4, 5]])
    assert left.n_vetoed == 2


def test_videos_that_gave_no_row_are_named():
    assert list(rows().notes("candidate")) == []
    notes = list(rows(n_error=2, first_error="a.mp4: too short").notes("reference"))
    assert notes == ["2 reference videos gave no features, for instance a.mp4: too short"]


def test_videos_of_one_prompt_are_one_cluster_and_a_video_without_one_is_its_own():
    owners = [{"prompt_id": "p", "trial_id": "a"}, {"prompt_id": None, "trial_id": "b"}]
    assert cluster_labels(owners) == (
        ["prompt p", "video b"],
        "prompt, or video without one",
    )
    assert cluster_labels(owners[1:]) == (["video b"], "video")
