"""CLIP features: equal to transformers' own, the same in any company, and never a stand-in."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers import CLIPModel, CLIPProcessor, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.utils import logging

from bench import registry, weights
from bench.errors import TooFewFrames, Unavailable, UsageError, WeightsMismatch
from bench.features import _clip as clip_module
from bench.features.base import Step
from bench.features.clip import Clip
from bench.videos.read import frames
from support.clips import moving, texture
from support.tiny_clip import SIDE_PX, read_frames, save_tiny_clip

LONG = "the red ball " * 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_clip(tmp_path_factory.mktemp("clip") / "tiny")


@pytest.fixture(scope="module")
def extractor(folder):
    return Clip(model=str(folder))


@pytest.fixture
def copied(folder, tmp_path):
    """A checkpoint that the test may spoil."""
    return shutil.copytree(folder, tmp_path / "copy")


@pytest.fixture
def empty_machine(tmp_path, monkeypatch):
    """No weights anywhere: an empty cache of ours and of Hugging Face."""
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


@pytest.fixture(scope="module")
def trailer_frames():
    """Nine frames of Big Buck Bunny's trailer, spread over it."""
    wanted = range(140, 1300, 140)
    return [frame.frame_HWC for frame in frames(weights.fetch("bbb-trailer"), wanted)]


def embeds(extractor, frames_THWC):
    return extractor.embed([read_frames(extractor, frames_THWC)])[0]["embeds"]


def textures(n, height=60, width=90):
    return np.stack([texture(height, width, seed) for seed in range(n)])


def edit_json(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def reference(folder):
    """Transformers' model and processor, used as its documentation says."""
    logging.disable_progress_bar()
    images = CLIPImageProcessorPil.from_pretrained(folder)
    words = CLIPTokenizer.from_pretrained(folder)
    return CLIPModel.from_pretrained(folder), CLIPProcessor(image_processor=images, tokenizer=words)


def test_frames_and_prompts_equal_those_of_transformers(folder, extractor):
    frames_THWC, prompts = textures(11), ["the red ball", "A Bird, in the sky!", ""]
    model, processor = reference(folder)
    inputs = processor(text=prompts, images=list(frames_THWC), return_tensors="pt", padding=True)
    with torch.inference_mode():
        expected = model(**inputs)
    ours = embeds(extractor, frames_THWC)
    np.testing.assert_allclose(ours, expected.image_embeds.numpy(), atol=2e-6)
    texts = np.stack([made["embed"] for made in extractor.embed_text(prompts)])
    np.testing.assert_allclose(texts, expected.text_embeds.numpy(), atol=2e-6)


def test_real_frames_are_prepared_as_the_processor_prepares_them(trailer_frames):
    processor = CLIPImageProcessorPil()
    for frame_HWC in trailer_frames:
        portrait = np.ascontiguousarray(frame_HWC[:, 300:705])
        for picture in (frame_HWC, portrait, frame_HWC[100:245, 200:301]):
            made = processor(
                images=[picture], return_tensors="np", input_data_format="channels_last"
            )
            ours = clip_module.resize_crop(picture, short_px=224, crop_px=224)
            mean, std = np.float32(processor.image_mean), np.float32(processor.image_std)
            x_HWC = (np.float32(ours * np.float64(1 / 255)) - mean) / std
            np.testing.assert_array_equal(x_HWC.transpose(2, 0, 1), made["pixel_values"][0])


def test_real_frames_are_embedded_as_transformers_embeds_them(trailer_frames, folder, extractor):
    model, processor = reference(folder)
    inputs = processor(images=trailer_frames, return_tensors="pt")
    with torch.inference_mode():
        expected = model.get_image_features(**inputs).pooler_output
    expected = expected / expected.norm(dim=-1, keepdim=True)
    np.testing.assert_allclose(embeds(extractor, trailer_frames), expected.numpy(), atol=2e-6)


def test_yields_unit_vectors_in_float32(extractor):
    made = embeds(extractor, moving(10))
    assert (made.shape, made.dtype) == ((10, 16), np.float32)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1.0, atol=1e-6)
    text = extractor.embed_text(["the red ball"])[0]
    assert (text["embed"].shape, text["embed"].dtype) == ((16,), np.float32)
    assert np.linalg.norm(text["embed"]) == pytest.approx(1.0, abs=1e-6)


