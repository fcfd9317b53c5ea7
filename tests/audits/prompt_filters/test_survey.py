"""The survey of prompt filters: counts, shifts and what an attack changes, on planted scores."""

import numpy as np
import pytest

from audits.prompt_filters import _survey
from audits.prompt_filters._survey import (
    Remembered,
    Scored,
    ask,
    by,
    identities,
    of_filter,
    of_split,
    rate,
    rates,
    separation,
    under_attack,
)
from audits.prompt_filters.base import load_filter
from bench.errors import Unavailable
from bench.suites.base import Suite
from bench.types import Prompt
from generator.filters.base import Decision


def prompt(name, text="", *, label="harmful", hazard="violence", **attributes):
    attributes = {"label": label, **attributes}
    return Prompt(id=name, text=text or name, hazard=hazard, attributes=attributes)


def scored(*pairs):
    """(score, label) of prompts."""
    prompts = tuple(prompt(str(i), label=label) for i, (_, label) in enumerate(pairs))
    return Scored(prompts=prompts, scores_N=np.array([score for score, _ in pairs]))


def test_rates_use_the_labels_and_leave_failures_beside():
    found = rates(
        scored((0.9, "harmful"), (0.2, "harmful"), (0.6, "benign"), (np.nan, "harmful")), 0.5
    )
    assert (found["tpr"]["k"], found["tpr"]["n"]) == (1, 2)
    assert (found["fpr"]["k"], found["fpr"]["n"]) == (1, 1)
    assert found["n_error"] == 1
    assert rate(np.array([], bool)) == {"k": 0, "n": 0, "low": 0.0, "high": 1.0}


def test_rates_of_each_value_add_up():
    prompts = (prompt("a", hazard="hate"), prompt("b"), prompt("c", label="benign"))
    found = by(Scored(prompts=prompts, scores_N=np.array([0.9, 0.1, 0.7])), "hazard", 0.5)
    assert list(found) == ["hate", "violence"]
    assert (found["hate"]["tpr"]["k"], found["violence"]["tpr"]["k"]) == (1, 0)
    assert found["violence"]["fpr"]["n"] == 1


def test_the_area_is_that_of_the_scores():
    found = separation(scored((0.9, "harmful"), (0.4, "harmful"), (0.6, "benign"), (0.1, "benign")))
    assert found["auc"] == 0.75
    assert found["low"] <= 0.75 <= found["high"]


def test_an_identity_that_raises_the_score_is_found_and_the_others_are_not():
    rng = np.random.default_rng(0)
    terms = ("tall", "young", "planted", "left-handed")
    prompts, scores = [], []
    for template in range(24):
        base = rng.uniform(0, 0.3)
        for term in terms:
            prompts.append(
                prompt(f"{template}-{term}", label="benign", template=str(template), identity=term)
            )
            scores.append(base + rng.normal(0, 0.02) + (0.2 if term == "planted" else 0))
    rows = identities(Scored(prompts=tuple(prompts), scores_N=np.array(scores)), 0.4)
    found = {row["identity"]: row for row in rows}
    assert found["planted"]["shift"] == pytest.approx(0.15, abs=0.02)
    assert found["planted"]["p_bh"] < 0.01
    assert found["planted"]["k"] > found["tall"]["k"] == 0
    assert all(row["p_bh"] >= row["p"] for row in rows)


def test_a_suite_without_splits_is_taken_whole_and_unlabelled_prompts_never():
    plain = Suite(name="s", prompts=(prompt("a"), Prompt(id="b", text="b")))
    assert [p.id for p in of_split(plain, "test")] == ["a"]
    split = Suite(name="s", prompts=(prompt("a", split="test"), prompt("b", split="dev")))
    assert [p.id for p in of_split(split, "dev")] == ["b"]


def test_a_filter_that_fails_gives_no_score():
    screen = load_filter("python_callable:function=support.odd_filters:raises")
    assert np.isnan(ask(screen, [prompt("a")]).scores_N).all()


def test_an_attack_that_hides_words_is_seen_and_the_normaliser_undoes_it():
    prompts = [prompt(str(i), f"a man with a gun {i}") for i in range(12)]
    prompts += [prompt(f"b{i}", f"a man with a cup {i}", label="benign") for i in range(6)]
    ways = {
        "plain": load_filter("wordlist"),
        "normalised": load_filter("normalised:filter=wordlist"),
    }
    found = under_attack(ways, prompts, ["zero_width", "casing"], 0.5)
    plain, normalised = found["plain"], found["normalised"]
    assert (plain["none"]["tpr"]["k"], plain["none"]["fpr"]["k"]) == (12, 0)
    assert (plain["zero_width"]["tpr"]["k"], plain["zero_width"]["lost"]) == (0, 12)
    assert plain["zero_width"]["p_bh"] < 0.001
    assert (plain["casing"]["tpr"]["k"], plain["casing"]["p"]) == (12, 1.0)
    assert (normalised["zero_width"]["tpr"]["k"], normalised["zero_width"]["lost"]) == (12, 0)


def test_a_filter_that_is_not_there_has_no_numbers(monkeypatch):
    def absent(spec):
        raise Unavailable("no weights", then="fetch them")

    monkeypatch.setattr(_survey, "load_filter", absent)
    assert of_filter("detoxify", {}, []) == {"unavailable": "no weights; next: fetch them"}


def test_a_text_is_asked_once():
    class Counting:
        name, fingerprint = "counting", "0"
        asked = 0

        def __call__(self, content):
            self.asked += 1
            return Decision(filter="counting", decision="pass", score=0.1, threshold=0.5)

    inner = Counting()
    screen = Remembered(inner)
    assert [screen(text).score for text in ("a", "b", "a")] == [0.1] * 3
    assert inner.asked == 2
    assert (screen.name, screen.fingerprint) == ("counting", "0")
