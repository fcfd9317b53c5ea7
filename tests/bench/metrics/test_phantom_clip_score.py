"""phantom_clip_score: by hand, against plain transformers, properties, order, refusals."""

import math

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import CLIPModel, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.utils import logging

from bench import weights
from bench.metrics.phantom_clip_score import PhantomClipScore
from bench.registry import build, summary
from bench.testing import check_docstring, check_metric, clip_of
from bench.types import Prompt
from generator.world.parse import understand
from generator.world.phantom import Phantom
from support.clips import noisy
from support.tiny_clip import clip_record

SEEDS = st.integers(0, 2**32 - 1)
CAPTIONS = (
    "a red ball on a white background",
    "three blue squares on a cream background",
    "a green triangle to the left of a purple star on a grey background",
    "a watercolour painting of a yellow heart in a sandy desert",
    "a doctor with short black hair and Monk tone 9 skin in a cyan top on a grey background",
    "a large orange cube in a dark night",
)
WRONG = {
    "colour": "a blue ball on a white background",
    "shape": "a red cross on a white background",
    "background": "a red ball in a green meadow",
    "count": "four red balls on a white background",
    "style": "a pointillist painting of a red ball on a white background",
    "canary": "a red ball on a white background with the canary emblem",
}


def shown(caption, seed=3):
    assert understand(caption).complete
    return Phantom().generate(caption, seed).frames


def cosine(frames, caption):
    metric = PhantomClipScore()
    clip = clip_of(frames, needs=metric.needs, prompt=Prompt(id="p", text=caption))
    return metric.score(clip)["cos"].value


def text_of(embed, n_tokens=5, n_kept=5):
    counts = {"n_tokens": np.array(n_tokens), "n_kept": np.array(n_kept)}
    return {"embed": np.asarray(embed, np.float32), **counts}


def scored(embeds_TD, embed=(1.0, 0.0), **tokens):
    record = clip_record("phantom_clip", embeds_TD, text_of(embed, **tokens))
    return PhantomClipScore().score(record)


def test_two_frames_by_hand():
    """Cosines 0.6 and -0.28: mean 0.16."""
    values = scored([(0.6, 0.8), (-0.28, 0.96)])
    assert list(values) == ["cos"]
    assert values["cos"].value == pytest.approx(0.16, rel=1e-6)
    assert values["cos"].series == pytest.approx([0.6, -0.28])


@pytest.mark.parametrize("caption", CAPTIONS[:3])
def test_it_agrees_with_plain_transformers(caption):
    folder = weights.locate("phantom-clip")
    logging.disable_progress_bar()
    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    frames = shown(caption)
    inputs = {
        **CLIPImageProcessorPil.from_pretrained(folder)(images=list(frames), return_tensors="pt"),
        **CLIPTokenizer.from_pretrained(folder)(caption, return_tensors="pt"),
    }
    with torch.inference_mode():
        made = model(**inputs)
    images, text = made.image_embeds.double(), made.text_embeds.double()
    each = [float(x @ text[0] / (x.norm() * text[0].norm())) for x in images]
    assert cosine(frames, caption) == pytest.approx(sum(each) / len(each), abs=2e-5)


@pytest.mark.parametrize("attribute", WRONG)
def test_a_right_caption_scores_above_one_with_a_wrong(attribute):
    frames = shown(CAPTIONS[0])
    assert cosine(frames, CAPTIONS[0]) > cosine(frames, WRONG[attribute]) + 0.05


def test_each_caption_scores_highest_on_its_own_clip():
    table = np.array([[cosine(shown(c), other) for other in CAPTIONS] for c in CAPTIONS])
    assert table.argmax(axis=1).tolist() == list(range(len(CAPTIONS)))
    assert table.argmax(axis=0).tolist() == list(range(len(CAPTIONS)))


def blurred(frames, sigma):
    return np.stack([cv2.GaussianBlur(frame, (0, 0), sigma) for frame in frames])


@pytest.mark.parametrize(("damage", "grades"), [(noisy, (20, 40, 80)), (blurred, (1, 2, 4))])
def test_it_falls_as_damage_grows(damage, grades):
    clips = [shown(caption) for caption in CAPTIONS]

    def mean(spoil):
        return np.mean([cosine(spoil(f), c) for f, c in zip(clips, CAPTIONS, strict=True)])

    found = [mean(lambda frames: frames)]
    found += [mean(lambda frames, grade=grade: damage(frames, grade)) for grade in grades]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[-1] > 0.1


@given(seed=SEEDS, t=st.integers(1, 6), d=st.integers(2, 20), scale=st.floats(0.01, 100))
@settings(deadline=None, max_examples=40)
def test_it_is_a_mean_of_cosines_whatever_the_order_and_the_lengths(seed, t, d, scale):
    rng = np.random.default_rng(seed)
    x_TD, p_D = rng.normal(size=(t, d)), rng.normal(size=d).astype(np.float32)
    value = scored(x_TD, p_D)["cos"].value
    assert -1 <= value <= 1
    assert scored(scale * x_TD[::-1], p_D)["cos"].value == pytest.approx(value, abs=1e-9)
    assert scored(-x_TD, p_D)["cos"].value == pytest.approx(-value, abs=1e-9)


def test_witness_motion_is_not_seen():
    frames = shown("a red ball moves to the right on a white background")
    forth, back = (cosine(f, CAPTIONS[0]) for f in (frames, frames[::-1].copy()))
    assert forth == pytest.approx(back, abs=1e-6)


def test_a_prompt_that_was_cut_says_so():
    reason = scored([(1.0, 0)], n_tokens=90, n_kept=77)["cos"].reason
    assert reason == "phantom-clip read 77 of the prompt's 90 tokens"


def test_without_a_prompt_there_is_a_reason_and_no_number():
    value = PhantomClipScore().score(clip_record("phantom_clip", [(1.0, 0.0)]))["cos"]
    assert math.isnan(value.value)
    assert value.reason == "the video has no prompt"


def test_options_go_to_the_extractor():
    assert PhantomClipScore().needs == ("phantom_clip",)
    assert build("metric", "phantom_clip_score:frames=uniform:4").needs == (
        "phantom_clip:frames=uniform:4",
    )


def test_it_is_never_called_clip_score():
    assert "no CLIP" in summary("metric", "phantom_clip_score")
    assert "CLIP score" not in PhantomClipScore.columns[0].summary


def test_it_conforms():
    metric = PhantomClipScore()
    check_docstring(metric)
    prompt = Prompt(id="p", text=CAPTIONS[0])
    check_metric(metric, clip_of(shown(CAPTIONS[0]), needs=metric.needs, prompt=prompt))
