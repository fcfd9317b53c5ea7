"""`prescreen report`: the page is made again, to the byte, from the folder alone."""

import pytest

from bench.cli.main import run
from bench.runs import REPORT
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


def test_the_page_is_made_again_to_the_byte(tmp_path, capsys):
    videos = make_folder(tmp_path / "videos", 1)
    arguments = ["score", str(videos), "-m", "temporal_flicker", "--run", str(tmp_path / "run")]
    assert run([*arguments, "--workers", "1"]) == 0
    page = tmp_path / "run" / REPORT
    before = page.read_bytes()
    page.unlink()
    (videos / "clip00.mp4").unlink()
    capsys.readouterr()
    assert run(["report", str(tmp_path / "run")]) == 0
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_bytes() == before


def test_what_is_no_run_exits_64_with_one_line(tmp_path, capsys):
    assert run(["report", str(tmp_path)]) == 64
    captured = capsys.readouterr().err
    assert "is not a finished run folder" in captured
    assert captured.count("\n") == 1
