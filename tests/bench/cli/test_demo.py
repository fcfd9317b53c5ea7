"""`prescreen demo damage`: its table's text, and the command end to end on a small made-up film."""

import numpy as np
import pytest

from bench import demo, weights
from bench.cli._demo_table import demo_lines
from bench.cli.main import run
from bench.demo import Cell
from bench.videos.read import decode_all
from bench.videos.write import write_master
from support.clips import texture

LIGHT = ("sharpness", "degenerate", "temporal_flicker")
FRAMES = 26
"""Of each shot: room for one clip of 16 and its margins."""


def cell(value, change="", *, expected=False, low=None, high=None, mostly_vetoed=False):
    return Cell(
        value=value,
        low=low,
        high=high,
        mostly_vetoed=mostly_vetoed,
        change=change,
        expected=expected,
    )


def test_the_table_marks_what_was_expected_and_what_was_seen():
    cells = {
        "fvd.fvd": {
            "candidate": cell(15.0, low=10.0, high=20.0),
            "blur": cell(50.0, "worse", expected=True, low=40.0, high=60.0),
            "noise": cell(16.0, expected=True, low=11.0, high=21.0),
        },
        "sharpness.sharpness": {
            "candidate": cell(3.0),
            "blur": cell(1.0, "worse", mostly_vetoed=True),
            "noise": cell(None),
        },
    }
    lines, seen = demo_lines(cells)
    assert [line.split("  ")[0] for line in lines[:3]] == [
        "metric",
        "fvd.fvd",
        "sharpness.sharpness",
    ]
    assert "real clips" in lines[0]
    assert "50 [40, 60] worse ✓" in lines[1]
    assert lines[1].endswith("16 [11, 21] ✗")
    assert "1* worse" in lines[2]
    assert lines[2].endswith("–")
    assert lines[-1] == "1 of 2 expected damages were seen"
    assert not seen
    cells["fvd.fvd"]["noise"] = cell(60.0, "worse", expected=True)
    assert demo_lines(cells)[1]


@pytest.fixture
def film(private_cache, tmp_path, monkeypatch):
    """Eight shots of different textures and motions, as the film that the demo fetches."""
    shots = []
    for i in range(8):
        big = texture(90 + FRAMES, 160 + 2 * FRAMES, seed=i, scale=1.5)
        big = big // 2 + np.roll(np.array([0, 60, 120], np.uint8), i)
        shots += [big[t : t + 90, 2 * t : 2 * t + 160] for t in range(FRAMES)]
    path = tmp_path / "film.mp4"
    write_master(path, iter(shots), 24)
    monkeypatch.setattr(weights, "fetch", lambda name: path if name == demo.FILM else None)
    monkeypatch.setattr(demo, "METRICS", LIGHT)
    monkeypatch.setattr(demo, "HEIGHT_PX", 54)
    monkeypatch.setattr(demo, "WIDTH_PX", 96)
    return path


def test_the_command_end_to_end(film, private_cache, tmp_path, capsys):
    out = tmp_path / "out"
    code = run(["demo", "damage", "--out", str(out), "--workers", "1"])
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[:2] == ["== fetching the film (once)", "== finding the film's shots"]
    assert "== cutting 8 clips of 16 frames and damaging copies" in lines
    (sharp,) = [line for line in lines if line.startswith("sharpness.sharpness")]
    assert sharp.count("worse ✓") == 1
    (flicker,) = [line for line in lines if line.startswith("temporal_flicker.compensated")]
    assert "worse ✓" in flicker
    total = next(line for line in lines if "expected damages" in line)
    seen, n_expected = int(total.split()[0]), int(total.split()[2])
    assert n_expected == 4
    assert code == (0 if seen == n_expected else 1)
    reports = [line for line in lines if line.startswith("report")]
    assert len(reports) == 4
    assert len(list(out.glob("*/7-report/index.html"))) == 4

    clips = private_cache / f"demo-{demo.VERSION}"
    assert len(list(clips.glob("reference/*.mp4"))) == 4
    assert len(list(clips.glob("candidate/*.mp4"))) == 4
    first = sorted(clips.glob("candidate/*.mp4"))[0]
    assert decode_all(first).shape == (16, 54, 96, 3)
    assert not list(private_cache.glob(".demo-*"))

    assert run(["demo", "damage", "--out", str(out)]) == code
    again = capsys.readouterr().out.splitlines()
    assert again[0] == "== scoring candidate"
    assert [line for line in again if "==" not in line] == [x for x in lines if "==" not in x]


def test_without_the_film_the_demo_says_how_to_get_it(private_cache, tmp_path, capsys, monkeypatch):
    from bench.errors import Unavailable

    def refuse(name):
        raise Unavailable("no index", then=f"prescreen weights fetch {name}")

    monkeypatch.setattr(weights, "fetch", refuse)
    assert run(["demo", "damage", "--out", str(tmp_path / "out")]) == 3
    assert "next: prescreen weights fetch bbb-film" in capsys.readouterr().err
    assert not (private_cache / f"demo-{demo.VERSION}").exists()
