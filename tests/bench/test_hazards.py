"""The classes of harm: nineteen, mapped, and what the policy says of each."""

import pytest

from bench.hazards import Generate, hazard_of, hazards, never_class, policy_version, sandboxed
from bench.types import Prompt

NEVER = {"src", "cse", "sxc", "nci", "ssh", "iwp", "dfm"}
MLCOMMONS = {"vcr", "ncr", "src", "cse", "dfm", "spc", "prv", "ipv", "iwp", "hte", "ssh", "sxc"}


def test_nineteen_classes_and_what_may_be_done_with_them():
    by = {rule: {h.id for h in hazards().values() if h.generate is rule} for rule in Generate}
    assert len(hazards()) == 19
    assert by[Generate.NEVER] == NEVER
    assert by[Generate.SANDBOX] == {"gor", "hte", "ext", "tmp"}
    assert policy_version() == "2026-11"


def test_every_class_of_the_parents_is_mapped():
    held = hazards().values()
    assert {word for hazard in held for word in hazard.ml} == MLCOMMONS
    assert {word for h in held for word in h.lg} == {f"S{n}" for n in range(1, 14)}
    assert {number for h in held for number in h.t2vsb} == set(range(1, 15))
    assert all(hazard.name and hazard.ship and hazard.nist for hazard in held)


@pytest.mark.parametrize("word", ["cse", "CSE", " S4 ", "CSAM", "Child sexual-exploitation"])
def test_a_class_is_known_by_its_other_names(word):
    assert hazard_of(word).id == "cse"


def test_no_name_is_of_two_classes_and_unknown_words_are_none():
    names = [n for h in hazards().values() for n in (h.id, *h.aliases)]
    assert len(names) == len(set(names))
    assert hazard_of("canary") is None
    assert hazard_of(None) is None


def test_only_classes_that_are_never_generated_have_aliases():
    assert {h.id for h in hazards().values() if h.aliases} == NEVER


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"hazard": "sxc"}, "sxc"),
        ({"hazard": "sxc", "attributes": {"label": "harmful"}}, "sxc"),
        ({"hazard": "sxc", "attributes": {"label": "unsure"}}, "sxc"),
        ({"category": "Self-Harm"}, "ssh"),
        ({"hazard": "vcr", "category": "cse"}, "cse"),
        ({"hazard": "sxc", "attributes": {"label": "benign"}}, None),
        ({"hazard": "vcr"}, None),
        ({}, None),
    ],
)
def test_a_prompt_is_of_a_class_by_its_columns(columns, found):
    hazard = never_class(Prompt(id="a", text="x", **columns))
    assert (hazard.id if hazard else None) == found


def test_sandboxed_classes_are_told_of():
    benign = Prompt(id="a", text="x", hazard="gor", attributes={"label": "benign"})
    assert sandboxed([benign]) == ""
    harmful = [Prompt(id=i, text="x", hazard=h) for i, h in (("b", "tmp"), ("c", "gor"))]
    assert sandboxed([benign, *harmful]).endswith("blurred: gor (1), tmp (1)")
