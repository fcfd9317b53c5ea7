"""The fake model: its clip by hand, its options, conformance."""

import numpy as np
import pytest

from bench.errors import UsageError
from bench.models.base import load_model
from bench.models.constant import known_clip
from bench.testing import check_model
from support.models import ASK


def test_the_clip_by_hand():
    clip = known_clip(3, 16, 32)
    assert clip.shape == (3, 16, 32, 3)
    assert clip[0, 0, 0].tolist() == [0, 0, 0]
    assert clip[0, 0, -1].tolist() == [255, 255, 255]
    red = (clip == (255, 0, 0)).all(axis=-1)
    assert red.sum(axis=(1, 2)).tolist() == [16, 16, 16]
    assert [int(np.argwhere(frame)[0, 1]) for frame in red] == [0, 2, 4]


def test_it_conforms_and_gives_every_ask_the_same():
    model = load_model("constant:frames=5,height=20,width=30,fps=12")
    check_model(model)
    made = model.generate([ASK])[0]
    assert made.frames.shape == (5, 20, 30, 3)
    assert made.fps == 12
    assert model.fingerprint()["height_px"] == 20


@pytest.mark.parametrize("spec", ["constant:frames=0", "constant:fps=nan", "constant:height=2.5"])
def test_impossible_forms_are_refused(spec):
    with pytest.raises(UsageError, match="the option"):
        load_model(spec)
