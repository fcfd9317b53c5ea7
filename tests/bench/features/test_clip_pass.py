"""CLIP's way through a video: few crops are alive, and the vectors are those of all at once."""

import weakref

import numpy as np
import pytest

from bench.errors import WeightsMismatch
from bench.features import _clip as clip_module
from bench.features._clip_files import CHUNK
from bench.features._clip_model import Model
from bench.features.clip import Clip
from bench.features.feed import Job, read_shard
from bench.videos.write import write_master
from support.clips import moving
from support.tiny_clip import SIDE_PX, read_frames, save_tiny_clip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_clip(tmp_path_factory.mktemp("clip") / "tiny")


@pytest.mark.parametrize("n", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 3])
def test_the_vectors_are_those_of_all_crops_at_once(folder, n):
    extractor, frames_THWC = Clip(model=str(folder)), moving(n)
    crops = [clip_module.resize_crop(f, short_px=SIDE_PX, crop_px=SIDE_PX) for f in frames_THWC]
    model = Model(extractor._checkpoint, extractor._preparation, "cpu")
    expected = model.embed_frames(np.stack(crops))
    made = read_frames(extractor, frames_THWC)
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, expected)
    (named,) = extractor.embed([made])
    np.testing.assert_array_equal(named["embeds"], expected)


def test_at_most_one_chunk_of_crops_is_alive(folder, monkeypatch):
    made, most = [], []
    real = clip_module.resize_crop

    def watched(*args, **settings):
        crop_HWC = real(*args, **settings)
        made.append(weakref.ref(crop_HWC))
        most.append(sum(crop() is not None for crop in made))
        return crop_HWC

    monkeypatch.setattr(clip_module, "resize_crop", watched)
    read_frames(Clip(model=str(folder)), moving(3 * CHUNK + 2))
    assert len(made) == 3 * CHUNK + 2
    assert max(most) == CHUNK


@pytest.mark.parametrize("n", [2, CHUNK + 1])
def test_a_checkpoint_that_cannot_be_loaded_is_not_the_fault_of_a_video(folder, tmp_path, n):
    broken = save_tiny_clip(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"no weights at all")
    write_master(tmp_path / "clip.mp4", iter(moving(n, 48, 64)), 24)
    job = Job(path=tmp_path / "clip.mp4", sha256="0" * 64, specs=("clip",))
    with pytest.raises(WeightsMismatch, match="checkpoint broken is damaged"):
        read_shard([job], {"clip": Clip(model=str(broken))})
