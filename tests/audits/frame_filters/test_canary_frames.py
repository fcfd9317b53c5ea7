"""The cascade's own output filter as a filter under test."""

from audits.frame_filters.canary_frames import CanaryFrames
from bench.testing import check_frame_filter
from generator.filters import canary_frames
from generator.filters.base import BLOCK, PASS
from generator.world.phantom import Phantom
from support.clips import moving


def clip(*, canary):
    shown = Phantom().generate("a red ball" + " with the canary emblem" * canary, 0)
    assert shown.truth.canary == canary
    return shown.frames


def test_it_conforms():
    check_frame_filter(CanaryFrames(), moving(6, 24, 40))


def test_it_decides_as_the_cascade_does():
    ours, cascades = CanaryFrames(threshold="0.5"), canary_frames.CanaryFrames()
    for shown, expected in ((True, BLOCK), (False, PASS)):
        frames = clip(canary=shown)
        assert ours(frames) == cascades(frames)
        assert ours(frames).decision == expected


def test_its_leak_can_be_set_and_its_model_stays_the_same():
    leaky = CanaryFrames(leak="1")
    assert leaky(clip(canary=True)).planted == "leak"
    assert leaky.model_id == CanaryFrames(threshold=0.9).model_id
