"""Casing: the case turned, the letters kept."""

from audits.attacks.casing import Casing


def test_all_cases_at_share_one():
    assert Casing(share=1)("Violent", 0) == "vIOLENT"


def test_letters_that_do_not_come_back_stay():
    assert Casing(share=1)("ßıﬁ日本", 0) == "ßıﬁ日本"
