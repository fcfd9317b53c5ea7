"""Requests to make videos: the words of the command line, and what makes no sense."""

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.request import RUN_METRICS, RunRequest, ScoreRequest, run_request


def test_settings_have_the_words_of_the_command_line():
    request = run_request(
        {"suite": "smoke", "model": "phantom", "seeds": 3, "resamples": 200, "run": "r"}
    )
    assert (request.n_seeds, request.n_resamples, request.run) == (3, 200, Path("r"))
    assert request.metrics == RUN_METRICS
    asked = run_request({"suite": "smoke", "model": "phantom", "metrics": ["sharpness"]})
    assert asked.metrics == ("sharpness", "degenerate")


def test_numbers_depend_on_model_and_seeds_and_not_on_folders():
    def fields(**changes):
        return RunRequest(**{"suite": "s", "model": "phantom", **changes}).fields()

    assert fields(out=Path("elsewhere"), workers=3, suite="same.jsonl") == fields()
    for change in ({"n_seeds": 2}, {"generation_seed": 1}, {"model": "constant"}, {"seed": 4}):
        assert fields(**change) != fields()
    assert fields(model="constant:fps=8,frames=4") == fields(model="constant:frames=4,fps=8")


def test_a_score_request_is_what_it_was():
    assert ScoreRequest(videos="v").fields() == {
        "metrics": list(ScoreRequest(videos="v").metrics),
        "confidence": 0.95,
        "n_resamples": 1000,
        "seed": 0,
        "reference": False,
        "prompts": False,
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "phantom"}, "no suite was named.*prescreen ls suites"),
        ({"suite": "smoke", "model": ""}, "no model was named.*prescreen ls models"),
        ({"suite": "smoke", "model": "phantom", "seeds": 0}, "impossible number of videos"),
        ({"suite": "smoke", "model": "phantom", "confidence": 2}, "the confidence is impossible"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        run_request(settings)
