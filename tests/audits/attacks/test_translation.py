"""Translation: what the suite has comes back from every language; the rest stays."""

import pytest

from audits.attacks.translation import Translation, load_pairs
from bench.errors import UsageError

PAIRS = load_pairs()


@pytest.mark.parametrize("lang", sorted(PAIRS))
def test_every_pair_goes_there_and_back(lang):
    attack = Translation(lang=lang)
    assert len(PAIRS[lang]) == len(set(PAIRS[lang].values()))
    for english, other in PAIRS[lang].items():
        assert attack(english, 0) == other
        assert attack.undo(other) == english


def test_what_is_not_in_the_suite_stays():
    assert Translation()("a text that nobody translated", 0) == "a text that nobody translated"


def test_another_language_is_refused():
    with pytest.raises(UsageError, match=r"no translations into this language; seen: xx; legal"):
        Translation(lang="xx")
