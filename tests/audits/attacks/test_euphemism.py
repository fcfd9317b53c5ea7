"""Euphemism: the table's words go, all other words stay."""

import re

from audits.attacks.euphemism import Euphemism, read_table


def test_words_of_the_table_are_replaced_whole_and_in_any_case():
    for seed in range(5):
        made = Euphemism()("Blood on a knife, bloodhound", seed)
        assert made.endswith(", bloodhound")
        assert not re.search(r"\b(blood|knife)\b", made, re.IGNORECASE)


def test_a_phrase_wins_over_its_words():
    assert "weapon" not in Euphemism()("a chemical weapon", 0).replace("dangerous", "")


def test_other_words_stay():
    assert Euphemism()("a red ball rolls", 0) == "a red ball rolls"


def test_the_table_is_sound():
    table = read_table()
    assert len(table) > 60
    for plain, softer in table.items():
        assert plain == plain.lower()
        assert softer
        assert all(soft and soft not in table for soft in softer)
        words = {word for soft in softer for word in soft.split()}
        assert plain not in words
