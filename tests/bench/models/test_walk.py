"""The walk: one order everywhere, links followed only inside, nothing passed over unseen."""

import os

import pytest

from bench.models._walk import DANGLING, LEAVES, MISSING, inside, only_images, problem_of, walk


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def found(root, depth=None):
    return {item.name: (item.is_video, item.problem) for item in walk(root, depth)}


def test_videos_are_told_from_other_files_by_suffix(tmp_path):
    touch(tmp_path, "b.MP4", "a.mp4", "notes.txt", ".hidden.mp4", "sub/c.webm", "sub/.x/d.mp4")
    assert [item.name for item in walk(tmp_path)] == sorted(found(tmp_path))
    assert found(tmp_path) == {
        "a.mp4": (True, ""),
        "b.MP4": (True, ""),
        "notes.txt": (False, ""),
        ".hidden.mp4": (False, ""),
        "sub/c.webm": (True, ""),
        "sub/.x": (False, ""),
    }


def test_names_are_taken_as_they_are(tmp_path):
    names = ["-rf.mp4", "line\nbreak.mp4", "a..b.mp4", "кино ✓ \u202e.mp4", "a b'\"$(x).mp4"]
    touch(tmp_path, *names)
    assert sorted(names) == [item.name for item in walk(tmp_path)]
    assert all(item.path is not None for item in walk(tmp_path))


def test_bytes_that_are_not_utf8_are_shown_and_not_opened(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.mp4")).write_bytes(b"x")
    (item,) = walk(tmp_path)
    assert (item.name, item.path) == ("caf\\xe9.mp4", None)
    assert item.problem == "the name is not UTF-8"


def test_a_folder_of_images_is_one_video(tmp_path):
    touch(tmp_path, "shot/0.png", "shot/1.jpg", "shot/.thumbs", "mixed/0.png", "mixed/readme.txt")
    assert found(tmp_path) == {
        "shot": (True, ""),
        "mixed/0.png": (False, ""),
        "mixed/readme.txt": (False, ""),
    }
    assert only_images(tmp_path / "shot")
    assert not only_images(tmp_path / "mixed")
    assert not only_images(tmp_path / "none")


def test_links_are_followed_only_inside(tmp_path):
    outside = touch(tmp_path / "outside", "secret.mp4", "pictures/0.png")
    root = touch(tmp_path / "root", "real/a.mp4")
    (root / "inner.mp4").symlink_to("real/a.mp4")
    (root / "leaves.mp4").symlink_to(outside / "secret.mp4")
    (root / "leaves").symlink_to(outside)
    (root / "nowhere.mp4").symlink_to("gone.mp4")
    (root / "round").symlink_to(root)
    (root / "passwd").symlink_to("/etc/passwd")
    assert found(root) == {
        "real/a.mp4": (True, ""),
        "inner.mp4": (True, ""),
        "leaves.mp4": (True, LEAVES),
        "leaves": (True, LEAVES),
        "nowhere.mp4": (True, DANGLING),
        "round": (False, ""),
        "passwd": (False, ""),
    }
    assert not any(item.path for item in walk(root) if item.problem)


def test_an_image_that_leaves_the_folder_spoils_its_video(tmp_path):
    root = touch(tmp_path / "root", "shot/0.png")
    touch(tmp_path, "secret.png")
    (root / "shot" / "1.png").symlink_to(tmp_path / "secret.png")
    assert found(root) == {"shot": (True, f"{LEAVES} (an image in it)")}


def test_a_pipe_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.mp4")
    assert found(tmp_path) == {"a.mp4": (True, "not a regular file")}


def test_depth_stops_the_walk_and_counts_what_lies_below(tmp_path):
    touch(tmp_path, "a.mp4", "one/b.mp4", "one/two/c.mp4")
    assert found(tmp_path, 1) == {"a.mp4": (True, ""), "one": (False, "")}
    assert found(tmp_path, 2) == {
        "a.mp4": (True, ""),
        "one/b.mp4": (True, ""),
        "one/two": (False, ""),
    }


def test_problems_of_one_path(tmp_path):
    touch(tmp_path / "root", "a.mp4", "sub/x.txt")
    assert problem_of(tmp_path / "root" / "none.mp4", tmp_path / "root") == MISSING
    assert problem_of(tmp_path / "root" / "a.mp4", tmp_path / "root") == ""
    mixed = problem_of(tmp_path / "root" / "sub", tmp_path / "root")
    assert mixed == "a folder that holds more than images"
    assert not inside(tmp_path / "root" / ".." / "x", tmp_path / "root")


@pytest.mark.parametrize("path", ["none", "file.txt"])
def test_a_root_that_cannot_be_listed_raises(tmp_path, path):
    touch(tmp_path, "file.txt")
    with pytest.raises(OSError, match=r"No such file|Not a directory"):
        walk(tmp_path / path)


def test_a_folder_that_may_not_be_read_is_a_problem_with_a_name(tmp_path, monkeypatch):
    touch(tmp_path, "open/a.mp4", "shut/b.mp4")
    real = os.listdir

    def refuse(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    # root may read everything, so the refusal is made
    monkeypatch.setattr(os, "listdir", refuse)
    assert found(tmp_path) == {
        "open/a.mp4": (True, ""),
        "shut": (True, "the folder cannot be read: Permission denied"),
    }
