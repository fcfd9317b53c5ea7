"""`--retry-errors`: a video that could not be read once is not lost to the run for good."""

import pytest
from filelock import FileLock

from bench.cli.main import run as prescreen
from bench.engines.local import Local
from bench.errors import RunLocked, UsageError
from bench.pipeline import score
from bench.plan import ScoreRequest
from bench.runs import SUMMARY
from bench.verification import verify
from support.folders import make_folder, run_bytes

pytestmark = pytest.mark.usefixtures("private_cache")


def request(tmp_path, **changes):
    settings = {"videos": str(tmp_path / "videos"), "metrics": ("sharpness",), "n_resamples": 200}
    return ScoreRequest(**{**settings, "run": tmp_path / "run", "workers": 1, **changes})


@pytest.fixture
def unreadable(tmp_path, monkeypatch):
    """Three videos, the last of which is gone while the first run reads them."""
    path = make_folder(tmp_path / "videos", 3) / "clip02.mp4"

    class Hiding(Local):
        def read(self, shards, specs):
            path.rename(tmp_path / "hidden")
            yield from list(super().read(shards, specs))

    with monkeypatch.context() as patch:
        patch.setattr("bench.pipeline.Local", Hiding)
        result = score(request(tmp_path))
    (tmp_path / "hidden").rename(path)
    assert (result.n_errors, result.exit_code) == (1, 4)
    return path


def test_what_was_unreadable_is_read_again(unreadable, tmp_path):
    again = score(request(tmp_path, retry_errors=True))
    assert (again.reused, again.n_errors, again.exit_code) == (False, 0, 0)
    never = score(request(tmp_path, run=tmp_path / "never"))
    assert run_bytes(again.path) == run_bytes(never.path)
    assert all(check.ok for check in verify(again.path))
    assert score(request(tmp_path, retry_errors=True)).reused


def test_a_run_named_by_its_identity_is_read_again_in_its_place(unreadable, tmp_path):
    named = score(request(tmp_path, run=None, out=tmp_path / "runs")).path
    (tmp_path / "run").rename(tmp_path / "kept")
    named.rename(tmp_path / "whole")
    (tmp_path / "kept").rename(named)
    again = score(request(tmp_path, run=None, out=tmp_path / "runs", retry_errors=True))
    assert (again.path, again.n_errors) == (named, 0)
    assert run_bytes(named) == run_bytes(tmp_path / "whole")


def test_without_the_option_the_run_is_reused_and_says_so(unreadable, tmp_path, capsys):
    command = ["score", str(tmp_path / "videos"), "-m", "sharpness", "--resamples", "200"]
    command += ["--run", str(tmp_path / "run")]
    line = "1 video has errors; --retry-errors reads it again"
    assert prescreen(command) == 4
    assert line in capsys.readouterr().out.splitlines()
    assert prescreen([*command, "--retry-errors"]) == 0
    assert line not in capsys.readouterr().out.splitlines()


def test_an_error_that_stays_gives_the_same_bytes(unreadable, tmp_path):
    (tmp_path / "videos" / "broken.mp4").write_bytes(b"no video")
    first = score(request(tmp_path, run=tmp_path / "broken"))
    before = run_bytes(first.path)
    again = score(request(tmp_path, run=tmp_path / "broken", retry_errors=True))
    assert (again.reused, again.n_errors) == (False, 1)
    assert run_bytes(again.path) == before


def test_files_of_others_in_the_folder_stay(unreadable, tmp_path):
    notes = [tmp_path / "run" / name for name in ("notes.json", "4-features/x.json", "7-report/n")]
    for note in notes:
        note.write_text("mine")
    score(request(tmp_path, retry_errors=True))
    assert [note.read_text() for note in notes] == ["mine"] * 3


def test_nothing_is_removed_from_a_run_that_is_locked_or_another(unreadable, tmp_path):
    before = run_bytes(tmp_path / "run")
    with FileLock(tmp_path / "run" / ".lock"), pytest.raises(RunLocked):
        score(request(tmp_path, retry_errors=True))
    with pytest.raises(UsageError, match=r"another request\.seed"):
        score(request(tmp_path, retry_errors=True, seed=1))
    assert run_bytes(tmp_path / "run") == before
    assert SUMMARY in before


def test_the_option_is_no_part_of_what_a_run_is(tmp_path):
    plain, retried = request(tmp_path), request(tmp_path, retry_errors=True)
    assert plain.fields() == retried.fields()
