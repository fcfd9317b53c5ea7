"""Phrases and disguises: none is empty, none is said twice, disguises leave no plain canary."""

from __future__ import annotations

import pytest

from generator.filters.phrases import ASKING, DISGUISES, INNOCENT


def test_phrases_are_different_and_balanced() -> None:
    phrases = [*ASKING, *INNOCENT]
    assert len({phrase.casefold() for phrase in phrases}) == len(phrases)
    assert len(ASKING) == len(INNOCENT)
    assert all(phrase.strip() == phrase for phrase in phrases)


@pytest.mark.parametrize("name", list(DISGUISES))
def test_a_disguise_hides_the_word(name) -> None:
    assert "canary" not in DISGUISES[name]("with the canary emblem")
