import numpy as np

from generator.world.readers.things import find_things, strength


def discs(*places, radius=4.0, level=120.0):
    rows, columns = np.indices((24, 40))
    frame = np.zeros((24, 40, 3), dtype=np.float32)
    for x, y in places:
        frame[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2] = level
    return np.stack([frame] * 3)


def test_separate_things_are_counted_and_ordered():
    seen = find_things(discs((30, 12), (9, 12)), 1.0)
    assert seen.count == 2
    assert seen.agreement == 1.0
    assert seen.label_THW[0, 12, 9] == 1
    assert seen.label_THW[0, 12, 30] == 2
    assert seen.label_THW[0, 0, 20] == 0
    upright = find_things(discs((20, 18), (20, 5)), 1.0)
    assert upright.label_THW[0, 5, 20] == 1
    assert upright.label_THW[0, 18, 20] == 2


def test_parts_of_one_circle_are_one_thing():
    cut = discs((20, 12), radius=7.0)
    cut[:, 11:13] = 0  # a belt that looks like the background
    assert find_things(cut, 1.0).count == 1


def test_nothing_is_nothing():
    assert find_things(np.zeros((3, 24, 40, 3), dtype=np.float32), 1.0).count == 0
    rng = np.random.default_rng(0)
    assert find_things(rng.normal(0, 8, (3, 24, 40, 3)).astype(np.float32), 1.0).count == 0


def test_strength_grows_with_distance_and_ends_at_one():
    firm = strength(discs((20, 12), radius=6.0, level=400.0), 1.0)
    assert firm[0, 12, 20] == 1
    assert firm[0, 0, 0] == 0
