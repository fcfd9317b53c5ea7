"""One video outside of any run: the same bytes as in a run, and honest where there is none."""

from dataclasses import replace

import pytest

from bench.errors import PrescreenError
from bench.models.constant import Constant
from bench.single import make_one
from bench.videos.read import decode_all, sha256
from support.models import MOODY


def one(spec, prompt, output, **more):
    return make_one(spec, prompt, 3, output, **{"preview": False, "say": print, **more})


def test_the_record_says_what_was_written(tmp_path):
    record = one("constant:frames=5,height=32", "a ball", tmp_path / "a.mp4")
    assert record["outcome"] == "ok"
    assert (record["n_frames"], record["height_px"], record["width_px"]) == (5, 32, 64)
    assert record["sha256"] == sha256(tmp_path / "a.mp4")
    again = one("constant:frames=5,height=32", "a ball", tmp_path / "b.mp4")
    assert (tmp_path / "b.mp4").read_bytes() == (tmp_path / "a.mp4").read_bytes()
    assert again["id"] == record["id"]


def test_a_preview_has_the_same_size_and_other_bytes(tmp_path):
    one("constant", "x", tmp_path / "master.mp4")
    one("constant", "x", tmp_path / "preview.mp4", preview=True)
    assert decode_all(tmp_path / "preview.mp4").shape == (8, 48, 64, 3)
    assert (tmp_path / "preview.mp4").read_bytes() != (tmp_path / "master.mp4").read_bytes()


def test_a_suppressed_video_writes_nothing(tmp_path):
    record = one(MOODY, "forbidden fruit", tmp_path / "a.mp4")
    assert record["outcome"] == "suppressed"
    assert record["details"] == {"filter": {"where": "input", "blocked": True}}
    assert not list(tmp_path.iterdir())


def test_a_failure_is_one_line(tmp_path):
    with pytest.raises(PrescreenError, match="the model failed with RuntimeError: no idea"):
        one(MOODY, "raise", tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_a_model_that_signs_signs_before_the_file_has_its_name(tmp_path, monkeypatch):
    seen = []

    def sign(path):
        seen.append((path.name, (tmp_path / "a.mp4").exists()))
        path.with_name(f"{path.name}.note").write_text(sha256(path))
        return {"mark": "note"}

    plain = Constant.generate
    monkeypatch.setattr(
        Constant, "generate", lambda self, asks: [replace(m, sign=sign) for m in plain(self, asks)]
    )
    record = one("constant", "x", tmp_path / "a.mp4")
    assert seen == [("a.mp4", False)]
    assert record["details"]["provenance"] == {"mark": "note"}
    assert (tmp_path / "a.mp4.note").read_text() == record["sha256"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "a.mp4.note"]
