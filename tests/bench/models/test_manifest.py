"""Manifests: what their rows say, and what is wrong with them, by file and line."""

import json

import pytest

from bench.errors import UsageError
from bench.models._manifest import locate, read_manifest


def csv(tmp_path, text, name="list.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_all_columns_are_read(tmp_path):
    path = csv(tmp_path, "path,prompt_id,prompt,seed,category,fps\na/x.mp4,p1,a cat,7,pets,12.5\n")
    (entry,) = read_manifest(path).entries.values()
    assert (entry.name, entry.prompt_id, entry.prompt_text) == ("a/x.mp4", "p1", "a cat")
    assert (entry.seed, entry.category, entry.fps) == (7, "pets", 12.5)
    assert entry.path is None


@pytest.mark.parametrize("column", ["path", "file", "file_name", "video"])
@pytest.mark.parametrize("text", ["prompt", "text", "caption"])
def test_columns_have_other_names(tmp_path, column, text):
    path = tmp_path / "metadata.jsonl"
    path.write_text(json.dumps({column: "x.mp4", text: "a dog", "id": 3, "width": 512}) + "\n")
    manifest = read_manifest(path, "train")
    (entry,) = manifest.entries.values()
    assert (entry.name, entry.prompt_text, entry.prompt_id) == ("train/x.mp4", "a dog", "3")
    assert manifest.unread_columns == ("width",)


def test_text_is_compared_in_nfc(tmp_path):
    path = csv(tmp_path, "path,prompt\nx.mp4,cafe\u0301\n")
    assert read_manifest(path).entries["x.mp4"].prompt_text == "caf\u00e9"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nx.mp4\n", r"list\.csv line 2: no path of a video"),
        ("path\n../x.mp4\n", "the path leaves the folder of the manifest"),
        ("path\n/etc/x.mp4\n", "the path leaves the folder"),
        ("path\nC:\\x.mp4\n", "the path leaves the folder"),
        ("path\n.\n", "the path leaves the folder"),
        ("path\nx.mp4\na.mp4\nx.mp4\n", r"line 4: line 2 lists this video too; seen: x\.mp4"),
        ("path,seed\nx.mp4,1.5\n", "the seed is not a whole number"),
        ("path,fps\nx.mp4,-3\n", "the frame rate is not a positive number"),
        ("path,fps\nx.mp4,nan\n", "the frame rate is not a positive number"),
        ("path,promt\nx.mp4,a cat\n", "misspelt; did you mean prompt"),
        ("path,Seed\nx.mp4,1\n", "misspelt; did you mean seed"),
        ("path,file\nx.mp4,x.mp4\n", "two columns mean the same"),
        ("path,seed\nx.mp4\n", "does not have as many cells as the header"),
        ("path,path\nx.mp4,y.mp4\n", "the name of another"),
        ("", r"list\.csv is empty"),
        ("path\n", r"list\.csv is empty"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        read_manifest(csv(tmp_path, text))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"path": 3}, "no path of a video; seen: 3"),
        ({"path": "a\0b.mp4"}, "no path of a video"),
        ({"path": "x.mp4", "prompt": ["a"]}, "is not text"),
        ({"path": "x.mp4", "id": True}, "is not text"),
        ({"path": "x.mp4", "fps": True}, "not a positive number"),
        ({"path": "x.mp4", "seed": "one"}, "not a whole number"),
    ],
)
def test_json_of_the_wrong_kind_is_named(tmp_path, row, message):
    path = tmp_path / "list.jsonl"
    path.write_text(json.dumps(row) + "\n")
    with pytest.raises(UsageError, match=message):
        read_manifest(path)


def test_an_entry_is_located_below_the_root(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"x")
    entries = read_manifest(csv(tmp_path, "path\nx.mp4\ngone.mp4\n")).entries
    assert locate(entries["x.mp4"], tmp_path).path == tmp_path / "x.mp4"
    gone = locate(entries["gone.mp4"], tmp_path)
    assert (gone.path, gone.problem) == (None, "missing")
