"""`prescreen extract`: the archive, the exit codes, what is printed."""

import numpy as np
import pytest

from bench.cli.main import run
from support.bad_extractors import COUNTING
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


def test_features_go_to_an_archive(tmp_path, capsys):
    videos = make_folder(tmp_path / "v", 2)
    out = tmp_path / "deep" / "features.npz"
    assert run(["extract", str(videos), "-f", COUNTING, "-o", str(out), "--workers", "1"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{out}: 2 videos, 2 arrays\n"
    assert captured.err == "reading videos: 2 of 2\n"
    with np.load(out) as held:
        assert {name: int(held[name]) for name in held} == {"clip00.mp4/n": 8, "clip01.mp4/n": 8}


def test_several_sources_and_a_broken_file(tmp_path, capsys):
    one, two = make_folder(tmp_path / "a", 1), make_folder(tmp_path / "b", 2)
    (one / "broken\n.mp4").write_bytes(b"no video")
    arguments = ["extract", str(one), str(two / "clip01.mp4"), "-f", COUNTING]
    assert run([*arguments, "-o", str(tmp_path / "x.npz")]) == 4
    captured = capsys.readouterr()
    assert captured.out.endswith("x.npz: 2 videos, 2 arrays\n")
    assert "error   broken\\n.mp4: the file cannot be opened as a video" in captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["v", "-f", COUNTING, "-o", "x.txt"], "the output must be a NumPy archive"),
        (["none", "-f", COUNTING, "-o", "x.npz"], "there are no videos of this name"),
        (["v", "-f", "flou", "-o", "x.npz"], "no feature of this name; did you mean flow?"),
        (["v", "-f", "flow:x=1", "-o", "x.npz"], "the feature flow refuses its options"),
        (["v", "-o", "x.npz"], "Missing option '--feature'"),
        (["-f", COUNTING, "-o", "x.npz"], "Missing argument 'VIDEOS...'"),
    ],
)
def test_misuse_exits_64_and_writes_nothing(tmp_path, monkeypatch, capsys, arguments, message):
    make_folder(tmp_path / "v", 1)
    monkeypatch.chdir(tmp_path)
    assert run(["extract", *arguments]) == 64
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not list(tmp_path.glob("x.*"))


def test_missing_weights_exit_3_with_the_command(tmp_path, capsys):
    make_folder(tmp_path / "v", 1)
    feature = "support.bad_extractors:Absent"
    assert run(["extract", str(tmp_path / "v"), "-f", feature, "-o", str(tmp_path / "x.npz")]) == 3
    assert "next: prescreen weights fetch it" in capsys.readouterr().err
