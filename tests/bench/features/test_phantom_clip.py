"""phantom_clip: the shipped encoder through CLIP's own loading code, and never as CLIP."""

import json
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPModel, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.utils import logging

from bench import weights
from bench.errors import Unavailable, UsageError, WeightsMismatch
from bench.features._clip_files import find_checkpoint, read_preparation
from bench.features.clip import Clip
from bench.features.phantom_clip import PhantomClip
from bench.registry import build
from bench.testing import check_extractor, check_refuses_one_frame, features_of
from support.clips import moving, texture

PROMPTS = ["a red ball on a white background", "two small dragons, 東京 🐉", ""]


@pytest.fixture(scope="module")
def extractor():
    return PhantomClip()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A copy of the shipped folder that a test may spoil, in place of the shipped one."""
    copy = shutil.copytree(weights.locate("phantom-clip"), tmp_path / "generator" / "net")
    one = weights.asset("phantom-clip")
    fields = {name: getattr(one, name) for name in type(one).__dataclass_fields__}
    (copy.parent / "__init__.py").touch()
    package = copy.parent.rename(tmp_path / "elsewhere")
    monkeypatch.syspath_prepend(str(tmp_path))
    moved = type(one)(**{**fields, "installed": "elsewhere/net"})
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(weights, "assets", lambda: {one.name: moved})
    return package / "net"


def test_frames_and_prompts_equal_those_of_transformers(extractor):
    folder = weights.locate("phantom-clip")
    logging.disable_progress_bar()
    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    frames = [texture(24, 40, seed) for seed in range(3)] + [texture(60, 90, 7)]
    pixels = CLIPImageProcessorPil.from_pretrained(folder)(images=frames, return_tensors="pt")
    with torch.inference_mode():
        expected = model.get_image_features(**pixels).pooler_output
        texts = [
            model.get_text_features(**tokenizer(text, return_tensors="pt")).pooler_output[0]
            for text in PROMPTS
        ]
    ours = np.concatenate(
        [features_of(extractor, np.stack([frame] * 2))["embeds"][:1] for frame in frames]
    )
    np.testing.assert_allclose(ours, torch.nn.functional.normalize(expected, dim=-1), atol=1e-5)
    for made, text in zip(extractor.embed_text(PROMPTS), texts, strict=True):
        np.testing.assert_allclose(made["embed"], text / text.norm(), atol=1e-5)


def test_the_whole_frame_is_seen(extractor):
    frames = np.repeat(texture(24, 40)[None], 2, axis=0)
    other = frames.copy()
    other[:, :, :5] = 255  # a centre crop of 24 columns would not show these
    first, second = (features_of(extractor, f)["embeds"] for f in (frames, other))
    assert np.abs(first - second).max() > 0.01


def test_settings_name_the_model_and_its_files_and_no_path(extractor):
    made = extractor.settings()
    assert made["model"] == "phantom-clip"
    assert made["weights_sha256"] == weights.asset("phantom-clip").sha256
    assert (made["resize"], made["short_px"], made["crop_px"]) == ("pillow-bicubic-squeeze", 48, 48)
    assert str(Path(weights.__file__).parent.parent) not in json.dumps(made)
    assert extractor.key().startswith("phantom_clip-1-")


def test_it_is_small_and_loads_without_a_network(monkeypatch):
    def refuse(*args):
        raise AssertionError("the network was reached for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    build("feature", "phantom_clip:frames=uniform:4").embed_text(["a"])
    folder = weights.locate("phantom-clip")
    needed = [weights.asset("phantom-clip").member, *weights.asset("phantom-clip").beside]
    assert sum((folder / name).stat().st_size for name in needed) <= 1_000_000


def test_clip_refuses_the_stand_in():
    folder = weights.locate("phantom-clip")
    with pytest.raises(UsageError, match=r"own and no CLIP.*next: the metric phantom_clip_score"):
        Clip(model=str(folder)).settings()


def test_it_takes_no_other_model():
    with pytest.raises(UsageError, match="phantom_clip refuses its options"):
        build("feature", "phantom_clip:model=b32")


def test_missing_files_say_what_to_do(elsewhere):
    (elsewhere / "tokenizer.json").unlink()
    with pytest.raises(Unavailable, match="next: prescreen weights fetch phantom-clip"):
        PhantomClip().settings()


def test_other_weights_are_refused(elsewhere):
    (elsewhere / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(WeightsMismatch, match="the file of phantom-clip is not the pinned one"):
        PhantomClip().settings()


def test_a_squeeze_to_something_else_than_a_square_is_refused(elsewhere):
    path = elsewhere / "preprocessor_config.json"
    facts = json.loads(path.read_text())
    (elsewhere / "model.safetensors").write_bytes(b"not the shipped one")
    path.write_text(json.dumps({**facts, "size": {"height": 48, "width": 40}}))
    with pytest.raises(UsageError, match="in another way than CLIP"):
        read_preparation(find_checkpoint(str(elsewhere)))


def test_it_conforms(extractor):
    check_extractor(extractor, moving(10, 24, 40))
    check_refuses_one_frame(extractor, moving(3, 24, 40))
