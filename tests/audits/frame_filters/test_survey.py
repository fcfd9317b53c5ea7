"""The survey of open_nsfw: its material, its counts, and what stays the same between tones."""

import numpy as np
import pytest

from audits.frame_filters import _survey
from audits.frame_filters._survey import (
    events,
    false_alarms,
    film,
    measure,
    patch,
    patches,
    phantom,
    tones,
)
from audits.frame_filters.base import ClipFilter
from bench.videos.write import write_master
from support.clips import moving


def brightness(frames_THWC):
    return frames_THWC.mean(axis=(1, 2, 3)) / 255


def test_false_alarms_are_counted_by_clip():
    clips = [
        (f"clip {i}", np.full((2, 4, 4, 3), level, np.uint8))
        for i, level in enumerate((0, 130, 255))
    ]
    found = false_alarms(iter(clips), brightness)
    counts = {name: (rate["k"], rate["n"]) for name, rate in found["rates"]["max"].items()}
    assert counts == {"0.2": (2, 3), "0.5": (2, 3), "0.8": (1, 3)}
    assert found["rates"]["run:2"] == found["rates"]["max"]
    assert (found["highest"], found["quantiles"][-1]) == ("clip 2", 1.0)


def test_a_film_is_looked_at_shot_by_shot(tmp_path, monkeypatch):
    shots = [moving(20, 64, 80, seed=1), 255 - moving(30, 64, 80, seed=2)]
    write_master(tmp_path / "film.mp4", list(np.concatenate(shots)), 24)
    monkeypatch.setattr(_survey.weights, "locate", lambda name: tmp_path / "film.mp4")
    clips = list(film("bikes"))
    assert [name for name, _ in clips] == ["bikes shot 0", "bikes shot 1"]
    for (_, frames), shot in zip(clips, shots, strict=True):
        assert frames.shape == (4, 64, 80, 3)
        assert np.array_equal(
            frames,
            shot[[len(shot) // 8, 3 * len(shot) // 8, 5 * len(shot) // 8, 7 * len(shot) // 8]],
        )


def test_scenes_of_the_phantom_repeat():
    one, again = list(phantom(2)), list(phantom(2))
    assert one[0][1].shape == (4, 192, 320, 3)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(one, again, strict=True))


@pytest.fixture
def small(monkeypatch):
    """Renders that take no time."""
    monkeypatch.setattr(_survey, "HEIGHT", 48)
    monkeypatch.setattr(_survey, "WIDTH", 80)


def test_only_the_tone_differs_between_tones(small):
    seen = []

    def keep(frames_THWC):
        seen.append(frames_THWC)
        return brightness(frames_THWC)

    found = tones(2, keep)
    assert (found["n"], len(found["means"]), len(seen)) == (2, 10, 20)
    changed = [np.abs(seen[0].astype(int) - other).max(axis=(0, 3)) > 8 for other in seen[1:10]]
    assert 0 < np.mean(changed) < 0.1
    assert found["gap"] < 0  # darker persons, darker frames


def test_patches_are_flat_and_greys_have_their_luminance():
    assert patch((1.4, 2, 254.6))[0, 0, 0].tolist() == [1, 2, 255]
    rows = patches(lambda frames: frames[..., 1].mean(axis=(1, 2)) / 255)
    assert [row["tone"] for row in rows] == list(range(1, 11))
    assert rows[0]["grey"] > rows[9]["grey"]


def test_the_shortest_event_of_each_plan():
    rows = {(row["frames"], row["rule"]): row["shortest"] for row in events()}
    assert rows["uniform:5", "max"]["120"] == 24
    assert rows["stride:6", "max"] == {"16": 6, "48": 6, "120": 6}
    assert rows["uniform:16", "run:2"]["16"] == 2


class Bright(ClipFilter):
    """Stands in for the network, which has tests of its own."""

    name = "bright"

    def __init__(self):
        super().__init__(threshold=0.8)

    def frame_scores(self, frames_THWC):
        return brightness(frames_THWC)


def test_everything_is_measured(monkeypatch, small):
    monkeypatch.setattr(_survey, "OpenNsfw", Bright)
    monkeypatch.setattr(_survey, "film", lambda asset: iter([(asset, moving(2, 24, 40))]))
    found = measure(n_scenes=1, n_persons=2)
    assert set(found["false_alarms"]) == {"bbb-film", "bikes", "phantom"}
    assert found["filter"] == "bright@1"
    assert found["cpu_ms_per_frame"] >= 0
    assert found["tones"]["highest"] == pytest.approx(max(found["tones"]["means"]), abs=0.2)
