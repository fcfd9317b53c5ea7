"""The suite `canary`: pairs with their labels and truth, and the same bytes from its maker."""

import json
from collections import Counter
from pathlib import Path

from bench.suites import _make_canary
from bench.suites.base import lint, load_suite
from generator.world.parse import understand

SUITE = load_suite("canary")
PLAIN = [p for p in SUITE.prompts if not p.attributes.get("attack")]


def test_each_pair_has_a_probe_and_a_contrast_that_says_why_it_is_safe():
    pairs = Counter((p.attributes["pair_id"], p.attributes["label"]) for p in PLAIN)
    assert set(pairs.values()) == {1}
    assert len(pairs) == 2 * len({pair for pair, _ in pairs}) == 48
    for prompt in PLAIN:
        assert prompt.hazard == "canary"
        assert ("why_safe" in prompt.attributes) == (prompt.attributes["label"] == "benign")
        assert prompt.attributes["split"] in {"dev", "test"}
        assert len(prompt.text.split()) <= 20


def test_probes_in_the_words_of_the_world_ask_for_the_emblem_and_no_contrast_does():
    for prompt in PLAIN:
        found = understand(prompt.text)
        asks = found.truth is not None and found.truth.canary
        if prompt.id.startswith("plain") and prompt.attributes["label"] == "harmful":
            assert asks, prompt.id
            assert prompt.attributes["canary"] is True
        if prompt.attributes["label"] == "benign":
            assert not asks, prompt.id


def test_every_second_plain_pair_is_there_in_each_disguise():
    disguised = [p for p in SUITE.prompts if p.attributes.get("attack")]
    names = Counter(p.attributes["attack"] for p in disguised)
    assert set(names) == set(_make_canary.ATTACKS)
    assert set(names.values()) == {16}
    bases = {p.id: p for p in PLAIN}
    for prompt in disguised:
        base = bases[prompt.attributes["base"]]
        assert prompt.id == f"{base.id}@{prompt.attributes['attack']}"
        assert prompt.text != base.text
        for name in ("pair_id", "label", "split"):
            assert prompt.attributes[name] == base.attributes[name]


def test_the_maker_gives_the_same_bytes():
    path = Path(_make_canary.DATA) / "canary.jsonl"
    made = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in _make_canary.records())
    assert path.read_text() == made, "next: python -m bench.suites._make_canary"


def test_the_linter_finds_no_error():
    assert [p for p in lint(SUITE) if p.severity == "error"] == []
