import pytest

from generator.world.grammar import STYLES, Scene, Thing, Truth
from generator.world.readers import read
from generator.world.render import render


def test_styles_are_read_well(reads_well):
    reads_well("style", least=0.98)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("background", ["black", "sky"])
def test_every_style_at_any_size(style, background):
    truth = Truth(
        things=(Thing(shape="teddy", colour="orange"),), style=style, background=background
    )
    for size in ((24, 40), (120, 200)):
        frames = render(Scene(truth=truth), *size, n_frames=4)
        assert read(frames, 3.0, ["style"])["style"].value == style
