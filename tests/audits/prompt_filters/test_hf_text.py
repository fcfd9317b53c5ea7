"""Any text classifier of a folder: a tiny one made here, loaded as a real one is."""

import json

import pytest
import torch

from audits.prompt_filters.hf_text import HfText
from bench.errors import Unavailable, UsageError
from bench.testing import check_prompt_filter
from support.classifiers import save_text_classifier

LABELS = ("safe", "violence", "hate")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_text_classifier(tmp_path_factory.mktemp("text"), LABELS)


def test_it_conforms(folder):
    check_prompt_filter(HfText(folder=str(folder), harmful="hate"), ["a red ball", "a bad word"])


def test_the_score_is_the_summed_probability_of_the_harmful_labels(folder):
    screen = HfText(folder=str(folder), harmful="violence+Hate")
    tokens = screen.tokenizer("a red ball", return_tensors="pt")
    with torch.inference_mode():
        by_hand = screen.model(**tokens).logits.softmax(-1)[0, 1:].sum()
    assert screen("a red ball").score == pytest.approx(float(by_hand), abs=1e-6)
    others = HfText(folder=str(folder), harmful="safe")("a red ball").score
    assert screen("a red ball").score + others == pytest.approx(1, abs=1e-6)


def test_labels_that_do_not_exclude_each_other_have_the_highest_of_them(tmp_path):
    folder = save_text_classifier(tmp_path, LABELS, problem_type="multi_label_classification")
    both = HfText(folder=str(folder), harmful="violence+hate")("a bad word").score
    alone = [HfText(folder=str(folder), harmful=h)("a bad word").score for h in LABELS[1:]]
    assert both == max(alone)


def test_harmless_text_before_the_rest_hides_nothing(folder):
    screen = HfText(folder=str(folder), harmful="hate", window=8)
    alone = screen("bad word bad word bad word bad word")
    assert alone.reason == ""
    diluted = screen("a red ball rolls to the left " * 40 + "bad word " * 16)
    assert diluted.score >= alone.score - 1e-6
    assert diluted.reason.startswith("window ")


def test_a_label_that_is_not_there_lists_those_that_are(folder):
    for harmful in ("gore", "safe+violence+hate"):
        with pytest.raises(UsageError, match=r"legal: safe\+violence\+hate"):
            HfText(folder=str(folder), harmful=harmful)


def test_another_label_or_other_weights_are_another_model(folder, tmp_path):
    one = HfText(folder=str(folder), harmful="hate")
    assert one.model_id != HfText(folder=str(folder), harmful="violence").model_id
    other = save_text_classifier(tmp_path, LABELS)
    assert HfText(folder=str(other), harmful="hate").model_id == one.model_id
    vocabulary = (other / "vocab.txt").read_text()
    (other / "vocab.txt").write_text(vocabulary.replace("cat", "car"))
    assert HfText(folder=str(other), harmful="hate").model_id != one.model_id


def test_pickles_and_empty_folders_are_refused(folder, tmp_path):
    with pytest.raises(Unavailable, match="finds no model"):
        HfText(folder=str(tmp_path), harmful="hate")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(Unavailable, match="reads no pickles"):
        HfText(folder=str(tmp_path), harmful="hate")


def test_weights_that_are_missing_are_not_drawn_at_random(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    save_text_classifier(tmp_path, LABELS)
    held = load_file(tmp_path / "model.safetensors")
    del held["classifier.weight"]
    save_file(held, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(Unavailable, match=r"lacks 1 weights; seen: classifier\.weight"):
        HfText(folder=str(tmp_path), harmful="hate")


def test_a_damaged_folder_is_one_line(folder, tmp_path):
    save_text_classifier(tmp_path, LABELS)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no_such_model"}))
    with pytest.raises(Unavailable, match="the model cannot be loaded"):
        HfText(folder=str(tmp_path), harmful="hate")
