"""The seam of attacks: every attack keeps its word on texts in any script; two may be joined."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.attacks.base import Attack, Composed, check_attack, parse_attack, probability
from bench import registry
from bench.errors import UsageError

NAMES = registry.names("attack")
SCRIPTS = (
    "A masked attacker hits a man in an alley.",
    "رجل ملثم يضرب رجلا في زقاق",
    "एक नकाबपोश आदमी पर हमला करता है",
    "覆面の男が路地で人を殴る",
    "Маска и нож, naïve façade Straße",
    "👩‍🚀 🇫🇷 ❤️ e\u0301 क्षि",
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS | st.sampled_from(SCRIPTS), seed=st.integers(0, 2**40))
def test_every_attack_keeps_its_word(name, text, seed):
    check_attack(registry.build("attack", name), text, seed)


@pytest.mark.parametrize("name", NAMES)
def test_every_attack_changes_an_english_wish_and_says_what_it_is(name):
    attack = registry.build("attack", name)
    assert isinstance(attack, Attack)
    assert attack.name == name
    assert attack.family in {"char", "word", "phrase", "language", "encoding"}
    if name != "translation":
        text = "a violent attack with blood"
        assert any(attack(text, seed) != text for seed in range(3))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in {"translation"}])
def test_seeds_matter_where_something_is_drawn(name):
    attack = registry.build("attack", name)
    made = {attack(SCRIPTS[0], seed) for seed in range(20)}
    drawn = name not in {"base64", "rot13", "spacing"}
    assert (len(made) > 1) == drawn or (name == "euphemism" and made)


def test_two_are_joined_in_order():
    both = parse_attack("leet+spacing")
    assert isinstance(both, Composed)
    assert both.reversible
    assert both.meaning_for == "human"
    leet, spacing = parse_attack("leet"), parse_attack("spacing")
    assert both("a violent fight", 3) == spacing(leet("a violent fight", 3), 3)
    assert both.undo(both("a violent fight", 3)) == "a violent fight"


def test_joined_with_one_that_cannot_be_undone_it_cannot_be_undone():
    both = parse_attack("typos+base64")
    assert not both.reversible
    assert both.meaning_for == "neither"
    with pytest.raises(UsageError, match="the attack typos cannot be undone"):
        both.undo(both("a violent fight", 0))


@pytest.mark.parametrize("spec", ["", "+", "leet+", "leet+leet", "leet+casing+spacing"])
def test_what_no_attack_can_be_read_from(spec):
    with pytest.raises(UsageError, match="no attack can be read from this"):
        parse_attack(spec)


def test_an_unknown_one_is_named_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean leet"):
        parse_attack("leat")


def test_something_else_is_no_attack():
    with pytest.raises(UsageError, match="collections:Counter is no attack"):
        parse_attack("collections:Counter")


@pytest.mark.parametrize("share", ["0", "1.01", "much", "nan"])
def test_a_share_is_a_share(share):
    with pytest.raises(UsageError, match="the option share is no share"):
        probability("share", share)


class _Forgetful(Attack):
    name = "forgetful"
    family = "char"
    reversible = True

    def __call__(self, text, seed):
        return text.upper()

    def undo(self, text):
        return text.lower()


class _Empty(_Forgetful):
    def __call__(self, text, seed):
        return ""


def test_the_check_catches_what_breaks_its_word():
    check_attack(_Forgetful(), "a ball")
    with pytest.raises(AssertionError, match="undo gives the normal form back"):
        check_attack(_Forgetful(), "A ball")
    with pytest.raises(AssertionError, match="a text that is left to read"):
        check_attack(_Empty(), "a ball")
