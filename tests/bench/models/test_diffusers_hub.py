"""Pipelines of diffusers as models: a tiny one built here, saved, loaded and asked."""

import json

import numpy as np
import pytest

from bench.errors import Unavailable, UsageError
from bench.models.base import load_model
from bench.testing import check_model
from support.models import ASK


def tokenizer(folder):
    """CLIP's tokenizer over single bytes, which needs no vocabulary of anyone's."""
    from transformers import CLIPTokenizer

    letters = [chr(code) for code in range(33, 127)]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{c}</w>" for c in letters)]
    (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    made = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    made.model_max_length = 16
    return made, len(words)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """A folder with a pipeline of a few thousand weights."""
    import torch
    from diffusers import (
        AutoencoderKL,
        DDIMScheduler,
        TextToVideoSDPipeline,
        UNet3DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    words, n_words = tokenizer(tmp_path_factory.mktemp("words"))
    text = CLIPTextConfig(
        vocab_size=n_words,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=16,
    )
    unet = UNet3DConditionModel(
        block_out_channels=(4, 8),
        layers_per_block=1,
        sample_size=8,
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
        cross_attention_dim=16,
        attention_head_dim=4,
        norm_num_groups=2,
    )
    vae = AutoencoderKL(block_out_channels=(8,), norm_num_groups=2, sample_size=16)
    folder = tmp_path_factory.mktemp("pipeline")
    TextToVideoSDPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(text),
        tokenizer=words,
        unet=unet,
        scheduler=DDIMScheduler(),
    ).save_pretrained(folder)
    return folder


def test_a_pipeline_conforms_and_gives_frames(pipeline):
    model = load_model(f"diffusers_hub:repo={pipeline},frames=2,height=16,width=16,steps=1,fps=5")
    check_model(model)
    made = model.generate([ASK])[0]
    assert made.frames.shape == (2, 16, 16, 3)
    assert made.fps == 5
    assert np.ptp(made.frames) > 0


def test_the_fingerprint_holds_every_file_and_the_call(pipeline, tmp_path):
    fields = load_model(f"diffusers_hub:repo={pipeline},steps=3").fingerprint()
    assert fields["call"] == {"num_inference_steps": 3}
    (tmp_path / "model_index.json").write_text("{}")
    one = load_model(f"diffusers_hub:repo={tmp_path}").fingerprint()["weights"]
    (tmp_path / "model_index.json").write_text("{ }")
    assert load_model(f"diffusers_hub:repo={tmp_path}").fingerprint()["weights"] != one


def test_a_repository_needs_a_commit():
    with pytest.raises(UsageError, match="named with its commit"):
        load_model("diffusers_hub:repo=a/b,revision=main").fingerprint()
    commit = "0" * 40
    fields = load_model(f"diffusers_hub:repo=a/b,revision={commit}").fingerprint()
    assert fields["weights"] == commit


def test_a_folder_without_a_pipeline_is_unavailable(tmp_path):
    with pytest.raises(Unavailable, match="the pipeline cannot be loaded"):
        load_model(f"diffusers_hub:repo={tmp_path}").generate([ASK])
