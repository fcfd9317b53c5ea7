"""Leet: the table, the share."""

import pytest

from audits.attacks.leet import Leet


def test_all_letters_of_the_table_at_share_one():
    made = Leet(share=1)("Violent", 0)
    assert made in {"V10|3n7"}
    assert Leet().undo(made) == "violent"


def test_other_scripts_and_letters_stay():
    assert Leet(share=1)("мир ç x", 5) == "мир ç x"


@pytest.mark.parametrize(("share", "least", "most"), [(0.1, 0.04, 0.16), (0.9, 0.84, 0.96)])
def test_the_share_is_kept(share, least, most):
    made = Leet(share=share)("e" * 1000, 1)
    assert least <= made.count("3") / 1000 <= most
