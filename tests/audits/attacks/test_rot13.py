"""Rot13: a known value; twice is the text."""

from audits.attacks.rot13 import Rot13


def test_a_known_value():
    assert Rot13()("Hello, мир", 0) == "Uryyb, мир"
    assert Rot13()(Rot13()("Hello", 0), 1) == "Hello"
    assert Rot13.meaning_for == "neither"
