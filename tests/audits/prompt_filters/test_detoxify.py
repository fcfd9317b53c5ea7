"""Detoxify through its own class, on a tiny checkpoint in the exact layout of the releases."""

import hashlib
import os

import pytest
import torch

from audits._windows import windows
from audits.prompt_filters.detoxify import MODELS, Detoxify
from bench import weights
from bench.errors import Unavailable, UsageError
from bench.testing import check_prompt_filter
from generator.filters.base import BLOCK, PASS
from support.architectures import ARCHITECTURES, SEVEN, save
from support.classifiers import SIX, save_detoxify, tiny_bert


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return save_detoxify(tmp_path_factory.mktemp("detoxify"))


@pytest.fixture(scope="module")
def screen(tiny):
    checkpoint, config = tiny
    return Detoxify(checkpoint=str(checkpoint), config=str(config))


def test_it_conforms(screen):
    check_prompt_filter(screen, ["a red ball", "a bad word"])


def test_its_labels_have_the_names_that_detoxify_gives_them(screen):
    assert screen.labels == (
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    )


def test_its_scores_are_the_sigmoid_of_each_logit(screen):
    tokens = screen._model.tokenizer("a bad word", return_tensors="pt")
    with torch.inference_mode():
        by_hand = tiny_bert(len(SIX))(**tokens).logits.sigmoid()[0]
    scores = screen.scores(["a bad word"])[0]
    assert list(scores.values()) == pytest.approx(by_hand.tolist(), abs=1e-6)
    assert screen("a bad word").score == scores["toxicity"]
    assert screen("a bad word").reason == "toxicity"


def test_one_text_and_many_give_lists_alike(screen):
    assert screen.scores([]) == []
    one, again, other = screen.scores(["a red ball", "a red ball", "bad"])
    assert one == again == screen.scores(["a red ball"])[0]
    assert one != other


def test_any_label_and_a_chosen_one(tiny):
    checkpoint, config = str(tiny[0]), str(tiny[1])
    every = Detoxify(checkpoint=checkpoint, config=config, label="any")
    scores = every.scores(["a red ball"])[0]
    decision = every("a red ball")
    assert (decision.score, scores[decision.reason]) == (max(scores.values()),) * 2
    chosen = Detoxify(checkpoint=checkpoint, config=config, label="threat", threshold=0)
    assert chosen("a red ball").score == scores["threat"]
    assert chosen("a red ball").decision == BLOCK
    with pytest.raises(UsageError, match=r"the option label.*legal: any, toxicity"):
        Detoxify(checkpoint=checkpoint, config=config, label="gore")


def test_what_follows_the_512th_token_is_read(tiny):
    checkpoint, config = tiny
    screen = Detoxify(checkpoint=str(checkpoint), config=str(config))
    before, bad = "a red ball rolls to the left " * 90, "bad word " * 250
    alone = screen._model.predict(before + bad)
    assert alone["toxicity"] == pytest.approx(screen._model.predict(before)["toxicity"], abs=1e-5)
    assert screen(before + bad).score != pytest.approx(alone["toxicity"], abs=1e-3)
    pieces = windows(screen._model.tokenizer, before + bad, 510)
    assert len(pieces) == 3
    best = max(screen._model.predict(piece)["toxicity"] for piece in pieces)
    assert screen(before + bad).score == best


