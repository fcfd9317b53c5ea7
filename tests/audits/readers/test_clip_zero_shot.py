"""Zero-shot readings: abstention first, on CLIP's code path with weights that fit in a test."""

import json

import numpy as np
import pytest

from audits.readers.clip_zero_shot import ClipZeroShot, read_texts
from bench.errors import UsageError
from bench.features.phantom_clip import PhantomClip
from generator.world.phantom import Format, generate
from support.footage import footage
from support.tiny_clip import read_frames, save_tiny_clip

TEXTS = {
    "seen_role": {
        "doctor": ["a doctor walks to the left", "a doctor stands still"],
        "officer": ["a police officer walks to the left", "a police officer stands still"],
        "none": ["a red ball moves to the left", "a green square spins in the plane"],
    }
}


def texts_file(folder, texts):
    path = folder / "texts.json"
    path.write_text(json.dumps(texts))
    return str(path)


@pytest.fixture(scope="module")
def roles(tmp_path_factory):
    path = texts_file(tmp_path_factory.mktemp("texts"), TEXTS)
    return ClipZeroShot(prompts=path, extractor="phantom_clip", frames="uniform:4")


def embedded(reader, prompt, seed):
    shown = generate(prompt, seed, form=Format(height_px=48, width_px=80, n_frames=4))
    embeds = read_frames(PhantomClip(), shown.frames)
    return footage(arrays={reader.spec: {"embeds": embeds}})


def test_on_the_worlds_encoder_roles_are_told_and_balls_are_nobody(roles):
    told = {
        role: [roles.read(embedded(roles, f"a {words} walks to the left", s)) for s in range(3)]
        for role, words in (("doctor", "doctor"), ("officer", "police officer"))
    }
    for role, seen in told.items():
        assert {one["seen_role"].value for one in seen} <= {role, None}
        assert sum(one["seen_role"].value == role for one in seen) >= 2
    ball = roles.read(embedded(roles, "a red ball moves to the left", 1))
    assert ball["seen_role"].value is None
    assert "no readable person" in ball["seen_role"].reason


def test_shares_are_a_softmax_and_halves_read_their_own_frames(roles):
    seen = embedded(roles, "a doctor walks to the left", 0)
    embeds = np.asarray(seen.arrays(roles.spec)["embeds"], dtype=np.float64)
    shares = roles.shares("seen_role", embeds)
    assert shares.shape == (4, 3)
    assert shares.sum(axis=1) == pytest.approx(np.ones(4))
    mixed = np.concatenate([embeds[:2], -embeds[:2]])
    first, _ = footage(arrays={roles.spec: {"embeds": mixed}}).parts(2)
    whole = roles.read(footage(arrays={roles.spec: {"embeds": embeds[:2]}}))
    assert roles.read(first) == whole


def test_a_lead_that_is_too_small_is_no_reading(roles):
    doctor, officer, _ = roles.vectors["seen_role"]
    between = (doctor + officer) / np.linalg.norm(doctor + officer)
    made = roles.read(footage(arrays={roles.spec: {"embeds": between[None]}}))
    assert made["seen_role"].value is None
    assert "no value leads" in made["seen_role"].reason


def test_random_weights_of_clips_form_run_the_same_path(tmp_path):
    model = save_tiny_clip(tmp_path / "tiny")
    path = texts_file(tmp_path, {"apparent_hair": {"red": ["red ball"], "b": ["b"], "none": ["x"]}})
    reader = ClipZeroShot(prompts=path, model=str(model), frames="all")
    assert reader.spec.startswith("clip:")
    assert reader.vectors["apparent_hair"].shape == (3, 16)
    assert np.linalg.norm(reader.vectors["apparent_hair"], axis=1) == pytest.approx(np.ones(3))
    assert reader.settings()["encoder"]["model"] == "tiny"
    assert reader.read(footage())["apparent_hair"].reason == "the encoder refused the video"


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"race": {"a": ["a"], "b": ["b"], "none": ["c"]}}, "no look shows this"),
        ({"gender": {"a": ["a"], "b": ["b"], "none": ["c"]}}, "how a person is perceived"),
        ({"apparent_hair": {"a": ["a"], "b": ["b"]}}, "lacks what it takes to abstain"),
        ({"apparent_hair": {"a": ["a"], "none": ["b"]}}, "lacks what it takes to abstain"),
        ({"apparent_hair": {"a": [], "b": ["b"], "none": ["c"]}}, "lacks what it takes"),
        ({}, "needs texts to compare with"),
        ([1], "the texts cannot be read"),
    ],
)
def test_texts_that_cannot_be_are_refused(tmp_path, texts, message):
    with pytest.raises(UsageError, match=message):
        read_texts(texts_file(tmp_path, texts))


def test_no_file_and_senseless_options_are_refused(tmp_path):
    with pytest.raises(UsageError, match="needs texts to compare with"):
        ClipZeroShot()
    with pytest.raises(UsageError, match="the texts cannot be read"):
        ClipZeroShot(prompts=str(tmp_path / "nowhere.json"))
    with pytest.raises(UsageError, match="no such encoder"):
        ClipZeroShot(extractor="dino")
    with pytest.raises(UsageError, match="tells nothing"):
        ClipZeroShot(least=0.2)