def test_a_video_is_the_same_to_the_bit_in_any_company(extractor):
    videos = [moving(n, seed=n) for n in (3, 8, 19)]
    payloads = [read_frames(extractor, video) for video in videos]
    together = extractor.embed(payloads)
    for payload, made in zip(payloads, together, strict=True):
        np.testing.assert_array_equal(made["embeds"], extractor.embed([payload])[0]["embeds"])
    np.testing.assert_array_equal(embeds(extractor, videos[2][:11]), together[2]["embeds"][:11])


def test_a_prompt_is_the_same_to_the_bit_in_any_company(extractor):
    prompts = ["the red ball", LONG, "a bird", ""]
    for prompt, made in zip(prompts, extractor.embed_text(prompts), strict=True):
        np.testing.assert_array_equal(made["embed"], extractor.embed_text([prompt])[0]["embed"])


def test_a_long_prompt_loses_its_end_and_says_so(folder, extractor):
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    ids = tokenizer(LONG, truncation=True, max_length=77, return_tensors="pt")
    with torch.inference_mode():
        expected = reference(folder)[0].get_text_features(**ids).pooler_output[0]
    made = extractor.embed_text([LONG])[0]
    assert (made["n_tokens"].item(), made["n_kept"].item()) == (182, 77)
    np.testing.assert_allclose(made["embed"], expected / expected.norm(), atol=2e-6)


def test_a_short_prompt_is_kept_whole(extractor):
    made = extractor.embed_text(["the red ball"])[0]
    assert made["n_tokens"].item() == made["n_kept"].item() == 5


def test_the_prefix_is_put_before_the_prompt(folder, extractor):
    prefixed = Clip(model=str(folder), prefix="A photo depicts")
    made, whole = prefixed.embed_text(["the red ball"]), "A photo depicts the red ball"
    np.testing.assert_array_equal(made[0]["embed"], extractor.embed_text([whole])[0]["embed"])


def test_settings_say_what_the_numbers_depend_on_and_no_path(folder, extractor):
    made = extractor.settings()
    content = (folder / "model.safetensors").read_bytes()
    assert made["weights_sha256"] == hashlib.sha256(content).hexdigest()
    assert (made["model"], made["short_px"], made["crop_px"]) == ("tiny", SIDE_PX, SIDE_PX)
    assert str(folder.parent) not in json.dumps(made)


def test_whatever_changes_numbers_changes_the_key(folder, tmp_path, extractor):
    other = save_tiny_clip(tmp_path / "tiny", seed=1)
    variants = [
        extractor,
        Clip(model=str(other)),
        Clip(model=str(folder), frames="uniform:8"),
        Clip(model=str(folder), prefix="A photo depicts "),
        Clip(model=str(folder), device="cuda:1"),
    ]
    assert len({variant.key() for variant in variants}) == len(variants)


def test_the_same_files_elsewhere_have_the_same_key(folder, tmp_path, extractor):
    moved = shutil.copytree(folder, tmp_path / "tiny")
    assert Clip(model=str(moved)).key() == extractor.key()


def test_a_changed_file_is_hashed_again(copied):
    before = Clip(model=str(copied)).settings()["config_sha256"]
    edit_json(copied / "config.json", note="changed")
    assert Clip(model=str(copied)).settings()["config_sha256"] != before


def test_is_built_from_a_spec(folder):
    built = registry.build("feature", f"clip:frames=uniform:4,model={folder}")
    assert str(built.sampling) == "uniform:4"
    assert Clip().model == "openai/clip-vit-base-patch32"
    assert Clip(model="l14").model == "openai/clip-vit-large-patch14"


