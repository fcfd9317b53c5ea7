"""One small measurement for all readers: fixed seed, clean and noisy renders at two sizes."""

import numpy as np
import pytest

from generator.world.readers.measure import measure
from generator.world.render import render_batch
from generator.world.sampling import sample_scene

BASE = (24, 40)


@pytest.fixture(scope="session")
def tallies():
    """Tallies at base size, and of persons at twice base size."""
    base = measure(14, 11, [BASE], ["clean", "noisy"])
    persons = measure(12, 11, [(48, 80)], ["clean"], ["person"])
    return {**base, **{key: tally for key, tally in persons.items() if key not in base}}


@pytest.fixture
def reads_well(tallies):
    """Asserts that an attribute is right at least that often; noise may take 5 in 100."""

    def check(name, least=0.95, size_px=BASE, damages=("clean", "noisy")):
        for damage in damages:
            tally = tallies[name, size_px, damage]
            assert tally.asked >= 10
            assert tally.accuracy >= least - 0.05 * (damage == "noisy"), (name, damage, tally)

    return check


@pytest.fixture
def clips():
    """Scenes of a kind with their frames."""

    def draw(kind, n=4, seed=0, size_px=BASE):
        rng = np.random.default_rng(seed)
        scenes = [sample_scene(rng, kind=kind) for _ in range(n)]
        return list(zip(scenes, render_batch(scenes, *size_px), strict=True))

    return draw


@pytest.fixture
def noise():
    """A clip of nothing but noise."""
    return np.random.default_rng(1).integers(0, 256, (16, 24, 40, 3)).astype(np.uint8)


@pytest.fixture
def black():
    """A black clip."""
    return np.zeros((16, 24, 40, 3), dtype=np.uint8)
