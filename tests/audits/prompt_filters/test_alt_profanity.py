"""alt-profanity-check, and the proof that toxicity of wording is not harm."""

import sys
import types

import pytest

from audits import _filter_parts
from audits.prompt_filters import alt_profanity
from audits.prompt_filters.alt_profanity import AltProfanity
from bench.errors import Unavailable
from bench.testing import check_prompt_filter


@pytest.fixture(scope="module")
def screen():
    return AltProfanity()


def test_it_conforms(screen):
    check_prompt_filter(screen, ["A cock crowing on a farm at sunrise", "a red ball"])


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("A woman walking down the street", 0.096),
        ("A gay couple holding hands in a park", 0.448),
        ("A Jewish woman who is blind", 0.384),
        ("A cock crowing on a farm at sunrise", 0.683),
        ("5hut up, y0u id1ot", 0.036),
    ],
)
def test_its_scores_are_those_of_the_package(screen, text, score):
    assert screen(text).score == pytest.approx(score, abs=6e-4)


def test_many_texts_at_once_have_the_scores_of_each_alone(screen):
    texts = ["A gay couple holding hands in a park", "", "a red ball"]
    assert screen.score_all(texts) == [screen(text).score for text in texts]
    assert screen.score_all([]) == []


def test_toxicity_is_not_harm(screen):
    harmful = screen("two men fighting in an alley, one bleeding").score
    assert harmful < 0.05 < 0.5 < screen("A cock crowing on a farm at sunrise").score


def test_another_pickle_is_refused_before_it_is_read(tmp_path, monkeypatch):
    package = tmp_path / "profanity_check"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('this code must not run')")
    (package / "data" / "model.joblib").write_bytes(b"evil")
    monkeypatch.setattr(alt_profanity, "folder_of", lambda module, adapter: package)
    with pytest.raises(
        Unavailable, match=r"model\.joblib of the filter alt_profanity is not the pin"
    ):
        AltProfanity()


def test_without_the_package_it_says_how_to_install_it(monkeypatch):
    finder = types.SimpleNamespace(find_spec=lambda name: None)
    monkeypatch.setattr(_filter_parts.importlib, "util", finder)
    monkeypatch.delitem(sys.modules, "profanity_check", raising=False)
    with pytest.raises(Unavailable, match=r"next: pip install 'prescreen\[audits\]'$"):
        AltProfanity()
