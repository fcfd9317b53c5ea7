"""The index of near-duplicates finds exactly what comparing every pair finds."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.suites._near import near_pairs

LETTERS = "abcdefghijklmnopqrstuvwxyz"
sets = st.lists(st.frozensets(st.sampled_from(LETTERS), max_size=26), max_size=14)


def jaccard(a, b):
    return Fraction(len(a & b), len(a | b)) if a | b else Fraction(0)


@settings(deadline=None, max_examples=400)
@given(sets=sets, threshold=st.sampled_from([Fraction(1, 2), Fraction(7, 10), Fraction(9, 10)]))
def test_agrees_with_comparing_every_pair(sets, threshold):
    pairs = near_pairs(sets, [None] * len(sets), threshold)
    assert all(i < j and jaccard(sets[i], sets[j]) >= threshold for i, j in pairs)
    size = lambda i: (len(sets[i]), i)  # noqa: E731
    larger = {
        max(i, j, key=size)
        for j in range(len(sets))
        for i in range(j)
        if jaccard(sets[i], sets[j]) >= threshold
    }
    assert {max(pair, key=size) for pair in pairs} == larger
    assert len(pairs) == len(larger)


def test_the_threshold_is_met_and_not_only_passed():
    nine, ten = frozenset(LETTERS[:9]), frozenset(LETTERS[:10])
    assert near_pairs([nine, ten], [None, None]) == [(0, 1)]
    assert near_pairs([frozenset(LETTERS[:8]), nine], [None, None]) == []


def test_members_of_one_group_are_no_pair_and_others_are():
    words = frozenset("abc")
    assert near_pairs([words] * 3, ["g", "g", None]) == [(0, 2)]
    ten, eleven = frozenset(LETTERS[:10]), frozenset(LETTERS[:11])
    assert near_pairs([ten, eleven], ["g", "g"]) == []
    assert near_pairs([ten, eleven], ["g", "h"]) == [(0, 1)]


def test_a_cluster_costs_a_comparison_a_member():
    shared = frozenset(LETTERS)
    compared = []

    class Counted(frozenset):
        def __and__(self, other):
            compared.append(1)
            return frozenset.__and__(self, other)

    n = 300
    near_pairs([Counted(shared | {str(i)}) for i in range(n)], [None] * n)
    assert len(compared) == n - 1
