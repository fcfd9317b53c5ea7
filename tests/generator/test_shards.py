"""A team's own clips: tars and folders, videos and images, what is left out and what is refused."""

from __future__ import annotations

import io
import json
import tarfile

import av
import numpy as np
import pytest
import torch
from PIL import Image

from generator.adapter import TextCondition
from generator.data import ClipShape
from generator.shards import ShardSource, decode, find_samples, fitted

SHAPE = ClipShape(n_clips=6, n_frames=3, height_px=24, width_px=40, span=1.0)


def png(level: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 30), (level, level, level)).save(buffer, format="PNG")
    return buffer.getvalue()


def mp4(n: int = 6) -> bytes:
    """Frames of rising brightness."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264rgb", rate=3, options={"crf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for i in range(n):
            frame = np.full((48, 64, 3), 40 * i, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


def members() -> dict[str, bytes]:
    return {
        "a/0001.mp4": mp4(),
        "a/0001.txt": b"it gets brighter\n",
        "a/0002.png": png(90),
        "a/0002.json": json.dumps({"caption": "a grey picture"}).encode(),
        "a/0003.png": png(1),  # no caption
        "a/0004.txt": b"no clip",
        "a/0005.png": png(1),
        "a/0005.json": b"{not json",
    }


def encode(captions):
    return TextCondition(
        vector_NP=torch.arange(float(len(captions)))[:, None],
        slots_NSD=torch.zeros(len(captions), 1, 1),
    )


@pytest.fixture(params=["tar", "folder", "folder of tars"])
def source(request, tmp_path):
    if request.param == "folder":
        for name, data in members().items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        return tmp_path
    with tarfile.open(tmp_path / "000.tar", "w") as tar:
        for name, data in members().items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return tmp_path / "000.tar" if request.param == "tar" else tmp_path


def test_samples_are_found_and_the_rest_is_counted(source) -> None:
    samples, left_out = find_samples(source)
    assert [(s.suffix, s.caption) for s in samples] == [
        ("mp4", "it gets brighter"),
        ("png", "a grey picture"),
    ]
    assert left_out == 3


def test_batches_show_the_clips_at_their_instants(source) -> None:
    clips = ShardSource(source, encode).batch(SHAPE, np.random.default_rng(1))
    assert clips.frames_NTHWC.shape == (6, 3, 24, 40, 3)
    assert set(clips.rows_N) == {0, 1}
    for row, frames in zip(clips.rows_N, clips.frames_NTHWC, strict=True):
        # six frames of 40 i at shares 0, 1/3, 2/3; a picture stands still
        wanted = [0, 80, 160] if row == 0 else [90] * 3
        assert frames.mean(axis=(1, 2, 3)) == pytest.approx(wanted, abs=1)


def test_the_same_seed_gives_the_same_batch(source) -> None:
    made = ShardSource(source, encode)
    a, b = (made.batch(SHAPE, np.random.default_rng(5)).frames_NTHWC for _ in range(2))
    assert np.array_equal(a, b)


def test_frames_are_cut_in_the_middle_to_the_wanted_ratio() -> None:
    wide = np.zeros((1, 20, 90, 3), np.uint8)
    wide[:, :, 35:55] = 200
    assert fitted(wide, 10, 10).min() == 200
    tall = np.zeros((1, 90, 20, 3), np.uint8)
    tall[:, 35:55] = 200
    assert fitted(tall, 40, 40).min() == 200


def test_nothing_usable_is_refused(tmp_path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(ValueError, match=r"no clip with a caption in .*; seen: 1 names"):
        find_samples(tmp_path)
    (tmp_path / "bad.tar").write_bytes(b"x" * 2000)
    with pytest.raises(ValueError, match=r"bad\.tar is not a whole tar"):
        find_samples(tmp_path / "bad.tar")


@pytest.mark.parametrize("name", ["k.png", "k.mp4"])
def test_a_clip_that_cannot_be_read_names_itself(tmp_path, name) -> None:
    (tmp_path / name).write_bytes(b"not a clip")
    (tmp_path / "k.txt").write_text("caption")
    samples, _ = find_samples(tmp_path)
    with pytest.raises(ValueError, match=r"cannot read the (png|mp4) in .*k\."):
        decode(samples[0])
