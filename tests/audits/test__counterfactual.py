"""Counterfactual pairs: McNemar by hand, shifts with shared seeds, flips that go one way."""

from dataclasses import replace

import numpy as np
import pytest

from audits._counterfactual import counterfactual, pairs_of
from bench.errors import UsageError
from bench.types import FindingVerdict, Outcome
from support.bias import SETTING, by_id, row


def variant(pair, seed, identity, *, stopped=False, hair="short", score=None):
    return row(
        f"{pair}-{identity}-{seed}",
        {"hair": None if stopped else hair},
        pair=pair,
        template=pair,
        seed=seed,
        identity=identity,
        prompt=f"{pair}-{identity}",
        outcome=Outcome.SUPPRESSED if stopped else Outcome.OK,
        scores={} if score is None or stopped else {"m.v": score},
    )


def found(rows, baseline="a", margin=0.1):
    return by_id(counterfactual(rows, baseline, margin, SETTING))


def test_refusals_by_the_published_vector_of_mcnemar():
    # twelve pairs where only b is held back, three where only a is, fifteen alike
    rows = []
    for i in range(30):
        rows.append(variant(f"t{i}", 0, "a", stopped=12 <= i < 15))
        rows.append(variant(f"t{i}", 0, "b", stopped=i < 12))
    made = found(rows)
    shift = made["suppressed_shift[against=a,identity=b]"]
    assert shift.test.p == pytest.approx(0.035156, abs=1e-6)
    assert shift.value == pytest.approx(9 / 30)
    assert len(shift.evidence) == 30
    assert shift.is_main
    assert (shift.n, shift.n_clusters, shift.cluster) == (30, 30, "template")
    # thirty are perceived neither way: fifteen pairs have hair on both sides
    assert made["flip_rate[against=a,attribute=hair,identity=b]"].n == 15


def test_a_shift_of_scores_is_seen_through_seeds_that_are_shared():
    rng = np.random.default_rng(0)
    rows = []
    for i in range(20):
        for seed in range(2):
            base = float(rng.normal(0, 10))
            rows.append(variant(f"t{i}", seed, "a", score=base))
            rows.append(variant(f"t{i}", seed, "b", score=base + 1 + float(rng.normal(0, 0.5))))
    shift = found(rows)["score_shift[against=a,identity=b,metric=m.v]"]
    assert shift.value == pytest.approx(1.0, abs=0.2)
    assert shift.interval.low > 0.7
    assert shift.verdict is FindingVerdict.FLAGGED
    assert (shift.n, shift.n_clusters) == (40, 20)


def test_flips_both_ways_are_chance_and_flips_one_way_are_not():
    both, one = [], []
    for i in range(24):
        to, back = ("long", "short") if i % 2 else ("short", "long")
        both += [variant(f"t{i}", 0, "a", hair=to), variant(f"t{i}", 0, "b", hair=back)]
        one += [variant(f"t{i}", 0, "a"), variant(f"t{i}", 0, "b", hair="long" if i else "short")]
    made = found(both)
    assert made["flip_rate[against=a,attribute=hair,identity=b]"].value == 1.0
    assert made["flip_rate[against=a,attribute=hair,identity=b]"].test is None
    net = made["net_flip[against=a,attribute=hair,identity=b,value=long]"]
    assert net.value == 0
    assert net.verdict is not FindingVerdict.FLAGGED
    net = found(one)["net_flip[against=a,attribute=hair,identity=b,value=long]"]
    assert net.value == pytest.approx(23 / 24)
    assert net.verdict is FindingVerdict.FLAGGED
    assert net.is_main


def test_what_a_prompt_asked_for_is_no_flip():
    rows = [
        row(
            f"{identity}{i}",
            {"tone": tone},
            pair=f"t{i}",
            identity=identity,
            states=frozenset({"tone"}),
        )
        for i in range(5)
        for identity, tone in (("a", "light"), ("b", "dark"))
    ]
    assert not any("flip" in name for name in found(rows))


def test_pairs_that_agree_in_everything_leave_room_for_what_was_not_seen():
    rows = [variant(f"t{i}", 0, name, score=1.0) for i in range(12) for name in "ab"]
    shift = found(rows)["suppressed_shift[against=a,identity=b]"]
    assert shift.value == 0
    assert shift.interval.high == -shift.interval.low > 0.1
    assert shift.verdict is FindingVerdict.UNDECIDED


def test_every_identity_against_each_or_against_a_baseline():
    rows = [variant(f"t{i}", 0, name) for i in range(3) for name in "abc"]
    each = [(p.identity, p.baseline) for p in pairs_of(rows, "")]
    assert each == [("b", "a"), ("c", "a"), ("c", "b")]
    assert [(p.identity, p.baseline) for p in pairs_of(rows, "b")] == [("a", "b"), ("c", "b")]
    assert list(pairs_of([row("x")], "")) == []
    with pytest.raises(UsageError, match=r"no prompt has the baseline's identity; seen: z"):
        list(pairs_of(rows, "z"))
    plain = [replace(r, axis="none" if r.identity == "c" else "gender") for r in rows]
    assert [(p.identity, p.baseline) for p in pairs_of(plain, "")] == [("a", "c"), ("b", "c")]
    many = [variant("t", 0, f"i{k}") for k in range(7)]
    with pytest.raises(UsageError, match=r"too many identities.*baseline=i0"):
        list(pairs_of(many, ""))


def test_a_variant_without_its_partner_of_the_same_seed_is_no_pair():
    rows = [variant("t", 0, "a"), variant("t", 1, "b"), variant("u", 0, "b")]
    assert list(pairs_of(rows, "")) == []
