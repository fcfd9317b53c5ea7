"""Homoglyphs: other letters, the same looks, back to Latin."""

import unicodedata

from audits.attacks.homoglyph import Homoglyph


def test_letters_that_have_a_twin_leave_the_latin_script():
    made = Homoglyph()("peace", 0)
    assert len(made) == 5
    assert all(not c.isascii() for c in made)
    assert {unicodedata.name(c).split()[0] for c in made} <= {"CYRILLIC", "GREEK", "ARMENIAN"}
    assert Homoglyph().undo(made) == "peace"


def test_compatibility_forms_do_not_undo_it():
    made = Homoglyph()("a violent fight", 1)
    assert unicodedata.normalize("NFKC", made) == made


def test_case_stays():
    for seed in range(5):
        assert [c.isupper() for c in Homoglyph()("PoPe", seed)] == [True, False, True, False]
