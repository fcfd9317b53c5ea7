"""Videos that exist already: folders, files, patterns, manifests, and what each refuses."""

import json
import os

import pytest

from bench import registry
from bench.errors import UsageError
from bench.models.folder import Folder, list_videos


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def names(spec):
    return [video.name for video in list_videos(str(spec)).videos]


def test_the_adapter_is_found_by_its_name(tmp_path):
    touch(tmp_path, "a.mp4")
    adapter = registry.build("model", "folder")
    assert isinstance(adapter, Folder)
    assert [v.name for v in adapter.list_videos(str(tmp_path)).videos] == ["a.mp4"]


def test_a_folder_is_searched_with_its_sub_folders(tmp_path):
    touch(tmp_path, "b.mp4", "a/c.webm", "a/notes.txt", ".hidden/d.mp4")
    listing = list_videos(str(tmp_path))
    assert [v.name for v in listing.videos] == ["a/c.webm", "b.mp4"]
    assert listing.n_ignored == 2
    assert all(v.path.is_absolute() for v in listing.videos)


def test_a_file_and_a_folder_of_images_are_one_video(tmp_path):
    touch(tmp_path, "x/0.png", "x/1.png", "a.mp4")
    assert names(tmp_path / "a.mp4") == ["a.mp4"]
    assert names(tmp_path / "x") == ["x"]


def test_a_file_that_the_user_names_may_be_a_link(tmp_path):
    touch(tmp_path, "real/a.mp4")
    (tmp_path / "b.mp4").symlink_to("real/a.mp4")
    (video,) = list_videos(str(tmp_path / "b.mp4")).videos
    assert (video.name, video.path) == ("b.mp4", tmp_path / "real" / "a.mp4")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.mp4", ["a.mp4", "b.mp4"]),
        ("?.mp4", ["a.mp4", "b.mp4"]),
        ("[a]*", ["a.mp4"]),
        ("*/*.mp4", ["sub/c.mp4"]),
        ("**/*.mp4", ["a.mp4", "b.mp4", "sub/c.mp4", "sub/deep/d.mp4"]),
        ("sub/**", ["c.mp4", "deep/d.mp4"]),
    ],
)
def test_patterns(tmp_path, pattern, expected):
    touch(tmp_path, "a.mp4", "b.mp4", "sub/c.mp4", "sub/deep/d.mp4", "a.txt")
    assert names(tmp_path / pattern) == expected


def test_a_pattern_is_relative_to_where_one_stands(tmp_path, monkeypatch):
    touch(tmp_path, "a.mp4")
    monkeypatch.chdir(tmp_path)
    assert names("*.mp4") == ["a.mp4"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(tmp_path):
    touch(tmp_path, "a[1].mp4", "a1.mp4")
    assert names(tmp_path / "a[1].mp4") == ["a[1].mp4"]


@pytest.mark.parametrize("file", ["metadata.jsonl", "metadata.csv", "train/metadata.jsonl"])
def test_hugging_face_metadata_says_what_videos_answer(tmp_path, file):
    touch(tmp_path / file.rpartition("/")[0], "0.mp4", "1.mp4", "2.mp4")
    rows = [{"file_name": f"{i}.mp4", "text": f"prompt {i}"} for i in (0, 1, 9)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if file.endswith(".csv"):
        text = "file_name,text\n" + "".join(f"{r['file_name']},{r['text']}\n" for r in rows)
    (tmp_path / file).write_text(text)
    listing = list_videos(str(tmp_path))
    below = file.rpartition("/")[0]
    said = {v.name.removeprefix(f"{below}/"): (v.prompt_text, v.problem) for v in listing.videos}
    assert said == {
        "0.mp4": ("prompt 0", ""),
        "1.mp4": ("prompt 1", ""),
        "2.mp4": (None, ""),
        "9.mp4": ("prompt 9", "missing"),
    }
    assert listing.n_ignored == 0


def test_two_metadata_files_for_one_video_are_refused(tmp_path):
    touch(tmp_path, "0.mp4")
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "0.mp4"}\n')
    (tmp_path / "metadata.csv").write_text("file_name\n0.mp4\n")
    with pytest.raises(UsageError, match=r"lists a video that .* lists too"):
        list_videos(str(tmp_path))


def test_a_metadata_file_that_leaves_the_folder_is_refused(tmp_path):
    touch(tmp_path / "root", "0.mp4")
    (tmp_path / "secret").write_text('{"file_name": "0.mp4"}\n')
    (tmp_path / "root" / "metadata.jsonl").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="symbolic link that leaves the folder"):
        list_videos(str(tmp_path / "root"))


def test_a_manifest_names_its_videos(tmp_path):
    touch(tmp_path, "v/a.mp4", "v/b.mp4")
    (tmp_path / "list.csv").write_text("path,prompt_id,note\nv/b.mp4,p1,x\nv/gone.mp4,p2,y\n")
    listing = list_videos(str(tmp_path / "list.csv"))
    assert [(v.name, v.prompt_id, v.problem) for v in listing.videos] == [
        ("v/b.mp4", "p1", ""),
        ("v/gone.mp4", "p2", "missing"),
    ]
    assert listing.unread_columns == ("note",)


def test_a_manifest_does_not_follow_links_out(tmp_path):
    touch(tmp_path / "outside", "a.mp4")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "v").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "list.csv").write_text("path\nv/a.mp4\n")
    (video,) = list_videos(str(tmp_path / "root" / "list.csv")).videos
    assert (video.path, video.problem) == (None, "symbolic link leaves the folder")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "no videos of this name"),
        ("none", "no videos of this name"),
        ("none/*.mp4", "cannot be read: No such file"),
        ("a\0b", "no videos of this name"),
        ("x" * 5000, "no videos of this name"),
        ("empty", "there are no videos here; seen: .*0 other files"),
        ("text", r"there are no videos here; seen: .*1 other files"),
        ("text/notes.txt", "neither a video nor a manifest"),
        ("text/*.mp4", "there are no videos here"),
    ],
)
def test_what_holds_no_videos_is_refused(tmp_path, monkeypatch, spec, message):
    (tmp_path / "empty").mkdir()
    touch(tmp_path, "text/notes.txt")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        list_videos(spec)


def test_names_that_read_the_same_are_refused(tmp_path):
    (tmp_path / os.fsdecode(b"\xe9.mp4")).write_bytes(b"x")
    (tmp_path / "\\xe9.mp4").write_bytes(b"x")
    with pytest.raises(UsageError, match="two files have names that read the same"):
        list_videos(str(tmp_path))


def test_the_home_folder_may_be_written_with_a_tilde(tmp_path, monkeypatch):
    touch(tmp_path, "a.mp4")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert names("~/a.mp4") == ["a.mp4"]
