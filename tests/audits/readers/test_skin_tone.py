"""Skin tone by ITA: the Monk scale's own swatches, phantom figures, and changes of the light."""

from collections import Counter

import numpy as np
import pytest

from audits.readers.skin_tone import ATTRIBUTE, SkinTone, ita_deg, skin_of, to_lab
from bench.errors import UsageError
from generator.world.palette import COLOURS, HAIR_COLOURS, MONK, tone_band
from generator.world.phantom import Format, generate
from support.footage import footage

ITA = (83.0, 80.2, 71.7, 64.7, 50.3, 10.8, -20.3, -55.6, -78.4, -84.3)
"""Of the ten swatches, computed by another program in the project's research."""
FORM = Format(height_px=48, width_px=80, n_frames=6)
READER = SkinTone(frames=4)


def card(rgb, *, light=1.0):
    """A face of one colour on grey, with a white card in view, under more or less light."""
    frame = np.full((48, 64, 3), 128.0)
    frame[8:24, 20:44] = rgb
    frame[30:40, 4:16] = 250
    return np.clip(frame * light, 0, 255).round().astype(np.uint8)


@pytest.mark.parametrize("tone", range(1, 11))
def test_each_monk_swatch_is_skin_and_has_its_angle_and_band(tone):
    rgb = np.array(MONK[tone - 1])
    assert ita_deg(rgb.astype(np.float32)) == pytest.approx(ITA[tone - 1], abs=0.3)
    assert skin_of(to_lab(rgb.reshape(1, 1, 3).astype(np.uint8))).all()
    seen = READER.of_frame(card(rgb))
    # between Monk 4 and 5 and between 7 and 8 lie borders, and no swatch lies at one
    assert seen.value == tone_band(tone)


@pytest.mark.parametrize("light", [0.45, 0.6, 0.8, 1.2])
@pytest.mark.parametrize("tone", range(1, 11))
def test_light_never_moves_a_tone_into_another_band(tone, light):
    seen = READER.of_frame(card(MONK[tone - 1], light=light))
    assert seen.value in {tone_band(tone), None}
    assert seen.reason or seen.value


def test_without_anything_neutral_the_light_cannot_be_judged():
    frame = np.full((48, 64, 3), (60, 120, 200), np.uint8)
    frame[8:24, 20:44] = MONK[3]
    assert "nothing neutral" in READER.of_frame(frame).reason


def test_neither_outfits_nor_hair_are_skin_however_dim():
    for name, rgb in {**COLOURS, **HAIR_COLOURS}.items():
        for light in (1.0, 0.6):
            colour = (np.array(rgb) * light).astype(np.uint8).reshape(1, 1, 3)
            assert not skin_of(to_lab(colour)).any(), (name, light)


@pytest.mark.parametrize("light", [1.0, 0.85, 0.6])
def test_phantom_figures_are_read_right_or_not_at_all(light):
    told = Counter()
    for seed in range(20):
        shown = generate("a person walks to the left", seed, form=FORM)
        frames = np.clip(shown.frames * light, 0, 255).astype(np.uint8)
        seen = READER.read(footage(frames))[ATTRIBUTE].value
        told[seen == tone_band(shown.truth.person.tone) if seen else None] += 1
    assert told[False] == 0
    assert told[True] >= {1.0: 15, 0.85: 10, 0.6: 2}[light]


def test_noise_flat_grey_and_skin_coloured_walls_are_no_faces():
    rng = np.random.default_rng(0)
    for frame in (
        rng.integers(0, 250, (48, 64, 3)).astype(np.uint8),
        np.full((48, 64, 3), 128, np.uint8),
        np.full((48, 64, 3), MONK[4], np.uint8),
    ):
        assert READER.read(footage(frame[None].repeat(4, axis=0)))[ATTRIBUTE].value is None


def test_an_overexposed_picture_is_not_read():
    frame = card(MONK[8])
    frame[:4] = 255
    assert "overexposed" in READER.of_frame(frame).reason


def test_options_that_read_nothing_are_refused():
    for options in ({"frames": 0}, {"least": 1}, {"margin": 60}):
        with pytest.raises(UsageError, match="no such way to read skin tone"):
            SkinTone(**options)
    assert SkinTone(frames="3").settings()["frames"] == 3
