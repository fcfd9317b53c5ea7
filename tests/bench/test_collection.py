"""Features of videos without a run, and the archive that holds them."""

import numpy as np
import pytest

from bench.collection import collect, write_npz
from bench.errors import UsageError
from bench.videos.write import write_master
from support.bad_extractors import COUNTING, FAILING
from support.clips import moving
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


def quiet(total, name):
    return None


def read(*sources, spec=COUNTING, notify=quiet):
    return collect([str(source) for source in sources], spec, workers=1, notify=notify)


def test_every_video_has_its_arrays_and_the_cache_keeps_them(tmp_path):
    videos = make_folder(tmp_path / "v", 2)
    log = tmp_path / "log"
    seen = []
    for _ in range(2):
        made = read(videos, spec=f"{COUNTING}:log={log}", notify=lambda *a: seen.append(a))
        assert {name: int(n) for name, n in made.arrays.items()} == {
            "clip00.mp4/n": 8,
            "clip01.mp4/n": 8,
        }
        assert (made.n_videos, made.errors) == (2, {})
    assert len(log.read_text().splitlines()) == 2
    assert seen == [(2, "clip00.mp4"), (2, "clip01.mp4")]


def test_videos_that_give_nothing_are_named_with_why(tmp_path):
    videos = make_folder(tmp_path / "v", 1)
    write_master(videos / "five.mp4", iter(moving(5, 32, 48)), 24)
    (videos / "broken.mp4").write_bytes(b"no video")
    (videos / "out.mp4").symlink_to("/etc/hostname")
    made = read(videos, spec=FAILING)
    assert list(made.arrays) == ["clip00.mp4/n"]
    assert made.n_videos == 1
    assert made.errors["out.mp4"] == "symbolic link leaves the folder"
    assert "cannot be opened as a video" in made.errors["broken.mp4"]
    assert "RuntimeError" in made.errors["five.mp4"]


def test_two_files_of_one_name_are_refused(tmp_path):
    one, two = make_folder(tmp_path / "a", 1), make_folder(tmp_path / "b", 1)
    with pytest.raises(UsageError, match=r"two videos are called clip00\.mp4"):
        read(one, two)


def test_equal_bytes_under_two_names_are_read_once(tmp_path):
    videos = make_folder(tmp_path / "v", 1)
    (videos / "twin.mp4").write_bytes((videos / "clip00.mp4").read_bytes())
    log = tmp_path / "log"
    made = read(videos, spec=f"{COUNTING}:log={log}")
    assert list(made.arrays) == ["clip00.mp4/n", "twin.mp4/n"]
    assert len(log.read_text().splitlines()) == 1


def test_the_archive_holds_any_name_and_repeats_to_the_byte(tmp_path):
    arrays = {name: np.arange(3) for name in ("file", "a\nb.mp4", "../x", "кино.mp4", "-v")}
    for name in ("one.npz", "two.npz"):
        write_npz(tmp_path / name, arrays)
    with np.load(tmp_path / "one.npz") as held:
        assert set(held) == set(arrays)
        np.testing.assert_array_equal(held["a\nb.mp4"], [0, 1, 2])
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
