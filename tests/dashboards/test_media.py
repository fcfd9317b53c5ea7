import io
import json

import numpy as np
import pytest
from PIL import Image

from bench.errors import PrescreenError, UsageError
from bench.runs import MANIFEST, SOURCES, read_journal, read_json
from dashboards import media
from dashboards.catalogue import find_runs, finished


@pytest.fixture
def card(runs_root):
    return finished(find_runs(runs_root))[0]


def trial(card):
    lines = (card.path / "2-generation.jsonl").read_text().splitlines()
    return json.loads(lines[0])


@pytest.mark.parametrize(
    ("prompt", "guarded"),
    [
        (None, False),
        ({"hazard": None, "attributes": {}}, False),
        ({"hazard": "vcr", "attributes": {"label": "benign"}}, True),
        ({"hazard": None, "attributes": {"label": "harmful"}}, True),
        ({"hazard": None, "attributes": {"canary": True}}, True),
        ({"hazard": None, "attributes": {"canary": False}}, False),
    ],
)
def test_what_is_guarded(prompt, guarded):
    assert media.is_guarded(prompt) is guarded


def test_the_blur_is_in_the_bytes(card):
    pictures = media.thumbnails(
        card.path, read_json(card.path / MANIFEST)["features"], trial(card)["sha256"]
    )
    assert len(pictures) == 5
    clear, veiled = (
        np.asarray(Image.open(io.BytesIO(media.sheet(pictures, blurred=b))).convert("L"), float)
        for b in (False, True)
    )
    edges = [np.abs(np.diff(image, axis=1)).max() for image in (clear, veiled)]
    assert edges[1] < 0.3 * edges[0]


def test_no_features_no_pictures(card):
    assert media.thumbnails(card.path, {}, trial(card)["sha256"]) == []
    assert media.thumbnails(card.path, {"thumbnails": {"unavailable": "x"}}, "00") == []
    assert media.sheet([], blurred=False) is None


def test_a_preview_is_preferred_and_lies_below_the_root(runs_root, card):
    source = read_json(card.path / SOURCES)[trial(card)["id"]]
    path = media.video_path(runs_root, card.path, source)
    assert path.parent.name == "previews"
    assert media.video_path(runs_root, card.path, None) is None
    assert media.video_path(runs_root, card.path, "3-videos/gone.mp4") is None


def test_a_source_outside_of_the_root_is_refused(runs_root, card, tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"x")
    with pytest.raises(UsageError, match="outside"):
        media.video_path(runs_root, card.path, str(tmp_path / "x.mp4"))


def test_reveals_are_chained_and_a_broken_chain_takes_no_more(tmp_path):
    for i in range(3):
        media.record_reveal(tmp_path, f"trial-{i}", "ann", "2026-01-01T00:00:00+00:00")
    path = tmp_path / media.REVEALS
    events, _ = read_journal(path)
    assert [event.data["trial"] for event in events] == ["trial-0", "trial-1", "trial-2"]
    path.write_bytes(path.read_bytes().replace(b"trial-1", b"trial-9"))
    with pytest.raises(PrescreenError, match="chain breaks"):
        media.record_reveal(tmp_path, "t", "ann", "now")
