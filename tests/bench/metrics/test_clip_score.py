"""CLIP score: by hand, against torchmetrics on one checkpoint, its properties, order, refusals."""

import math
import warnings

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import Unavailable
from bench.metrics._cosine import frame_cosines
from bench.metrics.clip_score import ClipScore, scales
from bench.registry import build
from bench.testing import check_docstring, check_metric, clip_of
from bench.types import Prompt
from support.clips import moving, still
from support.tiny_clip import SIDE_PX, clip_record, save_tiny_clip

SEEDS = st.integers(0, 2**32 - 1)
BALL = Prompt(id="p", text="the red ball")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_clip(tmp_path_factory.mktemp("clip") / "tiny")


def text_of(embed, n_tokens=5, n_kept=5):
    return {
        "embed": np.asarray(embed, np.float32),
        "n_tokens": np.array(n_tokens),
        "n_kept": np.array(n_kept),
    }


def scored(embeds_TD, embed=(1.0, 0.0), **tokens):
    return ClipScore().score(clip_record("clip", embeds_TD, text_of(embed, **tokens)))


def numbers(embeds_TD, embed=(1.0, 0.0)):
    return {name: value.value for name, value in scored(embeds_TD, embed).items()}


def test_two_frames_by_hand():
    """Cosines 0.6 and -0.28: mean 0.16; Hessel cuts the second at 0 before the mean."""
    values = scored([(0.6, 0.8), (-0.28, 0.96)])
    assert values["cos"].value == pytest.approx(0.16, rel=1e-12)
    assert values["hessel"].value == pytest.approx(2.5 * 0.6 / 2, rel=1e-12)
    assert values["torchmetrics"].value == pytest.approx(16, rel=1e-12)
    assert values["cos"].series == pytest.approx([0.6, -0.28])
    assert values["hessel"].series is None


def test_below_zero_the_scales_part():
    assert numbers([(-1.0, 0.0), (0.6, 0.8)]) == pytest.approx(
        {"cos": -0.2, "hessel": 0.75, "torchmetrics": 0}
    )


def test_lengths_do_not_matter():
    assert numbers([(6, 8)], (300.0, 0)) == pytest.approx(numbers([(0.6, 0.8)]))


def torchmetrics_score(folder, frames_THWC, text):
    """torchmetrics' functional clip_score on the checkpoint, frame by frame, its mean."""
    from torchmetrics.functional.multimodal import clip_score
    from transformers import CLIPModel, CLIPProcessor, CLIPTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    class AsBefore(CLIPModel):
        """transformers 5 returns records where torchmetrics 1.9 expects the vectors in them."""

        def get_image_features(self, *args, **kwargs):
            return super().get_image_features(*args, **kwargs).pooler_output

        def get_text_features(self, *args, **kwargs):
            return super().get_text_features(*args, **kwargs).pooler_output

    processor = CLIPProcessor(
        CLIPImageProcessorPil.from_pretrained(folder), CLIPTokenizer.from_pretrained(folder)
    )
    model = AsBefore.from_pretrained(folder).eval()
    images = [torch.from_numpy(frame_HWC).permute(2, 0, 1) for frame_HWC in frames_THWC]
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(clip_score(images, [text] * len(images), lambda: (model, processor)))


@pytest.mark.parametrize("size", [(SIDE_PX, SIDE_PX), (48, 75)])
@pytest.mark.parametrize("text", ["the red ball", "A ball, the red."])
def test_it_agrees_with_torchmetrics(folder, size, text):
    frames = moving(5, *size, dx=3)
    metric = ClipScore(model=str(folder))
    clip = clip_of(frames, needs=metric.needs, prompt=Prompt(id="p", text=text))
    expected = torchmetrics_score(folder, frames, text)
    values = metric.score(clip)
    assert values["cos"].value * 100 == pytest.approx(expected, abs=2e-4)
    assert values["torchmetrics"].value == pytest.approx(expected, abs=2e-4)
    assert expected > 1, "below 0 torchmetrics says 0 of any video"


