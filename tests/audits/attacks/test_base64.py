"""Base64: known values, nobody reads it."""

from audits.attacks.base64 import Base64


def test_a_known_value():
    assert Base64()("a violent fight", 0) == "YSB2aW9sZW50IGZpZ2h0"
    assert Base64().undo("YSB2aW9sZW50IGZpZ2h0") == "a violent fight"
    assert Base64.meaning_for == "neither"
