"""Clips that are no video, named and vetoed: black, blank, frozen, repeated, out of order.

Most temporal scores reward such clips: a black or frozen one is perfect under flicker, SSIM and
warping error. A clip with a defect named here keeps its scores, marked `vetoed`, and they enter no
headline. The limits were set on real film and on the same film with each defect, as it was and
after lossy compression; docs/decisions/0004-degenerate-clips.md has what was measured.

Formula:
    vetoed = 1 if any of these is 1, but for what the prompt asks for (see Blind to). black: 98 % of
    the luma is at most 25, in more than half of the frames. blank: no channel's standard deviation
    is above 4, in more than half of them. frozen: the means of blocks of 8 px (at a short side of
    256 px) range over at most 0.8 grey levels in the whole clip, fourth-power mean over blocks.
    duplicated: more than 28 % of the steps repeat a frame, byte for byte, or change its blocks by
    less than 1 level where steps on both sides (within two) change them 2.5 times as much. looped:
    with D(q) the mean rms distance of thumbnails q frames apart, a period p of 2 frames to half the
    clip has D(p) <= 1 and 1 - D(p) / max_q<p D(q) >= 0.65; or three quarters of the clip run back
    along the same frames, byte for byte. shuffled: the way from thumbnail to thumbnail is at least
    1.7 times their shortest spanning tree, and frames at the best lag are at least half as far
    apart as any two, thumbnails taken without brightness and contrast, unless 70 % or more of the
    steps are brightness as a whole. truncated: fewer frames decode than the file announces. In a
    frozen clip nothing else of time is looked for.

Source:
    black: the filter blackdetect of FFmpeg, with its limits. The other rules are Prescreen's own.

Range:
    0 or 1 in every column. Unavailable where a clip is too short to tell: frozen needs 2 frames,
    looped 4, duplicated 5, shuffled 8; a single frame is judged as black, blank or truncated only.
    Of 300 clips of Big Buck Bunny 5 are vetoed: 3 fades that are mostly black, 2 still shots.

Direction:
    Lower is better: 0 is a video.

Unit:
    0 or 1; the mean over videos is the share of them.

Blind to:
    Right stillness and right repetition, unless the prompt's attributes state them: with `motion`
    still a frozen clip is not vetoed; with a `text` and no motion, neither a frozen nor a
    duplicated one; with spin, turn or orbit, no looped one; with bounce, no looped, duplicated or
    shuffled one; but where `camera` moves, all are. A solid that turns by its own symmetry is a
    loop by every pixel. Shuffled, repeated and looped frames of a scene that hardly moves cannot be
    told from the scene. A still picture under noise is not frozen. After lossy compression (x264 at
    crf 23) 5 to 9 % of clips on twos, 12 to 25 % of those on threes and 5 % of loops pass, and most
    that run back on themselves; from crf 30 on the codec's own noise can hide a frozen clip.
    Shuffled frames under strong luma flicker, and of a fade. Film that hardly moves and shakes by
    whole pixels anew in each frame is called shuffled (16 of 32 clips at 1 px of 96). Up to half a
    clip of black, and one repeat in four, pass by intent: fades and converted frame rates are
    honest.

Golden value:
    Sixteen equal frames of a texture: frozen and vetoed 1, the others 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bench.features.pixels import pixel_features, pixel_spec
from bench.metrics import _degeneracy as rules
from bench.metrics._expects import Expects
from bench.metrics.base import Column, Value, VideoMetric
from bench.types import Arrays, Clip, Prompt

_ROUND = frozenset({"looped"})
ASKED_FOR: Mapping[str, frozenset[str]] = {
    "still": frozenset({"frozen"}),
    "spin": _ROUND,
    "turn": _ROUND,
    "orbit": _ROUND,
    "bounce": frozenset({"duplicated", "looped", "shuffled"}),
}
"""A prompt's `motion` attribute -> the defects that a video of it may have by right.

