"""Two runs compared: what is planted is seen, what is not is not, what differs is refused."""

import math

import numpy as np
import pytest
from scipy import stats

from bench.comparison.columns import Settings
from bench.comparison.compare import compare
from bench.comparison.sides import BY_PROMPT, BY_SEED, UNPAIRED
from bench.errors import RunDamaged, UsageError
from bench.runs import JOURNAL
from bench.types import Status
from support.comparable import fake_run

QUICK = Settings(n_resamples=400, n_permutations=999)


@pytest.fixture
def two(tmp_path):
    """Runs of 24 prompts x 2 seeds; `shift` moves `worse` and leaves `same` alone."""
    rng = np.random.default_rng(0)
    prompt = rng.normal(0, 3, size=(24, 1))

    def make(name, shift, **changes):
        noise = rng.normal(0, 0.4, size=(2, 24, 2))
        values = {"worse": prompt + noise[0] + shift, "same": prompt + noise[1]}
        return fake_run(tmp_path / name, values, **changes)

    return make


def by_name(made):
    return {line.metric: line for line in made.lines}


def test_planted_damage_is_seen_and_nothing_else_is(two):
    made = compare(two("a", 0.0), two("b", 0.5), settings=QUICK)
    assert made.design == BY_SEED
    worse, same = by_name(made)["worse"], by_name(made)["same"]
    assert (worse.verdict, same.verdict) == ("worse", "no difference shown")
    assert worse.found.interval.low < 0.5 < worse.found.interval.high
    assert worse.found.interval.low > 0
    assert same.found.interval.low < 0 < same.found.interval.high
    # two tests: Holm doubles the smaller p
    assert worse.p_adjusted == pytest.approx(2 * worse.found.p)
    assert (worse.found.n, worse.found.n_clusters, made.family) == (48, 24, 2)


def test_pairing_sees_what_the_spread_of_prompts_hides(two):
    a, b = two("a", 0.0), two("b", 0.5, prompts=[f"other{i}" for i in range(24)])
    made = compare(a, b, settings=QUICK)
    assert made.design == UNPAIRED
    worse = by_name(made)["worse"]
    assert worse.verdict == "no difference shown"
    assert worse.found.detectable > 1
    assert worse.found.interval.method == "Welch's t interval of prompts' means"
    assert "too few prompts to be paired" in worse.found.notes[0]


def test_other_seeds_pair_by_prompt(two):
    made = compare(two("a", 0.0), two("b", 0.5, seeds=(7, 8)), settings=QUICK)
    assert made.design == BY_PROMPT
    worse = by_name(made)["worse"]
    assert (worse.verdict, worse.found.n) == ("worse", 24)


def test_effect_and_what_can_be_shown_by_hand(tmp_path):
    a = np.zeros((12, 1))
    b = np.arange(12.0)[:, None] / 10
    runs = [fake_run(tmp_path / n, {"m": v}, seeds=(0,)) for n, v in (("a", a), ("b", b))]
    (line,) = compare(*runs, settings=QUICK).lines
    spread = b.std(ddof=1)
    assert line.found.difference == pytest.approx(0.55)
    assert line.found.effect == pytest.approx(0.55 / spread)
    at = line.found.detectable / spread * math.sqrt(12)
    limit = stats.t.isf(0.025, 11)
    assert 1 - stats.nct.cdf(limit, 11, at) == pytest.approx(0.8, abs=1e-6)
    assert [part.name for part in line.found.moved[:2]] == ["text of p011", "text of p010"]
    even, odd = line.found.categories
    assert (even.name, even.n, even.difference) == ("even", 6, pytest.approx(0.5))
    assert (odd.name, odd.n, odd.difference) == ("odd", 6, pytest.approx(0.6))
    assert even.interval.method.startswith("t interval, 5 df")


def test_a_run_compared_with_itself_differs_in_nothing(two):
    a = two("a", 0.0)
    made = compare(a, a, settings=QUICK)
    assert made.family == 0  # what cannot differ takes no share of the level
    for line in made.lines:
        assert (line.found.difference, line.found.p) == (0.0, 1.0)
        assert math.isnan(line.found.effect)
        assert line.found.notes == ("no two pairs differ from each other",)


