"""Holm over the lines, waivers, and how the whole follows; what no data may ever do."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.gates.bounds import Share
from bench.gates.decide import Measured, Verdict, decide, overall, p_values
from bench.gates.policy import parse_policy

TODAY = datetime.date(2026, 11, 24)
NONE = {"missing": 0, "error": 0, "vetoed": 0, "suppressed": 0, "unknown": 0}
WAIVER = '[[waiver]]\nline = "l0"\nwaives = "verdict"\nowner = "A"\nreason = "r"\nexpires = '
RANK = {Verdict.FAIL: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 2}


def policy_of(limits, extra="", rule="max"):
    lines = "".join(
        f'[[line]]\nid = "l{i}"\nfinding = "f{i}"\n{rule} = {limit!r}\n'
        for i, limit in enumerate(limits)
    )
    return parse_policy(lines + extra)


def measured(line, k, n, n_missing=0, **changes):
    """A share with an upper limit; missing trials count as events towards a PASS."""
    fields = {
        "line": line,
        "what": line.what(),
        "seen": Share(k=k, n=n),
        "worst": Share(k=k + n_missing, n=n + n_missing) if n_missing else None,
        "n": n,
        "n_clusters": n,
        "counts": {**NONE, "missing": n_missing},
    }
    return Measured(**{**fields, **changes})


def decided(policy, shares, **changes):
    rows = zip(policy.lines, shares, strict=True)
    return decide([measured(line, *share, **changes) for line, share in rows], policy, TODAY)


def verdicts(decision):
    return [line.verdict for line in decision.lines]


def test_one_line_alone_has_the_whole_level():
    (line,) = decided(policy_of([0.05]), [(0, 59)]).lines
    assert line.verdict is Verdict.PASS
    assert (line.passing.level, line.passing.p) == (0.05, pytest.approx(0.95**59))
    assert line.passing.bound < 0.05
    assert decided(policy_of([0.05]), [(0, 58)]).verdict is Verdict.INCONCLUSIVE


def test_holm_shares_the_level_among_the_lines():
    policy = policy_of([0.05, 0.05])
    # p = 0.0485 each: both at once are not shown at half the level, one beside a sure one is
    assert verdicts(decided(policy, [(0, 59), (0, 59)])) == [Verdict.INCONCLUSIVE] * 2
    assert verdicts(decided(policy, [(0, 59), (0, 200)])) == [Verdict.PASS] * 2
    first, second = decided(policy, [(0, 59), (0, 200)]).lines
    assert (first.passing.level, second.passing.level) == (0.05, 0.025)


def test_a_line_that_is_not_shown_holds_the_rest_to_its_level():
    policy = policy_of([0.05, 0.05, 0.05])
    decision = decided(policy, [(0, 60), (0, 61), (0, 62)])
    assert [line.passing.level for line in decision.lines] == pytest.approx([0.05 / 3] * 3)
    for line in decision.lines:
        assert line.passing.bound > 0.05, "the bound that is printed agrees with the verdict"


def test_the_n_that_would_decide_is_at_the_first_step_of_holm():
    policy = policy_of([0.1, 0.1])
    (line, _) = decided(policy, [(1, 40), (1, 40)]).lines
    assert line.needed == Share(k=1, n=40).needed(0.1, 0.025, 0.8)
    (line,) = decided(policy_of([0.1]), [(4, 40)]).lines
    assert line.needed is None
    assert "more videos of this kind decide nothing" in line.reason


def test_a_line_that_cannot_be_tested_stays_in_the_family():
    policy = policy_of([0.05, 0.05])
    rows = [measured(policy.lines[0], 0, 65), measured(policy.lines[1], 0, 65, blocked="why")]
    decision = decide(rows, policy, TODAY)
    assert verdicts(decision) == [Verdict.INCONCLUSIVE] * 2
    assert decision.lines[1].reason == "why"


def test_any_fail_fails_else_any_open_line_leaves_it_open():
    policy = policy_of([0.05, 0.05, 0.05])
    cases = {
        Verdict.FAIL: [(40, 100), (5, 100), (0, 500)],
        Verdict.INCONCLUSIVE: [(0, 500), (5, 100), (0, 500)],
        Verdict.PASS: [(0, 500)] * 3,
    }
    for verdict, shares in cases.items():
        decision = decided(policy, shares)
        assert decision.verdict is verdict
    assert decided(policy, cases[Verdict.FAIL]).reason == "1 of 3 lines: l0"


def test_an_uncertified_metric_is_open_unless_that_is_waived():
    waiver = (
        '[[waiver]]\nline = "l0"\nwaives = "certificate"\nowner = "A"\nreason = "r"\n'
        "expires = 2026-12-01"
    )
    refused = decided(policy_of([0.05]), [(0, 500)], uncertified="no certificate")
    assert refused.verdict is Verdict.INCONCLUSIVE
    assert refused.lines[0].reason == "not certified: no certificate"
    waived = decided(policy_of([0.05], waiver), [(0, 500)], uncertified="no certificate")
    assert waived.verdict is Verdict.PASS
    assert waived.lines[0].waiver.owner == "A"
    assert "not certified, waived: no certificate" in waived.lines[0].measured.notes
    failing = decided(policy_of([0.05], waiver), [(400, 500)], uncertified="no certificate")
    assert failing.verdict is Verdict.FAIL


@pytest.mark.parametrize("shares", [(0, 500), (400, 500), (3, 100)])
def test_an_expired_waiver_fails_whatever_the_number_says(shares):
    decision = decided(policy_of([0.05], WAIVER + "2026-11-23"), [shares])
    assert decision.verdict is Verdict.FAIL
    assert decision.lines[0].reason.startswith("the waiver of A expired on 2026-11-23; ")
    assert not decision.lines[0].set_aside


def test_a_waiver_sets_its_line_aside_and_nothing_passes_by_waivers_alone():
    waiver = WAIVER + "2026-11-24"
    both = decided(policy_of([0.05, 0.05], waiver), [(400, 500), (0, 500)])
    assert both.verdict is Verdict.PASS
    assert both.reason == "1 of 2 lines, 1 waived"
    assert verdicts(both) == [Verdict.FAIL, Verdict.PASS]
    alone = decided(policy_of([0.05], waiver), [(400, 500)])
    assert (alone.verdict, alone.reason) == (
        Verdict.INCONCLUSIVE,
        "every line is waived: nothing was shown",
    )


def test_a_count_of_the_run_is_no_test_and_takes_no_share_of_the_level():
    policy = parse_policy(
        '[[line]]\nid = "c"\ncoverage = "ok"\ncounted = true\nmin = 0.95\n'
        '[[line]]\nid = "f"\nfinding = "f"\nmax = 0.05'
    )
    count, finding = policy.lines
    rows = [measured(count, 0, 100, seen=None, counted=0.95), measured(finding, 0, 59)]
    assert verdicts(decide(rows, policy, TODAY)) == [Verdict.PASS] * 2
    rows[0] = measured(count, 0, 100, seen=None, counted=0.94)
    assert decide(rows, policy, TODAY).verdict is Verdict.FAIL


counts = st.integers(1, 150).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
lines = st.lists(st.tuples(counts, st.floats(0.0, 1.0)), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(lines)
def test_no_line_both_passes_and_fails(held):
    for line, (share, _) in zip(policy_of([x for _, x in held]).lines, held, strict=True):
        passing, failing = p_values(measured(line, *share))
        assert passing + failing >= 1 - 1e-9


@settings(max_examples=60, deadline=None)
@given(lines, st.randoms())
def test_the_order_of_the_lines_does_not_matter(held, random):
    policy = policy_of([x for _, x in held])
    rows = [measured(line, *share) for line, (share, _) in zip(policy.lines, held, strict=True)]
    shuffled = rows.copy()
    random.shuffle(shuffled)
    first, second = (decide(order, policy, TODAY) for order in (rows, shuffled))
    assert first.verdict is second.verdict
    by_id = {line.measured.line.id: line for line in second.lines}
    for line in first.lines:
        assert line.verdict is by_id[line.measured.line.id].verdict


@settings(max_examples=60, deadline=None)
@given(lines, st.floats(0, 0.5), st.integers(0, 4))
def test_a_wider_limit_never_makes_a_verdict_worse(held, slack, which):
    which %= len(held)
    limits = [x for _, x in held]
    wider = [x + slack * (i == which) for i, x in enumerate(limits)]
    shares = [share for share, _ in held]
    before, after = (decided(policy_of(x), shares) for x in (limits, wider))
    assert RANK[after.verdict] >= RANK[before.verdict]
    for one, other in zip(before.lines, after.lines, strict=True):
        if one.verdict is Verdict.PASS:
            assert other.verdict is Verdict.PASS


@settings(max_examples=60, deadline=None)
@given(lines, st.integers(0, 6), st.integers(1, 6))
def test_more_missing_never_turns_a_line_into_a_pass(held, n_missing, more):
    policy = policy_of([x for _, x in held])
    before = decided(policy, [(k, n, n_missing) for (k, n), _ in held])
    after = decided(policy, [(k, n, n_missing + more) for (k, n), _ in held])
    # and a video that had a number and loses it
    lost = decided(policy, [(max(k - 1, 0), n - 1 or 1, n_missing + 1) for (k, n), _ in held])
    for one, other, third in zip(before.lines, after.lines, lost.lines, strict=True):
        if one.verdict is not Verdict.PASS:
            assert other.verdict is not Verdict.PASS
            assert third.verdict is not Verdict.PASS


def test_overall_of_nothing_is_open():
    assert overall([])[0] is Verdict.INCONCLUSIVE
