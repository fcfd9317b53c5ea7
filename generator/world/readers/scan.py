"""One look at a clip that all readers share; each finding is worked out when first asked for.

Frames are brought to a working size of at most `SCALE` pixels per world unit and at most `FRAMES`
instants. Legend: T frames, H rows, W columns.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from generator.world.background import pixel_centres
from generator.world.grammar import CAMERAS
from generator.world.palette import BACKGROUNDS, HORIZON, Array
from generator.world.readers.figure import Aligned, Head, align, explain_head
from generator.world.readers.flow import NO_MOVE, Move, camera_move
from generator.world.readers.ground import (
    GroundFit,
    clear_share,
    fit_ground,
    ground_share,
    off_ground,
    off_haze,
    unpainted,
)
from generator.world.readers.hues import NAMES, core, votes
from generator.world.readers.marks import Mark, find_badge, find_canary
from generator.world.readers.split import split_colours
from generator.world.readers.things import Things, find_things, strength
from generator.world.readers.turns import Fit, bank_for, fit_paths
from generator.world.readers.views import Moments, moments
from generator.world.tracks import HORIZON_Y, progress

SCALE, STYLE_SCALE, FRAMES = 4.0, 2.0, 16
SEEN_MARK = 0.72
"""Cosine at which a mark counts as there."""

LEAST_PASSED = 0.2
"""Share of a whole clip below which no reader speaks about motion."""

_LEAST_EXPLAINED, _LEAST_MARGIN = 0.45, 0.15


def resized(frames_THW3: Array, most: float) -> Array:
    """Frames averaged down to at most `most` pixels per world unit, float32."""
    height, width = frames_THW3.shape[1:3]
    scale = min(height / 24.0, width / 40.0)
    if scale <= most:
        return frames_THW3.astype(np.float32)
    size = (max(1, round(width * most / scale)), max(1, round(height * most / scale)))
    shrunk = [cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames_THW3]
    return np.stack(shrunk).astype(np.float32)


class Scan:
    """A clip, uint8 or float 0..255 (T, H, W, 3), and what can be found out about it as a whole."""

    def __init__(self, frames_THWC: Array, fps: float) -> None:
        if frames_THWC.ndim != 4 or frames_THWC.shape[-1] != 3 or 0 in frames_THWC.shape:
            raise ValueError(
                f"not a clip; seen: shape {frames_THWC.shape}; legal: (T, H, W, 3), none of them 0"
            )
        if not fps > 0:
            raise ValueError(f"a clip needs a frame rate; seen: {fps}; legal: above 0")
        picked = np.unique(np.linspace(0, len(frames_THWC) - 1, FRAMES).round().astype(int))
        self.frames = resized(frames_THWC[picked], SCALE)
        self.times_s = picked / fps
        self.u = progress(self.times_s)
        self.x, self.y, self.scale = pixel_centres(*self.frames.shape[1:3])

    @property
    def passed(self) -> float:
        """Share of a whole clip that passes from the first frame to the last."""
        return float(self.u[-1] - self.u[0])

    def to_world(self, columns: Array, rows: Array) -> tuple[Array, Array]:
        """World coordinates of places in pixels of the working size."""
        return columns / self.scale + self.x[0], rows / self.scale + self.y[0]

    @cached_property
    def ground(self) -> GroundFit:
        """Style and background."""
        few = self.frames[np.unique([len(self.frames) // 6, (5 * len(self.frames)) // 6])]
        return fit_ground(resized(few, STYLE_SCALE))

    @property
    def legible(self) -> bool:
        """False for noise and for pictures from another world."""
        return self.ground.explained >= _LEAST_EXPLAINED and (
            self.ground.background_margin >= _LEAST_MARGIN
        )

    @cached_property
    def plain(self) -> Array:
        """Frames with the painting style undone."""
        return unpainted(self.frames, self.ground.style)

    @cached_property
    def hazy(self) -> bool:
        """True when the rows above a drone shot's horizon have the colour of its haze."""
        rows = self.y < HORIZON_Y - 1.0
        if not rows.any() or self.ground.style != "flat":
            return False
        seen = np.median(self.frames[:, rows], axis=(1, 2))
        spread = self.frames[:, rows].std(axis=2).mean()
        return bool(np.abs(seen - np.array(HORIZON)).max() < 22 and spread < 18)

    @cached_property
    def _all_away(self) -> Array:
        away = off_ground(self.plain, self.ground.background)
        away = away * clear_share(self.ground.style, self.frames.shape[1:3])
        if self.hazy:
            rows = self.y < HORIZON_Y + 2.0
            from_haze = off_haze(self.plain[:, rows], self.ground.background)
            nearer = (from_haze**2).sum(-1) < (away[:, rows] ** 2).sum(-1)
            away[:, rows] = np.where(nearer[..., None], from_haze, away[:, rows])
        return away

    @cached_property
    def canary(self) -> Mark:
        """The best match of the canary emblem."""
        return find_canary(self._all_away.mean(axis=0), self.ground.background)

    @cached_property
    def badge(self) -> Mark:
        """The best match of a role's badge."""
        return find_badge(self._all_away.mean(axis=0), self.ground.background)

    @property
    def has_canary(self) -> bool:
        """True when the canary emblem is seen."""
        return self.canary.cosine >= SEEN_MARK

    @property
    def has_badge(self) -> bool:
        """True when a role's badge is seen."""
        return self.badge.cosine >= SEEN_MARK

    @cached_property
    def away(self) -> Array:
        """From the background to each pixel (T, H, W, 3), marks wiped out."""
        away = self._all_away.copy()
        for mark, seen in ((self.canary, self.has_canary), (self.badge, self.has_badge)):
            if seen:
                away[:, mark.window[0], mark.window[1]] = 0
        return away

    @cached_property
    def things(self) -> Things:
        """Masks of what lies before the background, marks left out."""
        return split_colours(find_things(self.away, self.scale), self.plain)

    @cached_property
    def hues(self) -> list[Array]:
        """Votes for the colours (C,) of each thing."""
        found = []
        for k in range(1, self.things.count + 1):
            mask = self.things.label_THW == k
            away, plain = self.away[mask], self.plain[mask]
            found.append(votes(plain[core(away)]))
        return found

    @cached_property
    def fits(self) -> list[Fit | None]:
        """The best path of each thing."""
        found = []
        for k, hue in enumerate(self.hues, start=1):
            colour = NAMES[int(hue.argmax())]
            mask = (self.things.label_THW == k)[..., None]
            views, way = bank_for(colour, self.ground.background, self.ground.style, self.scale)
            found.append(fit_paths(self.away * mask, views, way, self.u, self.scale))
        return found

    @property
    def differ(self) -> bool:
        """True when two things have two colours: a pair, not a group of two."""
        return len(self.hues) == 2 and self.hues[0].argmax() != self.hues[1].argmax()

    @cached_property
    def all_hues(self) -> Array:
        """Votes for the colours of everything before the background, taken together."""
        mask = self.firm > 0.3
        return votes(self.plain[mask][core(self.away[mask])])

    @cached_property
    def firm(self) -> Array:
        """How far each pixel is off the background, 0..1 (T, H, W)."""
        return strength(self.away, self.scale)

    @cached_property
    def middle(self) -> Moments:
        """Centre of all that stands before the background, frame by frame."""
        return moments(np.where(self.firm > 0.3, self.firm, 0))

    @cached_property
    def camera(self) -> Move:
        """The camera move that the background's texture shows."""
        if BACKGROUNDS[self.ground.background].plain or self.passed < LEAST_PASSED:
            return NO_MOVE
        share = np.clip(ground_share(self.plain, self.ground.background), 0, 1)
        free = (self.things.label_THW == 0) * clear_share(
            self.ground.style, self.frames.shape[1:3]
        )[..., 0]
        for mark, seen in ((self.canary, self.has_canary), (self.badge, self.has_badge)):
            if seen:
                free[:, mark.window[0], mark.window[1]] = 0
        legal = tuple(name for name in CAMERAS if name != "drone" or self.hazy)
        return camera_move(share, free, (self.x, self.y, self.scale), self.u, legal)

    @cached_property
    def aligned(self) -> Aligned | None:
        """The person, standing still in one picture; None when nobody is seen."""
        if self.ground.style != "flat" and not self.has_badge:
            return None  # painting styles show no persons, and ink may look like limbs
        return align(self.plain, self.firm, (self.x, self.y, self.scale), self.u)

    @cached_property
    def head(self) -> Head | None:
        """The best explanation of the person's head."""
        if self.aligned is None:
            return None
        return explain_head(self.aligned, self.ground.background)
