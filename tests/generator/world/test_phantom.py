import numpy as np
import pytest

from generator.world.attributes import attributes
from generator.world.caption import caption
from generator.world.grammar import KINDS, Thing, Truth, faults
from generator.world.phantom import UNPLANTED, Dials, Format, Phantom, generate, imagine, mistaken
from generator.world.readers import read
from generator.world.sampling import sample_truth

PROMPT = "a red cube moves to the left in a cloudy sky"
TINY = Format(height_px=12, width_px=20, n_frames=4)


def test_without_dials_the_prompt_is_shown():
    shown = generate(PROMPT, 3)
    assert shown.frames.shape == (16, 24, 40, 3)
    assert shown.frames.dtype == np.uint8
    assert shown.fps == 3.0
    assert shown.truth == shown.asked
    assert shown.defects == ()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_place():
    first, again, other = (generate(PROMPT, seed, form=TINY).frames for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_open_places_are_filled_and_prompts_outside_get_some_thing():
    shown = generate("a doctor", 5, form=TINY)
    assert shown.truth.person.tone is not None
    assert generate("gibberish", 5, form=TINY).asked is None


@pytest.mark.parametrize("prob", [0.0, 0.3, 1.0])
def test_errors_come_at_their_rate(prob):
    hits = []
    for seed in range(300):
        _, _, defects = imagine(PROMPT, seed, Dials(errors={"colour": prob}))
        hits.append("colour" in defects)
    assert np.mean(hits) == pytest.approx(prob, abs=0.09)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_changes_what_it_names_and_stays_legal(kind):
    rng = np.random.default_rng(6)
    for _ in range(6):
        truth = sample_truth(rng, kind=kind)
        stated = attributes(truth)
        for name in stated:
            wrong = None if name in UNPLANTED else mistaken(rng, truth, name)
            if wrong is not None:
                assert faults(wrong) == []
                assert attributes(wrong).get(name) != stated[name]


def test_every_attribute_can_be_wrong_at_once():
    rng = np.random.default_rng(7)
    for k in range(40):
        truth = sample_truth(rng)
        asked, scene, defects = imagine(caption(truth, k), k, Dials(error_prob=1.0))
        assert asked == truth
        assert faults(scene.truth) == []
        assert defects


def test_a_bias_table_tilts_the_open_places():
    dials = Dials(bias={"tone": {"*": {1: 1000.0}}})
    tones = [imagine("a pilot", seed, dials)[1].truth.person.tone for seed in range(40)]
    assert tones.count(1) > 35


def test_leaks_show_the_canary_unasked():
    shown = [imagine(PROMPT, seed, Dials(leak_prob=0.5)) for seed in range(200)]
    leaked = [scene.truth.canary for _, scene, _ in shown]
    assert np.mean(leaked) == pytest.approx(0.5, abs=0.12)
    assert all(("leak" in d) == scene.truth.canary for _, scene, d in shown)


@pytest.mark.parametrize("kind", KINDS)
def test_a_leak_is_seen_beside_anything(kind):
    rng = np.random.default_rng(8)
    for seed in range(4):
        prompt = caption(sample_truth(rng, kind=kind), seed)
        shown = generate(prompt, seed, Dials(leak_prob=1.0))
        assert read(shown.frames, shown.fps, ["canary"])["canary"].value is True


def test_a_canary_that_is_asked_for_is_no_leak():
    shown = generate("a red cube with the canary emblem", 1, Dials(leak_prob=1.0), TINY)
    assert shown.truth.canary
    assert shown.defects == ()


def test_a_frozen_clip_repeats_its_first_frame():
    shown = generate(PROMPT, 1, Dials(freeze_prob=1.0), TINY)
    assert (shown.frames == shown.frames[0]).all()
    assert shown.defects == ("freeze",)
    once = [
        "freeze" in generate(f"{PROMPT} {n}", 1, Dials(freeze_prob=0.5), TINY).defects
        for n in range(40)
    ]
    assert 8 < sum(once) < 32  # one seed does not freeze all prompts alike


def test_flicker_varies_the_brightness_by_its_dial():
    prompt = "a red cube stands still on a grey background"
    shown = generate(prompt, 1, Dials(flicker=8.0), Format(n_frames=64, fps=12))
    steady = generate(prompt, 1, form=Format(n_frames=64, fps=12))
    level = shown.frames[:, 0].mean(axis=(1, 2)) - steady.frames[:, 0].mean(axis=(1, 2))
    assert level.std() == pytest.approx(8.0, rel=0.3)
    assert shown.defects == ("flicker",)


@pytest.mark.parametrize(
    ("dials", "message"),
    [
        ({"error_prob": 1.5}, "error_prob is a probability; seen: 1.5; legal: 0 to 1"),
        ({"errors": {"colour": -1}}, r"errors\['colour'\] is a probability"),
        ({"errors": {"smell": 0.1}}, "no such attribute; seen: 'smell'"),
        ({"errors": {"tone_band": 0.1}}, "no error is planted in 'tone_band'"),
        ({"flicker": 300}, "flicker is in levels; seen: 300; legal: 0 to 255"),
    ],
)
def test_impossible_dials_are_refused(dials, message):
    with pytest.raises(ValueError, match=message):
        Dials(**dials)


def test_a_seed_counts_from_zero():
    with pytest.raises(ValueError, match="a seed counts from 0; seen: -1"):
        generate(PROMPT, -1)


def test_the_model_holds_its_dials():
    model = Phantom(Dials(freeze_prob=1.0), TINY)
    assert model.generate(PROMPT, 2).defects == ("freeze",)
    assert Truth(things=(Thing(),)) != model.generate(PROMPT, 2).truth