def test_seven_labels_of_sixteen_outputs(tmp_path):
    checkpoint, config = save_detoxify(tmp_path, labels=SEVEN)
    held = torch.load(checkpoint, weights_only=True)
    wide = tiny_bert(16)
    wide.config.save_pretrained(config)
    held["state_dict"] = wide.state_dict()
    held["config"]["arch"]["args"]["num_classes"] = 16
    torch.save(held, checkpoint)
    assert Detoxify(checkpoint=str(checkpoint), config=str(config)).labels == SEVEN


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_of_the_releases_is_read_and_windowed(architecture, tmp_path):
    checkpoint, config = save(tmp_path, architecture)
    screen = Detoxify(checkpoint=str(checkpoint), config=str(config), window=16)
    tokens = screen._model.tokenizer("a red ball", return_tensors="pt")
    with torch.inference_mode():
        by_hand = screen._model.model(**tokens).logits.sigmoid()[0]
    assert list(screen.scores(["a red ball"])[0].values()) == pytest.approx(by_hand.tolist())
    text = "a red ball rolls to the left " * 20
    pieces = windows(screen._model.tokenizer, text, 16)
    best = max(screen._model.predict(piece)["toxicity"] for piece in pieces)
    assert (screen.labels, screen(text).score, len(pieces) > 2) == (SEVEN, best, True)


def test_the_hash_is_checked_before_the_file_is_read(tiny, tmp_path):
    checkpoint, config = tiny
    sha256 = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    for pin in (sha256, sha256[:8]):
        Detoxify(checkpoint=str(checkpoint), config=str(config), sha256=pin)
    with pytest.raises(Unavailable, match="not the pinned one"):
        Detoxify(checkpoint=str(checkpoint), config=str(config), sha256="c1212f89")


class Evil:
    """A pickle that makes a file when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_no_code_of_a_checkpoint_is_run(tiny, tmp_path):
    trap = tmp_path / "trap"
    torch.save({"state_dict": Evil(trap), "config": {}}, tmp_path / "evil.ckpt")
    with pytest.raises(Unavailable, match=r"cannot be read as plain tensors; seen: evil\.ckpt"):
        Detoxify(checkpoint=str(tmp_path / "evil.ckpt"), config=str(tiny[1]))
    assert not trap.exists()


def test_weights_that_are_missing_are_not_drawn_at_random(tiny, tmp_path):
    held = torch.load(tiny[0], weights_only=True)
    del held["state_dict"]["classifier.bias"]
    torch.save(held, tmp_path / "part.ckpt")
    with pytest.raises(
        Unavailable, match=r"the checkpoint lacks 1 weights; seen: classifier\.bias"
    ):
        Detoxify(checkpoint=str(tmp_path / "part.ckpt"), config=str(tiny[1]))


@pytest.mark.parametrize("gone", ["state_dict", "config"])
def test_a_file_of_another_layout_is_refused(tiny, tmp_path, gone):
    held = torch.load(tiny[0], weights_only=True)
    del held[gone]
    torch.save(held, tmp_path / "odd.ckpt")
    with pytest.raises(Unavailable, match="as Detoxify releases them"):
        Detoxify(checkpoint=str(tmp_path / "odd.ckpt"), config=str(tiny[1]))


@pytest.mark.parametrize("model", MODELS)
def test_without_weights_it_says_what_fetches_them(model, private_cache):
    assert weights.asset(f"detoxify-{model}").source == "url"
    with pytest.raises(Unavailable, match=f"next: prescreen weights fetch detoxify-{model}$"):
        Detoxify(model=model)


def test_without_configuration_it_says_what_gets_it(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(Unavailable, match="seen: bert-base-uncased; next: hf download bert-base"):
        Detoxify(checkpoint=str(tiny[0]))
    with pytest.raises(UsageError, match=r"no config\.json in the folder"):
        Detoxify(checkpoint=str(tiny[0]), config=str(tmp_path))


def test_the_configuration_may_lie_in_the_hubs_cache(tiny, tmp_path, monkeypatch):
    repository = tmp_path / "models--bert-base-uncased"
    snapshot = repository / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for file in tiny[1].iterdir():
        (snapshot / file.name).write_bytes(file.read_bytes())
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    screen = Detoxify(checkpoint=str(tiny[0]))
    assert screen("a red ball").decision in {PASS, BLOCK}
    assert screen.model_id == Detoxify(checkpoint=str(tiny[0]), config=str(tiny[1])).model_id
