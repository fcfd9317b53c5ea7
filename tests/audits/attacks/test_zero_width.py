"""Zero width: between letters and nowhere else."""

from audits.attacks.zero_width import UNSEEN, ZeroWidth


def test_every_place_between_two_letters_gets_one():
    made = ZeroWidth()("ab cd", 0)
    assert len(made) == 7
    assert made[0] + made[2:5] + made[6] == "ab cd"
    assert made[1] in UNSEEN
    assert made[5] in UNSEEN


def test_emoji_stay_whole():
    assert "👩‍🚀" in ZeroWidth()("go 👩‍🚀 go", 0)
