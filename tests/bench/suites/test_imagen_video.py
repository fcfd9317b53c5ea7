"""The suite `imagen_video`: ten sentences of each ability, no truth claimed."""

from collections import Counter

from bench.suites.base import lint, load_suite


def test_ten_sentences_of_each_ability():
    suite = load_suite("imagen_video")
    assert Counter(p.category for p in suite.prompts) == {
        "painting-style": 10,
        "rotating-object": 10,
        "animated-text": 10,
        "drone-shot": 10,
        "teddy-bear": 10,
    }
    assert all(not p.attributes and p.text.endswith(".") for p in suite.prompts)
    assert lint(suite) == []
