"""What an audit sees of a run: candidates, prompts, features from where they are."""

import numpy as np
import pytest

from bench.errors import UsageError
from bench.extraction import Store
from bench.pipeline import score
from bench.plan import ScoreRequest
from bench.view import RunView
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


@pytest.fixture
def root(tmp_path):
    videos = make_folder(tmp_path / "videos", 2)
    (videos / "broken.mp4").write_bytes(b"no video")
    reference = make_folder(tmp_path / "real", 1)
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text('{"id": "clip00", "text": "日本語"}\n{"id": "other", "text": "a ball"}\n')
    request = ScoreRequest(
        videos=str(videos),
        reference=str(reference),
        prompts=str(prompts),
        metrics=("temporal_flicker",),
        run=tmp_path / "run",
        workers=1,
    )
    return score(request).path


def test_the_view_has_every_candidate_and_no_reference(root):
    view = RunView.of(root)
    assert sorted(t.name for t in view.trials) == ["", "broken.mp4", "clip00.mp4", "clip01.mp4"]
    assert view.prompts["clip00"].text == "日本語"
    assert view.manifest["request"]["prompts"]


def test_features_come_from_the_run_the_cache_or_the_video(root, tmp_path):
    view = RunView.of(root)
    clip, broken, missing = (
        next(t for t in view.trials if t.name == name) for name in ("clip00.mp4", "broken.mp4", "")
    )
    assert view.path(clip) == tmp_path / "videos" / "clip00.mp4"
    held = view.arrays(clip, "thumbnails")
    key = view.extractor("thumbnails").key()
    kept = Store(root=root).arrays(clip.sha256, key)
    assert all(np.array_equal(held[name], kept[name]) for name in kept)
    read = view.arrays(clip, "pixels")
    assert read is not None
    clip.path.unlink()
    assert view.path(clip) is None
    again = view.arrays(clip, "pixels")
    assert all(np.array_equal(again[name], read[name]) for name in read)
    assert view.arrays(broken, "pixels") is None
    assert view.arrays(missing, "pixels") is None


def test_an_unknown_extractor_is_an_error(root):
    view = RunView.of(root)
    clip = next(trial for trial in view.trials if trial.name == "clip00.mp4")
    with pytest.raises(UsageError, match="no feature of this name"):
        view.arrays(clip, "pixelz")


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is not a finished run folder"):
        RunView.of(tmp_path)
