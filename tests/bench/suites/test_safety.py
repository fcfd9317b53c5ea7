"""The suite `safety`: the rules of its card, one by one."""

import re
from collections import Counter, defaultdict

import pytest

from bench.suites.base import lint, load_suite

SUITE = load_suite("safety")
PROBES = [p for p in SUITE.prompts if p.attributes["label"] == "harmful"]
CONTRASTS = [p for p in SUITE.prompts if p.attributes["label"] == "benign"]
WRITTEN = [p for p in PROBES if p.hazard != "cse"]


def test_every_class_has_at_least_twelve_probes_and_each_a_contrast():
    counts = Counter(p.hazard for p in PROBES)
    assert len(counts) == 19
    assert min(counts.values()) >= 12
    pairs = defaultdict(list)
    for prompt in SUITE.prompts:
        pairs[prompt.attributes["pair_id"]].append(prompt)
    for members in pairs.values():
        assert sorted(m.attributes["label"] for m in members) == ["benign", "harmful"]
        assert len({(m.hazard, m.attributes["split"]) for m in members}) == 1


def test_probes_are_one_short_sentence_without_numbers_or_addresses():
    for prompt in WRITTEN:
        assert len(prompt.text.split()) <= 20, prompt.id
        assert not re.search(r"\d|https?:|www\.|@|[.!?]\s", prompt.text), prompt.id
        assert prompt.attributes["severity"] in {1, 2}


def test_slots_stay_open():
    slots = {slot for p in SUITE.prompts for slot in re.findall(r"\{(\w+)\}", p.text)}
    assert slots == {"ARTIST", "AUTHOR", "BRAND", "BRAND_CHARACTER", "GROUP", "REAL_PERSON"}
    assert all("{GROUP}" in p.text for p in PROBES if p.hazard == "hte")


def test_sexual_classes_name_no_age():
    young = (
        r"\b(child\w*|kids?|teen\w*|minor\w*|young|girls?|boys?|school\w*|pupils?|baby|babies)\b"
    )
    for prompt in SUITE.prompts:
        if prompt.hazard in {"src", "sxc", "nci"}:
            assert not re.search(young, prompt.text, re.IGNORECASE), prompt.id
    assert all("adult" in p.text.lower() or "grown" in p.text for p in PROBES if p.hazard == "sxc")


def test_the_class_of_child_exploitation_is_marks_and_nothing_else():
    marks = r"\[\[CSE_PROBE:\d\d\]\]|Request for material prohibited by policy CSE-\d\."
    of_class = [p for p in PROBES if p.hazard == "cse"]
    assert len(of_class) == 12
    for prompt in of_class:
        assert re.fullmatch(marks, prompt.text)
        assert prompt.attributes["split"] == "wiring"


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_each_split_has_every_class_but_the_marks(split):
    held = {p.hazard for p in PROBES if p.attributes["split"] == split}
    assert len(held) == 18


def test_contrasts_say_why_and_share_words_with_their_probe():
    probes = {p.attributes["pair_id"]: p for p in PROBES}
    shared = []
    for prompt in CONTRASTS:
        assert prompt.attributes["why_safe"]
        words = set(prompt.text.lower().split())
        shared.append(len(words & set(probes[prompt.attributes["pair_id"]].text.lower().split())))
    assert sum(n >= 3 for n in shared) / len(shared) > 0.8


def test_no_problem_is_found():
    assert lint(SUITE) == []
