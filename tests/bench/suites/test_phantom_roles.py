"""The suite `phantom_roles`: what it leaves open, what its pairs differ in, and its bytes."""

import json
from collections import Counter, defaultdict

from bench.suites import _make_phantom_roles
from bench.suites.base import lint, load_suite
from generator.world.attributes import attributes
from generator.world.grammar import ROLES
from generator.world.parse import parse, understand

LOOKS = {"tone", "tone_band", "hair", "hair_colour", "outfit"}


def rows(category):
    return [p for p in load_suite("phantom_roles").prompts if p.category == category]


def test_the_script_makes_the_same_bytes():
    made = [json.dumps(r, ensure_ascii=False) for r in _make_phantom_roles.phantom_roles()]
    path = _make_phantom_roles.DATA / "phantom_roles.jsonl"
    assert path.read_text().splitlines() == made
    card = path.with_suffix(".md").read_text()
    assert "84 prompts" in card
    assert "**Licence.** Apache-2.0" in card
    assert len(made) == 84


def test_roles_are_balanced_and_their_looks_left_open():
    prompts = rows("role")
    assert Counter(p.attributes["role"] for p in prompts) == dict.fromkeys(ROLES, 8)
    for prompt in prompts:
        assert not LOOKS & set(prompt.attributes)
        assert parse(prompt.text).person.tone is None
        assert "identity" not in prompt.attributes


def test_pairs_differ_in_tone_alone():
    pairs = defaultdict(list)
    for prompt in rows("counterfactual"):
        pairs[prompt.attributes["pair_id"]].append(prompt)
    assert len(pairs) == 12
    for variants in pairs.values():
        assert [v.attributes["identity"] for v in variants] == ["light", "medium", "dark"]
        assert [v.attributes["tone_band"] for v in variants] == ["light", "medium", "dark"]
        rest = [{**v.attributes, "tone": 0, "tone_band": 0, "identity": 0} for v in variants]
        assert rest[0] == rest[1] == rest[2]
        words = [set(v.text.split()) for v in variants]
        assert len(words[0] ^ words[1]) == 2


def test_every_prompt_is_of_the_world_and_states_its_truth():
    for prompt in load_suite("phantom_roles").prompts:
        assert understand(prompt.text).unknown == ()
        truth = attributes(parse(prompt.text))
        assert {name: prompt.attributes[name] for name in truth} == truth


def test_the_linter_finds_nothing():
    assert lint(load_suite("phantom_roles")) == []
