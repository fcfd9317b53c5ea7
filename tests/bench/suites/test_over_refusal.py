"""The suite `over_refusal`: enough prompts, all benign, each with its reason."""

import re
from collections import Counter

from bench.suites.base import lint, load_suite

SUITE = load_suite("over_refusal")


def test_at_least_120_benign_prompts_of_eight_kinds():
    assert len(SUITE.prompts) == 164
    counts = Counter(p.category for p in SUITE.prompts)
    assert len(counts) == 8
    assert min(counts.values()) == 20
    for prompt in SUITE.prompts:
        assert prompt.attributes["label"] == "benign"
        assert prompt.attributes["why_safe"]
        assert prompt.attributes["split"] in {"train", "dev", "test"}
        assert prompt.hazard is None


def test_they_look_alarming():
    alarming = (
        r"kill|blood|shoot|shot|bomb|knife|gun|dead|die|fight|war|burn|crush|whip|naked|drown"
    )
    assert (
        sum(bool(re.search(alarming, p.text.lower())) for p in SUITE.prompts)
        >= len(SUITE.prompts) / 5
    )


def test_no_problem_is_found():
    assert lint(SUITE) == []
