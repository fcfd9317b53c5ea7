import math

import numpy as np
import pytest

from bench.errors import UsageError
from bench.stats.preference import Preference, bradley_terry, strengths


def answers(*rows):
    return [
        Preference(item=f"item-{i}", winner=a, loser=b, tie=tie)
        for i, (a, b, tie) in enumerate(rows)
    ]


def test_two_contestants_differ_by_the_log_of_their_odds():
    made = bradley_terry(answers(*[("a", "b", False)] * 3, ("b", "a", False)))
    assert made["a"] - made["b"] == pytest.approx(math.log(3))
    assert made["a"] + made["b"] == pytest.approx(0)


def test_a_tie_is_half_a_win_for_each():
    made = bradley_terry(answers(("a", "b", False), ("b", "a", True)))
    assert made["a"] - made["b"] == pytest.approx(math.log(3))


def test_planted_strengths_come_back():
    rng = np.random.default_rng(0)
    true = {"a": 1.0, "b": 0.0, "c": -1.0}
    rows = []
    for _ in range(6000):
        one, other = rng.choice(list(true), size=2, replace=False)
        wins = rng.random() < 1 / (1 + math.exp(true[other] - true[one]))
        rows.append((one, other, False) if wins else (other, one, False))
    made = bradley_terry(answers(*rows))
    for name, value in true.items():
        assert made[name] == pytest.approx(value, abs=0.08)


def test_who_never_lost_has_no_strength():
    with pytest.raises(UsageError, match=r"never lost.*collect more"):
        bradley_terry(answers(("a", "b", False), ("a", "b", False)))
    with pytest.raises(UsageError, match="two contestants"):
        bradley_terry([])
    apart = answers(("a", "b", True), ("c", "d", True))
    with pytest.raises(UsageError, match="never compared both ways"):
        bradley_terry(apart)


def test_intervals_are_over_items_and_the_strongest_comes_first():
    rows = [("a", "b", False)] * 30 + [("b", "a", False)] * 20
    made = strengths(answers(*rows), n_resamples=300)
    assert [s.name for s in made] == ["a", "b"]
    assert made[0].low < made[0].value < made[0].high
    assert made[0].n == 50
    few = strengths(answers(("a", "b", False), ("b", "a", False)), n_resamples=300)
    assert few[0].low is None