def test_two_extractors_share_the_resize(extractor, folder, monkeypatch):
    calls = []
    real = clip_module.resize_crop
    monkeypatch.setattr(
        clip_module, "resize_crop", lambda *args, **kw: calls.append(1) or real(*args, **kw)
    )
    walks = [e.start(None, "") for e in (extractor, Clip(model=str(folder), prefix="a"))]
    step = Step(index=0, time_s=0.0, frame_HWC=texture(60, 90))
    for walk in walks:
        walk.push(step)
    assert len(calls) == 1


def test_loading_is_silent_and_reaches_no_network(folder, monkeypatch, capfd):
    def refuse(*args):
        raise AssertionError("the network was reached for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    logging.enable_progress_bar()
    Clip(model=str(folder)).embed_text(["a"])
    assert capfd.readouterr() == ("", "")
    assert logging.is_progress_bar_enabled()


def test_settings_load_no_heavy_library(folder):
    code = (
        "import sys; from bench.features.clip import Clip;"
        f"Clip(model={str(folder)!r}).key();"
        "sys.exit(' '.join({'torch', 'transformers', 'av'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.stderr.strip() == ""


@pytest.mark.parametrize(
    ("model", "command"),
    [
        ("b32", "prescreen weights fetch clip-vit-b-32"),
        ("l14", "prescreen weights fetch clip-vit-l-14"),
        ("laion/some-clip", "hf download laion/some-clip"),
    ],
)
def test_missing_weights_are_unavailable_with_the_command(empty_machine, model, command):
    with pytest.raises(Unavailable, match=f"weights are not on this machine.*{command}$"):
        Clip(model=model).settings()


def test_weights_in_the_hugging_face_cache_are_found(empty_machine, folder, extractor):
    repository = empty_machine / "hub" / "models--someone--small-clip"
    shutil.copytree(folder, repository / "snapshots" / "abc123")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc123")
    found = Clip(model="someone/small-clip")
    assert found.settings() == {**extractor.settings(), "model": "someone/small-clip"}


def test_pinned_weights_that_were_fetched_are_found(empty_machine, folder, monkeypatch):
    monkeypatch.setattr(weights, "locate", {"clip-vit-b-32": folder}.__getitem__)
    assert Clip(model="b32").settings()["model"] == "openai/clip-vit-base-patch32"


def test_fetched_weights_that_are_not_the_pinned_ones_are_refused(empty_machine, folder):
    entry = weights.asset("clip-vit-b-32")
    repository = empty_machine / "hub" / f"models--{entry.package.replace('/', '--')}"
    snapshot = shutil.copytree(folder, repository / "snapshots" / entry.version)
    for name in (entry.member, *entry.beside):
        (snapshot / name).touch()
    with pytest.raises(WeightsMismatch, match="is not the pinned one"):
        Clip().settings()


def test_without_transformers_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(Unavailable, match=r"pip install 'prescreen\[clip\]'"):
        Clip(model=str(folder)).settings()


def test_a_pickle_is_loaded_only_where_it_is_pinned(copied, extractor, monkeypatch):
    pickled = copied / "pytorch_model.bin"
    torch.save(load_file(copied / "model.safetensors"), pickled)
    (copied / "model.safetensors").unlink()
    with pytest.raises(WeightsMismatch, match="a pickle, which can run code"):
        Clip(model=str(copied)).embed_text(["a"])
    pin = hashlib.sha256(pickled.read_bytes()).hexdigest()
    entry = weights.asset("clip-vit-b-32")
    pinned = type(entry)(**{**_fields(entry), "sha256": pin})
    monkeypatch.setattr(weights, "assets", lambda: {entry.name: pinned})
    made, expected = (e.embed_text(["a"])[0] for e in (Clip(model=str(copied)), extractor))
    # not to the bit: where the file puts its numbers in memory decides how they are summed
    np.testing.assert_allclose(made["embed"], expected["embed"], atol=1e-6)


def _fields(record):
    return {name: getattr(record, name) for name in type(record).__dataclass_fields__}


def test_absent_weights_are_not_made_up(copied):
    path = copied / "model.safetensors"
    held = load_file(path)
    del held["text_projection.weight"]
    save_file(held, path, metadata={"format": "pt"})
    with pytest.raises(WeightsMismatch, match=r"lacks 1 weights; seen: text_projection\.weight"):
        Clip(model=str(copied)).embed_text(["a"])


def test_weights_without_a_number_are_refused(copied):
    path = copied / "model.safetensors"
    held = load_file(path)
    held["text_projection.weight"].fill_(float("nan"))
    save_file(held, path, metadata={"format": "pt"})
    with pytest.raises(WeightsMismatch, match="a vector without length"):
        Clip(model=str(copied)).embed_text(["a"])


def test_damaged_weights_are_refused(copied):
    (copied / "model.safetensors").write_bytes(b"no weights at all")
    with pytest.raises(WeightsMismatch, match="checkpoint copy is damaged"):
        Clip(model=str(copied)).embed_text(["a"])


@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"]
)
def test_an_incomplete_checkpoint_is_unavailable(copied, name):
    (copied / name).unlink()
    with pytest.raises(Unavailable, match=f"checkpoint lacks {name}; seen: copy$"):
        Clip(model=str(copied)).settings()


def test_another_kind_of_model_is_refused(copied):
    edit_json(copied / "config.json", model_type="siglip")
    with pytest.raises(UsageError, match="copy is no CLIP model; seen: model_type siglip"):
        Clip(model=str(copied)).settings()


def test_a_damaged_config_is_refused(copied):
    (copied / "config.json").write_text("[]")
    with pytest.raises(WeightsMismatch, match=r"config\.json of the CLIP checkpoint is damaged"):
        Clip(model=str(copied)).settings()


@pytest.mark.parametrize(
    "changes",
    [
        {"resample": 2},
        {"do_center_crop": False},
        {"size": {"height": 32, "width": 32}},
        {"crop_size": {"height": 32, "width": 16}},
        {"crop_size": 48},
        {"image_mean": None},
    ],
)
def test_another_preparation_is_refused(copied, changes):
    edit_json(copied / "preprocessor_config.json", **changes)
    with pytest.raises(UsageError, match="prepares its images in another way than CLIP"):
        Clip(model=str(copied)).settings()


def test_both_spellings_of_sizes_mean_the_same(copied, extractor):
    side = {"height": SIDE_PX, "width": SIDE_PX}
    edit_json(copied / "preprocessor_config.json", size={"shortest_edge": SIDE_PX}, crop_size=side)
    assert Clip(model=str(copied)).settings() == {**extractor.settings(), "model": "copy"}


def test_a_processor_file_of_transformers_5_is_read(copied, extractor):
    facts = json.loads((copied / "preprocessor_config.json").read_text())
    (copied / "preprocessor_config.json").unlink()
    (copied / "processor_config.json").write_text(json.dumps({"image_processor": facts}))
    assert Clip(model=str(copied)).settings() == {**extractor.settings(), "model": "copy"}


def test_a_preparation_of_another_size_than_the_model_is_refused(copied):
    edit_json(copied / "preprocessor_config.json", size=40, crop_size=40)
    with pytest.raises(WeightsMismatch, match=r"another size.*seen: 40 px; legal: 32 px"):
        Clip(model=str(copied)).embed_text(["a"])


def test_neither_a_folder_nor_a_hub_id_is_a_usage_error(empty_machine):
    with pytest.raises(UsageError, match="no such folder and no hub id; seen: /no/such/folder"):
        Clip(model="/no/such/folder").settings()


def test_an_unknown_device_is_a_usage_error(folder):
    with pytest.raises(UsageError, match="no such device; seen: gpu"):
        Clip(model=str(folder), device="gpu").embed_text(["a"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_an_absent_device_is_unavailable(folder):
    with pytest.raises(Unavailable, match="no CUDA device; seen: cuda; next: use device=cpu"):
        Clip(model=str(folder), device="cuda").embed_text(["a"])


def test_a_video_without_frames_is_too_short(extractor):
    with pytest.raises(TooFewFrames, match="needs a frame"):
        extractor.start(None, "").finish()
