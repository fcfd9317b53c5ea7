import numpy as np
import pytest

from generator.world.grammar import ROLES
from generator.world.readers.marks import find_badge, find_canary
from generator.world.readers.scan import SEEN_MARK, Scan


def test_marks_are_found_only_where_they_are(clips):
    for kind in ("thing", "person", "canary"):
        for scene, frames in clips(kind, n=8, seed=2):
            scan = Scan(frames, 3.0)
            assert scan.has_canary is (kind == "canary")
            assert scan.has_badge is (kind == "person")
            if scene.truth.person is not None:
                assert ROLES[scan.badge.code] == scene.truth.person.role


@pytest.mark.parametrize("find", [find_badge, find_canary])
def test_an_empty_picture_and_faint_noise_hold_no_mark(find):
    noise = np.random.default_rng(2).normal(0, 6, (24, 40, 3)).astype(np.float32)
    assert find(np.zeros((24, 40, 3), dtype=np.float32), "grey").cosine < 0.1
    assert find(noise, "grey").cosine < SEEN_MARK / 2
