import numpy as np

from generator.world.palette import COLOURS
from generator.world.readers.split import split_colours
from generator.world.readers.things import Things


def one_part(*colours):
    plain = np.full((4, 24, 40, 3), 246.0, dtype=np.float32)
    label = np.zeros((4, 24, 40), dtype=np.uint8)
    label[:, 2:22, 15:25] = 1
    for k, name in enumerate(colours):
        plain[:, 2 + 10 * k : 12 + 10 * k, 15:25] = COLOURS[name]
    return Things(label_THW=label, count=1, counts_T=np.ones(4, dtype=int)), plain


def test_two_colours_that_touch_are_two_things():
    seen = split_colours(*one_part("green", "red"))
    assert seen.count == 2
    assert seen.label_THW[0, 4, 20] == 1
    assert seen.label_THW[0, 20, 20] == 2


def test_one_colour_or_its_shade_is_one_thing():
    assert split_colours(*one_part("green", "green")).count == 1
    assert split_colours(*one_part("orange", "brown")).count == 1


def test_mixed_colours_are_one_thing():
    things, plain = one_part("green", "green")
    plain[:, 2:22:2, 15:25] = COLOURS["red"]
    assert split_colours(things, plain).count == 1
