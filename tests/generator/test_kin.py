"""Weights that presets share: stored once, pinned where they are read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from generator import presets
from generator.adapter import TextAdapter
from generator.cascade import INDEX, Cascade, write_index
from generator.kin import own_tensors, rest_entry, tensors_of, text_path
from generator.store import BadWeights, load_weights, save_weights
from generator.unet import VideoUNet
from support.generator import tiny_preset


@pytest.fixture
def small(monkeypatch):
    """Small networks in all presets."""
    made = {name: tiny_preset(name) for name in ("imagen-video", "imagen", "make-a-video")}
    monkeypatch.setattr(presets, "load", made.__getitem__)
    return made


@pytest.fixture
def folder(tmp_path, small):
    """Imagen whole, its adapter at imagen-video, make-a-video with temporal layers only."""
    torch.manual_seed(0)
    text = TextAdapter(small["imagen"].adapter).state_dict()
    save_weights(tmp_path / "imagen-video" / "text.safetensors", text, {})
    for stage in small["imagen"].stages:
        path = tmp_path / "imagen" / f"{stage.name}.safetensors"
        save_weights(path, VideoUNet(stage.network).state_dict(), {})
    base = small["make-a-video"].stage("base")
    tensors = own_tensors(base, VideoUNet(base.network).state_dict())
    save_weights(tmp_path / "make-a-video" / "base.safetensors", tensors, {})
    for name in ("imagen", "make-a-video"):
        write_index(tmp_path / name, small[name])
    return tmp_path


def test_a_preset_is_put_together_from_the_files_of_others(folder) -> None:
    imagen = Cascade.from_pretrained(folder / "imagen")
    video = Cascade.from_pretrained(folder / "make-a-video")
    assert list(video.stages) == ["base", "ssr1", "ssr2"]
    still = imagen.stages["base"].network.state_dict()
    moving = video.stages["base"].network.state_dict()
    stored = load_weights(folder / "make-a-video" / "base.safetensors").tensors
    assert stored
    assert all("temporal" in name for name in stored)
    for name, value in moving.items():
        assert torch.equal(value, stored[name] if name in stored else still[name])
    for name, value in video.stages["ssr2"].network.state_dict().items():
        assert torch.equal(value, imagen.stages["ssr2"].network.state_dict()[name])
    assert video.stages["ssr1"].config.shared_noise


def test_a_changed_file_of_another_preset_is_refused(folder, small) -> None:
    network = VideoUNet(small["imagen"].stage("base").network)
    save_weights(folder / "imagen" / "base.safetensors", network.state_dict(), {"step": "9"})
    with pytest.raises(BadWeights, match=r"base\.safetensors is not the pinned file"):
        Cascade.from_pretrained(folder / "make-a-video")
    write_index(folder / "make-a-video", small["make-a-video"])
    Cascade.from_pretrained(folder / "make-a-video")


def test_a_missing_kin_is_said(folder, small) -> None:
    (folder / "imagen" / "base.safetensors").unlink()
    with pytest.raises(BadWeights, match=r"base\.safetensors is named by the index and is not"):
        Cascade.from_pretrained(folder / "make-a-video")
    with pytest.raises(FileNotFoundError, match="next: export imagen's base"):
        write_index(folder / "make-a-video", small["make-a-video"])


@pytest.mark.parametrize("preset", ["..", "../elsewhere", "nowhere"])
def test_an_index_cannot_name_another_place(folder, preset) -> None:
    path = folder / "make-a-video" / INDEX
    index = json.loads(path.read_text())
    index["files"]["text"]["preset"] = preset
    path.write_text(json.dumps(index))
    with pytest.raises(BadWeights, match="names a preset that is not known; seen"):
        Cascade.from_pretrained(folder / "make-a-video")


def test_a_file_name_with_folders_stays_in_its_folder(folder) -> None:
    with pytest.raises(BadWeights, match="names a file outside its folder; seen"):
        tensors_of(folder, {"file": "../../x", "sha256": ""})


def test_a_saved_copy_needs_no_other_folder(folder, tmp_path) -> None:
    video = Cascade.from_pretrained(folder / "make-a-video")
    video.save_pretrained(tmp_path / "alone" / "copy")
    again = Cascade.from_pretrained(tmp_path / "alone" / "copy")
    for name, stage in video.stages.items():
        for key, value in stage.network.state_dict().items():
            assert torch.equal(value, again.stages[name].network.state_dict()[key])


def test_whose_text_adapter_and_what_is_stored(tmp_path, small) -> None:
    preset = small["imagen"]
    assert text_path(tmp_path / "imagen", preset) == tmp_path / "imagen-video" / "text.safetensors"
    save_weights(tmp_path / "imagen" / "text.safetensors", {"a": torch.zeros(1)}, {})
    assert text_path(tmp_path / "imagen", preset) == tmp_path / "imagen" / "text.safetensors"
    base = small["make-a-video"].stage("base")
    both = {"a.temporal.b": torch.zeros(1), "c": torch.ones(1)}
    assert list(own_tensors(base, both)) == ["a.temporal.b"]
    assert own_tensors(replace(base, trains="all"), both) == both
    assert rest_entry(tmp_path, base, both) is None
