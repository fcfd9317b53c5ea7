"""Reads the apparent skin tone of a face in three bands, and abstains where the light decides.

Skin is looked for by hue and saturation in CIELAB, never by lightness and never by a rule on RGB:
the rule that image audits share accepts four of the ten Monk swatches as skin. The topmost region
of a frame that is large enough is taken for the face. Its individual typology angle,
`ITA = atan2(L* - 50, b*)` (Chardon and others 1991), names the band: light (Monk 1 to 4), medium
(5 to 7) or dark (8 to 10).

Light is a confound as large as what is measured: dimming by 0.6 moves Monk 4 to Monk 6. So each
frame is read twice, as it is and with its brightest neutral taken for white; where the two bands
differ, where ITA lies near a border, or where the region is small, the reader abstains.

Options: `frames` is how many frames are looked at; `least` the smallest face, pixels; `margin` the
degrees of ITA that a border keeps clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from audits.readers.base import U8, AttributeReader, Footage, Perceived, agreed, unknown
from bench.errors import UsageError
from bench.types import Json

F32 = npt.NDArray[np.float32]
ATTRIBUTE = "apparent_skin_tone_band"
BANDS = ("light", "medium", "dark")
BORDERS_DEG = (57.5, -38.0)
"""ITA between Monk 4 and 5, and between 7 and 8: half way between the swatches."""
HUES_DEG = (22.0, 100.0)
SATURATIONS = (0.043, 0.5)
"""Chroma over L* + 16, which more or less light does not change (CIELAB's cube roots cancel)."""
_NEUTRAL, _WHITE_QUANTILE = 0.04, 0.998
_MOST_SPREAD = 9.0  # median absolute deviation of L* within one face
_LEAST_NEUTRALS = 8
_CLIPPED, _MOST_CLIPPED = 254, 0.01
_FACE_ROWS = 0.6  # of a region's height that count as its top


class SkinTone(AttributeReader):
    """Three bands of the Monk scale, from the face's colour in CIELAB."""

    name: ClassVar[str] = "skin_tone"
    ordinal = frozenset({ATTRIBUTE})
    attributes: Mapping[str, tuple[str, ...]] = {ATTRIBUTE: BANDS}
    stated_by: Mapping[str, tuple[str, ...]] = {ATTRIBUTE: ("tone", "tone_band", "skin_tone")}

    def __init__(
        self, *, frames: int | str = 8, least: int | str = 24, margin: float | str = 4.0
    ) -> None:
        self.n_frames, self.least_px = int(frames), int(least)
        self.margin_deg = float(margin)
        if self.n_frames < 1 or self.least_px < 4 or not 0 <= self.margin_deg < 30:
            raise UsageError(
                "no such way to read skin tone",
                seen=f"frames={frames}, least={least}, margin={margin}",
                legal="1 frame and up, 4 px and up, 0 to 30 degrees",
            )

    def settings(self) -> Mapping[str, Json]:
        """The options."""
        return {"frames": self.n_frames, "least_px": self.least_px, "margin_deg": self.margin_deg}

    def read(self, footage: Footage) -> Mapping[str, Perceived]:
        """The band on which the frames agree."""
        frames_THWC, _ = footage.frames()
        picks = np.linspace(0, len(frames_THWC) - 1, min(self.n_frames, len(frames_THWC)))
        seen = [self.of_frame(frames_THWC[round(float(pick))]) for pick in picks]
        return {ATTRIBUTE: agreed(seen)}

    def of_frame(self, frame_HWC: U8) -> Perceived:
        """The band of one frame's face."""
        if float((frame_HWC.max(axis=2) >= _CLIPPED).mean()) > _MOST_CLIPPED:
            return unknown("the picture is overexposed: light skin may be cut off")
        lab_HWC = to_lab(frame_HWC)
        face_HW = face_of(lab_HWC, self.least_px)
        if face_HW is None:
            return unknown("no face is seen")
        lightness_P = lab_HWC[..., 0][face_HW]
        if float(np.median(np.abs(lightness_P - np.median(lightness_P)))) > _MOST_SPREAD:
            return unknown("the face is not of one lightness: shadow, or no face")
        pixels_PC = frame_HWC[face_HW]
        rgb_C = np.median(pixels_PC, axis=0).astype(np.float32)
        white_C = white_of(frame_HWC, lab_HWC)
        if white_C is None:
            return unknown("nothing neutral is seen to judge the light by")
        lit_C = np.clip(_linear(rgb_C) / _linear(white_C), 0, 1)
        bands = {self.band(ita_deg(rgb_C)), self.band(ita_deg(_gamma(lit_C)))}
        if None in bands:
            return unknown("its tone lies near the border of two bands")
        if len(bands) > 1:
            return unknown("the light decides: two readings of it give two bands")
        return Perceived(value=bands.pop())

    def band(self, ita: float) -> str | None:
        """The band of an ITA in degrees; None within the margin of a border."""
        if min(abs(ita - border) for border in BORDERS_DEG) < self.margin_deg:
            return None
        return BANDS[sum(ita < border for border in BORDERS_DEG)]


def to_lab(rgb: npt.NDArray[np.generic]) -> F32:
    """CIELAB under D65 of sRGB 0..255, last axis 3, at least two axes before it."""
    scaled = np.asarray(rgb, dtype=np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), dtype=np.float32)


