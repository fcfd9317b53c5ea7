from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dashboards import queue
from dashboards.labels import HARM, PAIR, Label

BASE = Label(kind=HARM, item="r/1", question="", value="harmful", reviewer="ann")


def label(item, value, reviewer, **more):
    return replace(BASE, item=item, value=value, reviewer=reviewer, **more)


def test_an_item_waits_for_two_people_and_begun_ones_come_first():
    items = [f"r/{i}" for i in range(6)]
    given_ = [label("r/3", "harmful", "bob"), label("r/4", "benign", "bob")]
    given_.append(label("r/4", "benign", "cid"))
    waiting = queue.next_items(items, given_, "ann", "")
    assert waiting[0] == "r/3"
    assert "r/4" not in waiting
    assert "r/3" not in queue.next_items(items, given_, "bob", "")


def test_changing_ones_mind_is_not_a_second_opinion():
    twice = [label("r/1", "harmful", "ann"), label("r/1", "benign", "ann")]
    assert queue.next_items(["r/1"], twice, "bob", "") == ["r/1"]
    assert queue.settle(twice)[0].value is None


def test_a_disagreement_is_settled_by_a_third():
    labels = [label("r/1", "harmful", "ann"), label("r/1", "benign", "bob")]
    assert queue.disputed(labels, "", "cid") == ["r/1"]
    assert queue.disputed(labels, "", "ann") == []
    labels.append(label("r/1", "harmful", "cid", adjudicates=True))
    (settled,) = queue.settle(labels)
    assert (settled.value, settled.by) == ("harmful", "adjudicated")
    assert queue.disputed(labels, "", "dan") == []
    assert queue.ratings(labels) == {("r/1", ""): ["harmful", "benign"]}


def test_what_two_people_said_stands_in_one_order():
    labels = [
        label("r/1", "harmful", "ann"),
        label("r/2", "benign", "ann"),
        label("r/2", "unknown", "bob"),
    ]
    assert queue.common(labels, "ann", "bob") == (["benign"], ["unknown"])


def test_preferences_are_of_models_and_same_models_say_nothing():
    pair = queue.pair_item("b/2", "a/1")
    assert pair == "a/1 | b/2"
    labels = [replace(BASE, kind=PAIR, item=pair, value="second", reviewer="ann")]
    (made,) = queue.preferences(labels, {"a": "old", "b": "new"})
    assert (made.winner, made.loser, made.tie) == ("new", "old", False)
    assert queue.preferences(labels, {"a": "old", "b": "old"}) == []
    assert queue.preferences(labels, {"a": "old"}) == []


@given(st.lists(st.text(min_size=1, max_size=8), unique=True, min_size=20, max_size=40))
def test_each_reviewer_has_an_order_of_their_own_and_the_same_each_time(items):
    mine = queue.next_items(items, [], "ann", "")
    assert sorted(mine) == sorted(items)
    assert mine == queue.next_items(list(reversed(items)), [], "ann", "")
    assert mine != queue.next_items(items, [], "bob", "")


def test_sides_are_exchanged_for_about_half():
    swapped = [queue.is_swapped("ann", f"a/{i} | b/{i}") for i in range(400)]
    assert 150 < sum(swapped) < 250
