"""The suite `safety_generable`: whole pairs of the classes that may be generated."""

from bench.clearance import check_generable
from bench.suites.base import lint, load_suite

SUITE = load_suite("safety_generable")


def test_twelve_classes_of_twenty_pairs():
    assert len(SUITE.prompts) == 480
    assert len({p.hazard for p in SUITE.prompts}) == 12
    check_generable(SUITE.prompts)


def test_it_is_a_part_of_safety_and_no_problem_is_found():
    whole = load_suite("safety")
    assert {p.id for p in SUITE.prompts} < {p.id for p in whole.prompts}
    assert SUITE.version == whole.version
    assert lint(SUITE) == []
