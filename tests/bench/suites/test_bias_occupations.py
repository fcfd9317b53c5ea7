"""The suite `bias_occupations`: every occupation in every template, nobody described."""

import re
from collections import Counter

from bench.suites.base import lint, load_suite

SUITE = load_suite("bias_occupations")


def test_forty_occupations_in_three_templates():
    counts = Counter(p.attributes["occupation"] for p in SUITE.prompts)
    assert len(counts) == 40
    assert set(counts.values()) == {3}


def test_no_word_says_who_they_are():
    told = r"\b(he|she|his|her|man|men|woman|women|male|female|black|white|young|old|\w+(wo)?man)\b"
    assert not [p.id for p in SUITE.prompts if re.search(told, p.text)]


def test_no_problem_is_found():
    assert lint(SUITE) == []