What bounces comes round again, and at a few frames a second it seems to jump about.
"""
OF_A_WORD = frozenset({"frozen", "duplicated"})
"""The same of a `text` attribute without a motion: a sign stands, or is written by and by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One way to be degenerate. `evidence` says what was found, or nothing where all is well."""

    name: str
    summary: str
    min_frames: int
    of_time: bool
    evidence: Callable[[Arrays], str]


def _black(pixels: Arrays) -> str:
    share = rules.black_share(_f64(pixels, "luma_quantiles"))
    return f"{share:.0%} of the frames" if share > rules.EMPTY_SHARE else ""


def _blank(pixels: Arrays) -> str:
    share = rules.blank_share(_f64(pixels, "std"))
    return f"{share:.0%} of the frames" if share > rules.EMPTY_SHARE else ""


def _frozen(pixels: Arrays) -> str:
    levels = float(pixels["block_range"])
    if levels > rules.FROZEN_RANGE:
        return ""
    return f"the picture stays within {levels:.2f} grey levels" if levels else "no frame differs"


def _duplicated(pixels: Arrays) -> str:
    share = rules.duplicated_share(_hash(pixels), _f64(pixels, "block_change"))
    return f"{share:.0%} of the steps repeat a frame" if share > rules.DUPLICATED_SHARE else ""


def _looped(pixels: Arrays) -> str:
    period, similarity = rules.loop(_hash(pixels), _vectors(pixels))
    if similarity < rules.LOOP_SIMILARITY:
        return ""
    return f"a period of {period} frames" if period else "it runs back along its own frames"


def _shuffled(pixels: Arrays) -> str:
    thumbnails_TD = _vectors(pixels)
    detour, nearness = rules.shuffle_ratios(thumbnails_TD)
    if detour < rules.SHUFFLE_DETOUR or nearness < rules.SHUFFLE_NEARNESS:
        return ""
    if rules.brightness_share(thumbnails_TD) >= rules.BRIGHTNESS_SHARE:
        return ""
    return f"the way through the frames is {detour:.1f} times the shortest tree"


def _truncated(pixels: Arrays) -> str:
    announced, decoded = int(pixels["n_announced"]), int(pixels["n_decoded"])
    return f"{decoded} of {announced} frames decode" if decoded < announced else ""


DEFECTS = (
    Defect(
        name="black",
        summary="most frames are black",
        min_frames=1,
        of_time=False,
        evidence=_black,
    ),
    Defect(
        name="blank",
        summary="most frames are of one colour",
        min_frames=1,
        of_time=False,
        evidence=_blank,
    ),
    Defect(
        name="frozen",
        summary="nothing moves but a codec's noise",
        min_frames=2,
        of_time=False,
        evidence=_frozen,
    ),
    Defect(
        name="duplicated",
        summary="many frames repeat the one before",
        min_frames=rules.MIN_REPEATS,
        of_time=True,
        evidence=_duplicated,
    ),
    Defect(
        name="looped",
        summary="the same frames come round again",
        min_frames=rules.MIN_LOOP,
        of_time=True,
        evidence=_looped,
    ),
    Defect(
        name="shuffled",
        summary="the frames are out of order",
        min_frames=rules.MIN_ORDERED,
        of_time=True,
        evidence=_shuffled,
    ),
    Defect(
        name="truncated",
        summary="fewer frames decode than the file announces",
        min_frames=1,
        of_time=False,
        evidence=_truncated,
    ),
)


def find_defects(pixels: Arrays) -> dict[str, str | None]:
    """What is wrong with a clip: evidence by defect, empty where there is none.

    None where the clip has too few frames to tell. `pixels` are the arrays of that extractor.
    """
    n_frames = len(pixels["index"])
    found: dict[str, str | None] = {}
    for defect in DEFECTS:
        if n_frames < defect.min_frames:
            found[defect.name] = None
        elif defect.of_time and found["frozen"]:
            found[defect.name] = ""
        else:
            found[defect.name] = defect.evidence(pixels)
    return found


def degenerate(
    frames_THWC: npt.NDArray[np.uint8], n_announced: int | None = None
) -> dict[str, str | None]:
    """:func:`find_defects` of frames in memory, uint8 RGB (T, H, W, 3)."""
    return find_defects(pixel_features(frames_THWC, n_announced))


class Degenerate(VideoMetric):
    """The veto. `frames` is the sampling rule of the pixel statistics."""

    name: ClassVar[str] = "degenerate"
    version: ClassVar[str] = "2"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="vetoed",
            unit="0 or 1",
            low=0.0,
            high=1.0,
            higher_is_better=False,
            summary="the clip has one of the defects below and enters no headline",
            is_flag=True,
        ),
        *(
            Column(
                name=defect.name,
                unit="0 or 1",
                low=0.0,
                high=1.0,
                higher_is_better=False,
                summary=defect.summary,
                headline=False,
                is_flag=True,
            )
            for defect in DEFECTS
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="vetoed",
            rises=("black", "freeze", "static", "frame_duplicate", "loop", "shuffle"),
            ignores={"gaussian_blur": 0.1, "colour_shift": 0.1, "luma_flicker": 0.1, "splice": 0.1},
            blind=("reverse", "unsafe_burst"),
        ),
    )

    def __init__(self, frames: str = "all", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.needs = (pixel_spec(frames),)

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """The verdict, whose reason names each defect, and the defects one by one."""
        pixels = clip.features[self.needs[0]]
        found = find_defects(pixels)
        right = by_right(clip.prompt)
        named = [f"{name} ({why})" for name, why in found.items() if why and name not in right]
        asked = [
            f"{name} as the prompt asks" for name, why in found.items() if why and name in right
        ]
        verdict = Value(value=float(bool(named)), reason="; ".join([*named, *asked]))
        n_frames = len(pixels["index"])
        return {"vetoed": verdict, **{d.name: _flag(d, found[d.name], n_frames) for d in DEFECTS}}


def by_right(prompt: Prompt | None) -> frozenset[str]:
    """The defects that a video of this prompt has by right: `motion`, `text`, `camera` say so."""
    if prompt is None or prompt.attributes.get("camera", "still") != "still":
        return frozenset()
    motion = prompt.attributes.get("motion")
    if motion is None:
        return OF_A_WORD if "text" in prompt.attributes else frozenset()
    return ASKED_FOR.get(str(motion), frozenset())


def _flag(defect: Defect, evidence: str | None, n_frames: int) -> Value:
    if evidence is None:
        few = f"needs {defect.min_frames} frames; seen: {n_frames}"
        return Value(value=float("nan"), reason=few)
    return Value(value=float(bool(evidence)), reason=evidence)


def _f64(pixels: Arrays, name: str) -> rules.F64:
    return np.asarray(pixels[name], np.float64)


def _hash(pixels: Arrays) -> rules.U64:
    return np.asarray(pixels["hash"], np.uint64)


def _vectors(pixels: Arrays) -> rules.F64:
    thumbnails_TD = pixels["thumbnail"].reshape(len(pixels["index"]), -1)
    return np.asarray(thumbnails_TD, np.float64)
