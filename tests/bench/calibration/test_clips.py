"""Clips to damage: the phantom's, those of a folder, the scenes kept apart."""

import numpy as np
import pytest

from bench.calibration.clips import folder, frames_sha256, load_clips, other_of, phantom
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
