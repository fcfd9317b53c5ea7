"""Clips to damage: the phantom's, those of a folder, the scenes kept apart."""

import numpy as np
import pytest

from bench import demo
from bench.calibration.clips import (
    folder,
    frames_sha256,
    load_clips,
    moves,
    other_of,
    phantom,
    real,
)
from bench.errors import UsageError
from bench.videos.write import write_master
from support.clips import moving


def test_phantom_clips_move_and_no_scene_is_in_both_sets(small):
    made = phantom(6, 0)
    assert (len(made.clips), len(made.reference)) == (6, 6)
    assert not {c.sha256 for c in made.clips} & {c.sha256 for c in made.reference}
    for clip in (*made.clips, *made.reference):
        assert clip.frames_THWC.shape == clip.canary_THWC.shape == (8, 24, 40, 3)
        assert (clip.frames_THWC[0] != clip.frames_THWC[-1]).any()
        assert clip.prompt.text
        assert clip.prompt.attributes
    assert [c.sha256 for c in phantom(6, 0).clips] == [c.sha256 for c in made.clips]
    assert [c.sha256 for c in phantom(6, 1).clips] != [c.sha256 for c in made.clips]


def test_a_folder_is_dealt_in_turn_and_brought_to_size(small, tmp_path):
    for i in range(5):
        write_master(tmp_path / "videos" / f"{i}.mp4", moving(12, 48, 60, seed=i), 24)
    made = folder(tmp_path / "videos", 16)
    assert [c.name for c in made.clips] == ["0.mp4", "2.mp4", "4.mp4"]
    assert [c.name for c in made.reference] == ["1.mp4", "3.mp4"]
    assert made.clips[0].frames_THWC.shape == (8, 24, 30, 3)
    assert made.clips[0].canary_THWC.shape[1:] == (24, 30, 3)
    assert (made.name, made.clips[0].fps, made.clips[0].prompt) == ("videos", 24, None)


def test_a_folder_without_videos_and_a_name_that_is_none(tmp_path):
    with pytest.raises(UsageError, match="the folder holds no video"):
        load_clips(str(tmp_path), 16, 0, print)
    with pytest.raises(UsageError, match="no such clips"):
        load_clips(str(tmp_path / "none"), 16, 0, print)


def test_the_other_clip_is_of_another_scene_and_of_this_size(small):
    made = phantom(3, 0).clips
    assert other_of(made, 0).name == made[1].name
    assert other_of(made, 2).name == made[0].name
    assert other_of(made[:1], 0).name == made[0].name


def test_equal_frames_have_equal_hashes_and_the_rate_counts():
    clip = moving(3, 16, 16)
    assert frames_sha256(clip, 24) == frames_sha256(clip.copy(), 24)
    assert len({frames_sha256(clip, 24), frames_sha256(clip, 25), frames_sha256(clip[:2], 24)}) == 3
    assert frames_sha256(np.swapaxes(clip, 1, 2), 24) != frames_sha256(clip, 24)


def test_what_moves_by_a_grey_level_moves():
    still = np.full((3, 4, 4, 3), 100, np.uint8)
    assert not moves(still)
    still[1, :2] += 1
    assert not moves(still)
    still[2] += 1
    assert moves(still)


@pytest.mark.parametrize(("n", "names"), [(1, ["0.mp4"]), (2, ["0.mp4", "2.mp4"]), (9, None)])
def test_of_the_film_one_clip_of_each_shot_comes_first_and_no_still_one(small, tmp_path, n, names):
    """Five clips of four shots; that of shot 1 stands still, and shot 0 has a second one."""
    shots = [("0.mp4", "a", 0), ("1.mp4", "b", None), ("2.mp4", "c", 2), ("3.mp4", "a", 3)]
    rows = ["path,prompt_id", *(f"{name},{shot}" for name, shot, _ in shots)]
    for name in ("candidate", "reference"):
        (tmp_path / f"{name}.csv").write_text("\n".join(rows))
    for name, _, seed in shots:
        clip = moving(8, 24, 40, seed=seed or 0)
        write_master(tmp_path / name, clip if seed is not None else clip[[0] * 8], 24)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "prepare", lambda say: tmp_path)
        made = real(n, print)
    assert [c.name for c in made.clips] == (names or ["0.mp4", "2.mp4", "3.mp4"])
    assert [c.cluster for c in made.reference][:1] == ["a"]
