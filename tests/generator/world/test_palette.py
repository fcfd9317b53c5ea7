from itertools import combinations

import numpy as np
import pytest

from generator.world.palette import (
    BACKGROUNDS,
    COLOURS,
    FIGURE_GROUNDS,
    MONK,
    TONE_BANDS,
    ita_deg,
    to_lab,
    to_linear,
    tone_band,
)


def test_cielab_of_known_colours():
    # white, black and sRGB red under D65, from the CIE formulae
    assert np.allclose(to_lab((255, 255, 255)), [100, 0, 0], atol=0.02)
    assert np.allclose(to_lab((0, 0, 0)), [0, 0, 0], atol=1e-6)
    assert np.allclose(to_lab((255, 0, 0)), [53.24, 80.09, 67.20], atol=0.05)
    assert to_linear(np.array(255.0)) == 1.0


def test_colours_are_far_apart():
    gaps = [
        np.linalg.norm(to_lab(COLOURS[a]) - to_lab(COLOURS[b])) for a, b in combinations(COLOURS, 2)
    ]
    assert min(gaps) >= 25


def test_monk_tones_darken_and_lose_ita():
    light = [float(to_lab(tone)[0]) for tone in MONK]
    assert light[0] > light[4] > light[9]
    angles = [float(ita_deg(tone)) for tone in MONK]
    assert angles[0] > 55
    assert angles[9] < -30


def test_bands_cover_the_ten_tones_once():
    assert sorted(t for tones in TONE_BANDS.values() for t in tones) == list(range(1, 11))
    assert [tone_band(t) for t in (1, 5, 10)] == ["light", "medium", "dark"]
    with pytest.raises(ValueError, match="no such Monk tone; seen: 0; legal: 1 to 10"):
        tone_band(0)


def test_no_tone_comes_near_a_ground_of_persons():
    for name in FIGURE_GROUNDS:
        for end in (BACKGROUNDS[name].low, BACKGROUNDS[name].high):
            assert min(np.linalg.norm(to_lab(end) - to_lab(tone)) for tone in MONK) > 15


def test_plain_grounds_have_one_tone():
    assert {name for name, ground in BACKGROUNDS.items() if ground.plain} == {
        "white", "grey", "black", "cream", "lilac",
    }  # fmt: skip
    assert all(g.low == g.high for g in BACKGROUNDS.values() if g.plain)
