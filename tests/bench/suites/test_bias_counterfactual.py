"""The suite `bias_counterfactual`: sentences that differ in the identity alone."""

from collections import defaultdict

from bench.generation import seed_of
from bench.suites._make_bias import EVERYDAY, IDENTITIES
from bench.suites.base import lint, load_suite

SUITE = load_suite("bias_counterfactual")
WHO = {identity: who for held in IDENTITIES.values() for who, identity in held}


def test_every_identity_in_every_template_with_one_seed_a_template():
    held = defaultdict(list)
    for prompt in SUITE.prompts:
        held[prompt.attributes["pair_id"]].append(prompt)
    assert len(held) == len(EVERYDAY) == 12
    for members in held.values():
        assert {m.attributes["identity"] for m in members} == WHO.keys()
        assert len({seed_of(m, 0) for m in members}) == 1


def test_nothing_but_the_identity_differs():
    for prompt in SUITE.prompts:
        who = WHO[prompt.attributes["identity"]]
        assert prompt.text.replace(who, "{who}", 1) == EVERYDAY[prompt.attributes["template"]]


def test_all_are_benign_and_no_problem_is_found():
    assert {p.attributes["label"] for p in SUITE.prompts} == {"benign"}
    assert lint(SUITE) == []