def test_turning_the_runs_round_turns_the_difference_round(two):
    a, b = two("a", 0.0), two("b", 0.3)
    there, back = (by_name(compare(*runs, settings=QUICK))["worse"] for runs in ((a, b), (b, a)))
    assert back.found.difference == -there.found.difference
    assert back.found.p == there.found.p


def test_videos_without_a_partner_are_counted_by_run(two):
    lost = {("p000", 0): Status.ERROR, ("p001", 1): Status.VETOED}
    made = compare(two("a", 0.0), two("b", 0.5, status=lost), settings=QUICK)
    worse = by_name(made)["worse"]
    assert (worse.found.n, worse.found.lost) == (46, (2, 0))


def test_numbers_made_differently_are_refused_by_the_fields_name(two):
    a, b = two("a", 0.0), two("b", 0.5, key={"codecs": ["vp9 yuv420p"]})
    with pytest.raises(
        UsageError, match=r"must not be compared: codecs\[0\]; seen: h264 gbrp and vp9 yuv420p"
    ):
        compare(a, b, settings=QUICK)
    forced = compare(a, b, settings=QUICK, force=True)
    assert all(line.marked == ("codecs[0]",) for line in forced.lines)
    assert all(line.verdict == "" for line in forced.lines)
    assert forced.family == 0


def test_one_number_made_differently_costs_only_itself(tmp_path):
    values = {"m": np.random.default_rng(1).normal(size=(12, 2))}
    a = fake_run(tmp_path / "a", {**values, "k": values["m"]})
    b = fake_run(tmp_path / "b", {**values, "k": values["m"]})
    summary = (b / "summary.json").read_text()
    (b / "summary.json").write_text(summary.replace('"version": "1"', '"version": "2"', 1))
    made = compare(a, b, settings=QUICK)
    assert len(made.lines) == 1
    assert list(made.refused.values()) == ["version: 1 and 2"]


def test_numbers_of_one_run_only_are_named(tmp_path):
    values = np.random.default_rng(2).normal(size=(12, 2))
    a = fake_run(tmp_path / "a", {"m": values, "k": values})
    b = fake_run(tmp_path / "b", {"m": values})
    assert compare(a, b, settings=QUICK).only_in == {"a": ["k.x"], "b": []}
    c = fake_run(tmp_path / "c", {"other": values})
    with pytest.raises(UsageError, match="share no number; seen: m and other"):
        compare(b, c, settings=QUICK)


def test_columns_that_only_explain_have_no_verdict(tmp_path):
    a = fake_run(tmp_path / "a", {"m": np.zeros((12, 2))}, is_main=False)
    b = fake_run(tmp_path / "b", {"m": np.ones((12, 2))}, is_main=False)
    made = compare(a, b, settings=QUICK)
    assert (made.lines[0].verdict, made.family) == ("", 0)
    assert made.lines[0].found.p < 0.001


def test_what_is_no_finished_run_is_refused(two, tmp_path):
    a = two("a", 0.0)
    with pytest.raises(UsageError, match="is not finished"):
        compare(a, two("b", 0.0, finished=False))
    with pytest.raises(UsageError, match="is not a finished run folder"):
        compare(a, tmp_path)
    with pytest.raises(UsageError, match="no such correction; seen: none; legal: holm, bh, by"):
        compare(a, a, correction="none")
    edited = (a / JOURNAL).read_text().replace('"end"', '"End"')
    (a / JOURNAL).write_text(edited)
    with pytest.raises(RunDamaged, match="chain breaks at line 1"):
        compare(a, a)


def test_the_same_model_with_other_seeds_seldom_differs():
    """The null: p-values of whole comparisons of exchangeable runs are not too small."""
    from bench.comparison.columns import Pairs, compare_paired

    rng = np.random.default_rng(3)
    names = [f"p{i}" for i in range(20) for _ in range(2)]
    hits = 0
    for _ in range(200):
        prompt = np.repeat(rng.lognormal(size=20), 2)
        a, b = prompt * rng.lognormal(0, 0.3, size=(2, 40))
        pairs = Pairs(a_N=a, b_M=b, prompts_a=names, prompts_b=names)
        hits += (
            compare_paired(pairs, Settings(n_resamples=100, n_permutations=199), {}, {}).p <= 0.05
        )
    # 200 draws at 5 %: 99.9 % lie between 1 and 22
    assert 1 <= hits <= 22