@given(seed=SEEDS, t=st.integers(1, 6), d=st.integers(2, 20))
@settings(deadline=None, max_examples=40)
def test_scales_follow_from_the_cosines(seed, t, d):
    rng = np.random.default_rng(seed)
    x_TD, p_D = rng.normal(size=(t, d)), rng.normal(size=d)
    cosines_T = frame_cosines(x_TD, p_D)
    plain = [float(x @ p_D / math.sqrt((x @ x) * (p_D @ p_D))) for x in x_TD]
    assert cosines_T == pytest.approx(plain, abs=1e-12)
    found = scales(cosines_T)
    assert found["cos"] == pytest.approx(np.mean(plain), abs=1e-12)
    assert found["torchmetrics"] == pytest.approx(max(100 * np.mean(plain), 0), abs=1e-10)
    assert found["hessel"] >= found["torchmetrics"] / 40 - 1e-12
    assert scales(cosines_T[::-1]) == pytest.approx(found), "the order of frames is not seen"
    assert frame_cosines(x_TD, -p_D) == pytest.approx(-cosines_T, abs=1e-12)


@given(seed=SEEDS)
@settings(deadline=None, max_examples=20)
def test_turning_frames_away_from_the_prompt_lowers_it(seed):
    rng = np.random.default_rng(seed)
    p_D = rng.normal(size=8)
    p_D /= np.linalg.norm(p_D)
    away_TD = rng.normal(size=(4, 8))
    away_TD -= (away_TD @ p_D)[:, None] * p_D
    found = [numbers(p_D + mixed * away_TD, p_D)["cos"] for mixed in (0, 0.5, 1, 2, 4)]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(1)


def test_witness_a_frozen_clip_scores_as_its_frame(folder):
    metric = ClipScore(model=str(folder))
    frozen, one = (
        metric.score(clip_of(still(n, 40, 50), needs=metric.needs, prompt=BALL))["cos"].value
        for n in (6, 1)
    )
    assert frozen == pytest.approx(one, abs=1e-6)


def test_options_go_to_the_extractor(folder):
    assert ClipScore().needs == ("clip",)
    assert ClipScore(model="l14", frames="uniform:8").needs == ("clip:frames=uniform:8,model=l14",)
    assert build("metric", "clip_score:prefix=A photo depicts").needs == (
        "clip:prefix=A photo depicts",
    )
    plain, prefixed = (
        ClipScore(model=str(folder), prefix=prefix) for prefix in (None, "A photo depicts")
    )
    frames = moving(3)
    values = [
        m.score(clip_of(frames, needs=m.needs, prompt=BALL))["cos"].value for m in (plain, prefixed)
    ]
    assert values[0] != values[1]


def test_a_prompt_that_was_cut_says_so(folder):
    assert scored([(1.0, 0)], n_tokens=90, n_kept=77)["cos"].reason == (
        "CLIP read 77 of the prompt's 90 tokens"
    )
    assert scored([(1.0, 0)])["cos"].reason == ""
    metric = ClipScore(model=str(folder))
    long = Prompt(id="p", text="the red ball " * 40)
    reason = metric.score(clip_of(moving(2), needs=metric.needs, prompt=long))["hessel"].reason
    assert reason.startswith("CLIP read 77 of the prompt's ")


def test_without_a_prompt_there_is_a_reason_and_no_number():
    values = ClipScore().score(clip_record("clip", [(1.0, 0.0)]))
    assert {name: value.reason for name, value in values.items()} == dict.fromkeys(
        ("cos", "hessel", "torchmetrics"), "the video has no prompt"
    )
    assert all(math.isnan(value.value) for value in values.values())


def test_without_weights_there_is_no_stand_in(private_cache, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(Unavailable, match="prescreen weights fetch clip-vit-b-32"):
        build("feature", ClipScore().needs[0]).key()


def test_it_conforms(folder):
    metric = ClipScore(model=str(folder))
    check_docstring(metric)
    check_metric(metric, clip_of(moving(4), needs=metric.needs, prompt=BALL))
