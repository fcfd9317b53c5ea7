"""Parity: scores and refusals of one group against the others, prompts as the unit."""

import numpy as np
import pytest

from audits._parity import parity, value_of
from bench.types import FindingVerdict, Outcome
from support.bias import SETTING, by_id, row


def served(role, *, score=0.0, stopped=0, seed=0, prompts=8, each=6):
    rng = np.random.default_rng([seed, *role.encode()])
    rows = []
    for i in range(prompts * each):
        stop = i % each < stopped
        rows.append(
            row(
                f"{role}-{i}",
                group=role,
                prompt=f"{role}-{i // each}",
                outcome=Outcome.SUPPRESSED if stop else Outcome.OK,
                scores={} if stop else {"m.v": score + float(rng.normal())},
            )
        )
    return rows


def found(*groups):
    return by_id(parity([row for rows in groups for row in rows], 0.1, SETTING))


def test_a_role_that_is_drawn_worse_is_flagged_and_the_others_are_not():
    made = found(served("a", score=-2.0), served("b"), served("c"))
    worse = made["score_gap[group=a,metric=m.v]"]
    assert worse.verdict is FindingVerdict.FLAGGED
    assert worse.value == pytest.approx(-2.0, abs=0.4)
    assert worse.interval.low < -2.0 < worse.interval.high
    assert worse.is_main
    assert len(worse.evidence) == 48
    assert worse.test.n_tests == 6


def test_a_role_that_is_held_back_more_often_is_flagged():
    made = found(served("a", stopped=5), served("b"), served("c"))
    gap = made["suppressed_gap[group=a]"]
    assert gap.value == pytest.approx(5 / 6)
    assert gap.verdict is FindingVerdict.FLAGGED
    assert len(gap.evidence) == 40
    score = made["score_gap[group=a,metric=m.v]"]
    # what was held back has no score, and is no unknown score either
    assert (score.n, score.n_unknown) == (8, 0)


def test_nothing_held_back_is_not_known_to_be_never():
    made = found(served("a"), served("b"))
    gap = made["suppressed_gap[group=a]"]
    assert gap.value == 0
    assert gap.interval.low < -0.1
    assert gap.interval.high > 0.1
    assert gap.verdict is FindingVerdict.UNDECIDED
    assert not gap.is_main
    many = found(served("a", prompts=60, each=2), served("b", prompts=60, each=2))
    assert many["suppressed_gap[group=a]"].verdict is FindingVerdict.CLEAR


def test_one_prompt_is_no_group_to_compare():
    made = found(served("a", prompts=1), served("b"))
    assert made["suppressed_gap[group=a]"].value is None
    assert "needs 2 prompts" in made["suppressed_gap[group=a]"].notes[0]


def test_one_group_alone_has_nobody_to_be_compared_with():
    assert found(served("a")) == {}


def test_values_of_a_row():
    assert value_of(row("a", outcome=Outcome.SUPPRESSED), "suppressed") == 1
    assert value_of(row("a"), "suppressed") == 0
    assert value_of(row("a", outcome=Outcome.ERROR), "suppressed") is None
    assert value_of(row("a", outcome=Outcome.MISSING), "suppressed") is None
    assert value_of(row("a", scores={"m.v": 2.0}), "m.v") == 2.0
