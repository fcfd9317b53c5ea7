"""Verification as a function: the checks of a run, in order, and what stops early."""

import pytest

from bench.pipeline import score
from bench.plan import ScoreRequest
from bench.runs import GENERATION
from bench.verification import verify
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


@pytest.fixture
def finished(tmp_path):
    videos = make_folder(tmp_path / "videos", 1)
    metrics = ("temporal_flicker",)
    request = ScoreRequest(videos=str(videos), metrics=metrics, run=tmp_path / "run", workers=1)
    return score(request).path


def test_the_checks_come_in_the_order_of_the_stages(finished):
    assert [check.name for check in verify(finished)] == [
        "journal",
        "manifest.json",
        "1-prompts.jsonl",
        "2-generation.jsonl",
        "5-scores.parquet",
        "5-series.parquet",
        "summary.json",
        "7-report/index.html",
        "4-features",
        "videos",
        "numbers",
    ]


def test_after_a_changed_file_nothing_is_read_from_it(finished):
    (finished / GENERATION).write_bytes(b"not json\n")
    names = [check.name for check in verify(finished)]
    assert "4-features" in names
    assert "videos" not in names
    assert "numbers" not in names


def test_a_reading_that_was_changed_is_found(finished):
    (path,) = finished.glob("4-features/*/reading.json")
    path.write_text(path.read_text().replace('"error": ""', '"error": "none"'))
    checks = {check.name: check for check in verify(finished)}
    assert checks["4-features"].detail.endswith("/reading.json")
