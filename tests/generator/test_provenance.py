"""The hook for marks and signatures: called for every file, and never after it has its name."""

from __future__ import annotations

import json

import numpy as np
import pytest

from generator.provenance import (
    NO_MARK,
    Origin,
    Sidecar,
    marked_frames,
    sha256_text,
    verify_sidecar,
    write_marked,
)

FRAMES = np.full((2, 4, 4, 3), 7, np.uint8)
ORIGIN = Origin(model="abc", prompt_sha256=sha256_text("a red ball"), seed=3)


def encode(path, frames, fps) -> None:
    path.write_bytes(np.stack(list(frames)).tobytes())


class Flip:
    """Turns every level round."""

    name, version = "flip", "2"

    def mark_frames(self, frames_THWC, origin):
        return 255 - frames_THWC

    def sign(self, path, origin):
        return None


def test_without_a_mark_the_file_is_as_encoded(tmp_path) -> None:
    path = tmp_path / "deep" / "a.mp4"
    done = write_marked(path, iter(FRAMES), 3.0, ORIGIN, encode=encode)
    assert path.read_bytes() == FRAMES.tobytes()
    assert done == {"mark": "none", "version": "1"}
    assert [p.name for p in path.parent.iterdir()] == ["a.mp4"]


def test_a_watermark_is_in_the_encoded_frames_once(tmp_path) -> None:
    path = tmp_path / "a.mp4"
    write_marked(path, FRAMES, 3.0, ORIGIN, encode=encode, mark=Flip())
    assert path.read_bytes() == (255 - FRAMES).tobytes()
    write_marked(path, 255 - FRAMES, 3.0, ORIGIN, encode=encode, mark=Flip(), marked=True)
    assert path.read_bytes() == (255 - FRAMES).tobytes()


def test_the_sidecar_says_where_a_video_comes_from(tmp_path) -> None:
    path = tmp_path / "a.mp4"
    done = write_marked(path, FRAMES, 3.0, ORIGIN, encode=encode, mark=Sidecar())
    note = verify_sidecar(path)
    assert note["sha256"] == done["sha256"]
    assert (note["model"], note["seed"], note["ai_generated"]) == ("abc", 3, True)
    assert "red ball" not in (tmp_path / "a.mp4.json").read_text()


def test_a_changed_file_fits_its_sidecar_no_more(tmp_path) -> None:
    path = tmp_path / "a.mp4"
    write_marked(path, FRAMES, 3.0, ORIGIN, encode=encode, mark=Sidecar())
    path.write_bytes(path.read_bytes() + b"x")
    assert verify_sidecar(path) is None


@pytest.mark.parametrize("text", [None, "", "[1]", "{}", "\x00"])
def test_a_lost_or_broken_sidecar_proves_nothing(tmp_path, text) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"video")
    if text is not None:
        (tmp_path / "a.mp4.json").write_text(text)
    assert verify_sidecar(path) is None


def test_no_file_of_that_name_is_there_before_it_is_signed(tmp_path) -> None:
    path = tmp_path / "a.mp4"
    seen = []

    class Watching(Sidecar):
        name = "watching"

        def sign(self, path_, origin):
            seen.append((path_.name, path_.exists(), path.exists()))
            return super().sign(path_, origin)

    write_marked(path, FRAMES, 3.0, ORIGIN, encode=encode, mark=Watching())
    assert seen == [("a.mp4", True, False)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "a.mp4.json"]


def test_a_signature_that_fails_leaves_no_video(tmp_path) -> None:
    class Failing(Sidecar):
        def sign(self, path, origin):
            raise OSError("no key")

    with pytest.raises(OSError, match="no key"):
        write_marked(tmp_path / "a.mp4", FRAMES, 3.0, ORIGIN, encode=encode, mark=Failing())
    assert list(tmp_path.iterdir()) == []


def test_a_mark_keeps_the_frames_shape() -> None:
    class Cutting(Flip):
        def mark_frames(self, frames_THWC, origin):
            return frames_THWC[1:]

    with pytest.raises(ValueError, match="the mark flip changed the frames; seen: "):
        marked_frames(Cutting(), FRAMES, ORIGIN)
    assert marked_frames(NO_MARK, FRAMES, ORIGIN) is FRAMES


def test_any_text_has_a_hash() -> None:
    assert sha256_text("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert len(sha256_text("\ud800")) == 64


def test_the_sidecar_is_plain_json(tmp_path) -> None:
    write_marked(tmp_path / "a.mp4", FRAMES, 3.0, ORIGIN, encode=encode, mark=Sidecar())
    note = json.loads((tmp_path / "a.mp4.json").read_text())
    assert set(note) == {
        "format",
        "ai_generated",
        "sha256",
        "model",
        "prompt_sha256",
        "seed",
        "guard",
        "suppressed",
    }