def ita_deg(rgb_C: npt.NDArray[np.floating]) -> float:
    """Individual typology angle of one sRGB colour, degrees."""
    lightness, _, b = to_lab(rgb_C.reshape(1, 1, 3))[0, 0]
    return float(np.degrees(np.arctan2(lightness - 50, b)))


def skin_of(lab_HWC: F32) -> npt.NDArray[np.bool_]:
    """Which pixels (H, W) have a hue and a saturation that skin of any tone has."""
    hue_HW = np.degrees(np.arctan2(lab_HWC[..., 2], lab_HWC[..., 1]))
    saturation_HW = saturation_of(lab_HWC)
    made: npt.NDArray[np.bool_] = (
        (hue_HW >= HUES_DEG[0])
        & (hue_HW <= HUES_DEG[1])
        & (saturation_HW >= SATURATIONS[0])
        & (saturation_HW <= SATURATIONS[1])
    )
    return made


def saturation_of(lab_HWC: F32) -> F32:
    """Chroma over `L* + 16`, (H, W)."""
    chroma_HW = np.hypot(lab_HWC[..., 1], lab_HWC[..., 2])
    return np.asarray(chroma_HW / (lab_HWC[..., 0] + 16), dtype=np.float32)


def face_of(lab_HWC: F32, least_px: int) -> npt.NDArray[np.bool_] | None:
    """The upper part of the topmost region of skin that is large enough, as a mask (H, W).

    None where there is none, or where skin hues cover so much that they are the background's.
    """
    skin_HW = skin_of(lab_HWC)
    if float(skin_HW.mean()) > 0.5:
        return None
    n, labels_HW, stats, _ = cv2.connectedComponentsWithStats(
        skin_HW.astype(np.uint8), connectivity=4
    )
    large = [k for k in range(1, n) if stats[k, cv2.CC_STAT_AREA] >= least_px]
    if not large:
        return None
    top = min(large, key=lambda k: int(stats[k, cv2.CC_STAT_TOP]))
    mask_HW = labels_HW == top
    first = int(stats[top, cv2.CC_STAT_TOP])
    rows = max(2, round(_FACE_ROWS * int(stats[top, cv2.CC_STAT_HEIGHT])))
    mask_HW[first + rows :] = False
    # the rim of a face is mixed with what lies behind it
    inner_HW = cv2.erode(mask_HW.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    kept = inner_HW if inner_HW.sum() >= max(4, least_px // 4) else mask_HW
    return np.asarray(kept, dtype=np.bool_)


def white_of(frame_HWC: U8, lab_HWC: F32) -> npt.NDArray[np.float32] | None:
    """The frame's brightest neutral, sRGB; None where too few pixels are neutral to tell."""
    neutral_HW = (saturation_of(lab_HWC) < _NEUTRAL) & (lab_HWC[..., 0] > 5)
    if int(neutral_HW.sum()) < _LEAST_NEUTRALS:
        return None
    lightness_P = lab_HWC[..., 0][neutral_HW]
    bright_P = lightness_P >= np.quantile(lightness_P, _WHITE_QUANTILE)
    return np.asarray(np.median(frame_HWC[neutral_HW][bright_P], axis=0), dtype=np.float32)


def _linear(rgb_C: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    c = np.maximum(np.asarray(rgb_C, dtype=np.float64), 1.0) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _gamma(linear_C: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    c = np.where(linear_C <= 0.0031308, linear_C * 12.92, 1.055 * linear_C ** (1 / 2.4) - 0.055)
    return np.asarray(255 * c, dtype=np.float32)
