"""Diacritics: marks on Latin letters, off again; vowel signs of other scripts are none."""

import unicodedata

from audits.attacks.diacritics import Diacritics


def test_all_letters_at_share_one():
    made = Diacritics(share=1)("fight", 0)
    bare = unicodedata.normalize("NFD", made)
    assert sum(unicodedata.category(c) == "Mn" for c in bare) == 5
    assert Diacritics().undo(made) == "fight"


def test_indic_and_arabic_signs_are_kept():
    for text in ("हिन्दी", "مُحَمَّد"):
        assert Diacritics().undo(Diacritics()(text, 0)) == unicodedata.normalize("NFC", text)
