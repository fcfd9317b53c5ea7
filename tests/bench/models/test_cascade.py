"""The reference cascade as a model: conformance on small networks, its options, its weights."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from bench.errors import Unavailable, UsageError
from bench.models.base import Ask, load_model
from bench.testing import check_model
from generator.adapter import TextAdapter
from generator.cascade import Cascade
from generator.presets import load
from generator.stage import Stage
from generator.unet import VideoUNet
from support.models import ASK


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A folder with an adapter and a base of the shipped shape, untrained."""
    folder = tmp_path_factory.mktemp("weights")
    preset = load("imagen-video")
    stage = preset.stage("base")
    cascade = Cascade(
        preset, TextAdapter(preset.adapter), {"base": Stage(stage, VideoUNet(stage.network))}
    )
    cascade.save_pretrained(folder)
    return folder


def test_it_conforms_and_a_batch_does_not_matter(weights):
    model = load_model(f"cascade:weights={weights},steps=1,guidance=0")
    check_model(model)
    one, two = model.generate([ASK, Ask(prompt="two blue stars", seed=9)])
    assert one.frames.shape == (16, 24, 40, 3)
    assert one.fps == 3
    again = model.generate([Ask(prompt="two blue stars", seed=9)])[0]
    assert np.array_equal(two.frames, again.frames)
    assert not np.array_equal(one.frames, two.frames)


def test_progress_can_be_watched(weights):
    model = load_model(f"cascade:weights={weights},steps=2,guidance=0")
    seen = []
    model.watch = lambda progress: seen.append((progress.stage, progress.step))
    model.generate([ASK])
    assert seen == [("base", 1), ("base", 2)]


def test_the_fingerprint_pins_the_weights_that_take_part(weights):
    fields = load_model(f"cascade:weights={weights}").fingerprint()
    assert sorted(fields["weights"]) == ["base", "text"]
    index = json.loads((weights / "cascade.json").read_text())
    assert fields["weights"]["base"]["sha256"] == index["files"]["base"]["sha256"]
    other = load_model(f"cascade:weights={weights},steps=3").fingerprint()
    assert other != fields


def test_the_shipped_presets_are_found_by_name():
    fields = load_model("cascade").fingerprint()
    assert fields["preset"] == "imagen-video"
    assert "base" in fields["weights"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("stage=huge", "the option stage cannot be"),
        ("preset=sora", "the option preset cannot be"),
        ("variant=pupil", "the option variant cannot be"),
        ("sampler=euler", "the option sampler cannot be"),
        ("steps=0", "the option steps cannot be"),
        ("guidance=-1", "the option guidance cannot be"),
        ("size=4", "refuses its options"),
    ],
)
def test_what_cannot_be_is_refused(option, message):
    with pytest.raises(UsageError, match=message):
        load_model(f"cascade:{option}").fingerprint()


def test_a_stage_without_weights_names_those_that_have_some(weights):
    with pytest.raises(UsageError, match=r"needs weights of tsr1.*next: --stage base"):
        load_model(f"cascade:weights={weights},stage=tsr1").fingerprint()


def test_a_folder_without_weights_says_how_to_get_them(tmp_path):
    with pytest.raises(Unavailable, match=r"generator\.train"):
        load_model(f"cascade:weights={tmp_path}").fingerprint()


def test_tampered_weights_are_refused(weights, tmp_path):
    for path in weights.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    data = bytearray((tmp_path / "base.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "base.safetensors").write_bytes(bytes(data))
    with pytest.raises(Unavailable, match="the cascade cannot be loaded"):
        load_model(f"cascade:weights={tmp_path}").generate([ASK])


@pytest.fixture(scope="module")
def goes_on(tmp_path_factory):
    """A folder with an untrained base of make-a-video, which can go on from an image."""
    folder = tmp_path_factory.mktemp("goes_on")
    preset = load("make-a-video")
    stage = preset.stage("base")
    network = VideoUNet(stage.network)
    Cascade(preset, TextAdapter(preset.adapter), {"base": Stage(stage, network)}).save_pretrained(
        folder
    )
    return folder


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("picture") / "first.png"
    Image.new("RGB", (400, 240), (200, 30, 40)).save(path)
    return path


@pytest.mark.parametrize("prompt", ["", "a red ball"])
def test_a_video_goes_on_from_an_image(goes_on, picture, prompt):
    spec = f"cascade:weights={goes_on},steps=1"
    model = load_model(f"{spec},image={picture}")
    frames = model.generate([Ask(prompt=prompt, seed=1)])[0].frames
    assert frames.shape == (16, 24, 40, 3)
    assert (frames[0] == (200, 30, 40)).all()
    assert not (frames[1] == (200, 30, 40)).all()
    assert model.fingerprint()["image"] == hashlib.sha256(picture.read_bytes()).hexdigest()
    assert "image" not in load_model(spec).fingerprint()


def test_only_a_base_that_learned_it_takes_an_image(weights, picture):
    model = load_model(f"cascade:weights={weights},image={picture}")
    with pytest.raises(UsageError, match="does not go on from an image; seen: imagen-video"):
        model.fingerprint()


def test_an_image_may_come_without_words(goes_on, picture):
    spec = f"cascade:weights={goes_on}"
    assert load_model(spec).remarks([""])
    assert not load_model(f"{spec},image={picture}").remarks([""])
    assert load_model(f"{spec},image={picture}").remarks(["", "quantum soup"])
