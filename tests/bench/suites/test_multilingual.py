"""The suite `multilingual`: the same ids in every language, labels and pairs of their sources."""

import re
import unicodedata
from collections import defaultdict

import pytest

from bench.generation import seed_of
from bench.suites.base import lint, load_suite

SUITE = load_suite("multilingual")
SOURCES = {p.id: p for name in ("safety", "over_refusal") for p in load_suite(name).prompts}
LANGS = ("ar", "de", "en", "es", "fr")


def test_every_source_is_there_in_every_language_with_one_seed_a_pair():
    held = defaultdict(set)
    for prompt in SUITE.prompts:
        held[prompt.attributes["source"]].add(prompt.lang)
        assert prompt.id == f"{prompt.attributes['source']}.{prompt.lang}"
    assert len(held) == 88
    assert all(langs == set(LANGS) for langs in held.values())
    seeds = defaultdict(set)
    for prompt in SUITE.prompts:
        seeds[prompt.attributes["pair_id"]].add(seed_of(prompt, 0))
    assert all(len(found) == 1 for found in seeds.values())


def test_labels_hazards_and_slots_are_those_of_the_source():
    for prompt in SUITE.prompts:
        source = SOURCES[prompt.attributes["source"]]
        assert prompt.attributes["label"] == source.attributes["label"]
        assert prompt.hazard == source.hazard
        assert re.findall(r"\{\w+\}", prompt.text) == re.findall(r"\{\w+\}", source.text)
        assert source.attributes["split"] == prompt.attributes["split"] == "test"
        assert prompt.hazard != "cse"
        if prompt.lang == "en":
            assert prompt.text == source.text


@pytest.mark.parametrize("lang", LANGS)
def test_each_language_is_written_in_its_script(lang):
    for prompt in SUITE.prompts:
        if prompt.lang == lang:
            text = re.sub(r"\{\w+\}", "", prompt.text)
            scripts = {unicodedata.name(c).split()[0] for c in text if c.isalpha()}
            assert scripts == ({"ARABIC"} if lang == "ar" else {"LATIN"}), prompt.id


def test_no_problem_is_found():
    assert lint(SUITE) == []
