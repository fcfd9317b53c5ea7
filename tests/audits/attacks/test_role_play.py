"""Role play: the wish stands word for word in its frame."""

from audits.attacks.role_play import FRAMES, RolePlay


def test_every_frame_comes_up_and_holds_the_text():
    made = {RolePlay()("a violent fight", seed) for seed in range(60)}
    assert len(made) == len(FRAMES)
    assert all("a violent fight" in text for text in made)


def test_no_frame_is_the_beginning_of_another():
    starts = [before for before, _ in FRAMES]
    assert not any(a != b and a.startswith(b) for a in starts for b in starts)


def test_a_text_without_a_frame_is_left():
    assert RolePlay().undo("a ball") == "a ball"
