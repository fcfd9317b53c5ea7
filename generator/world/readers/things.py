"""Where the things of a clip are, frame by frame: masks cut from what is not background.

Legend: T frames, H rows, W columns, N things.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generator.world.palette import Array

_FAINT = 30.0  # RGB units off the background below which nothing is seen
_FULL = 100.0  # strength beyond which a pixel is plainly not background
_NEIGHBOURHOOD = 3.2  # world units
_LEAST_AREA = 3.0  # square world units
_MOST_PARTS = 9
_ONE_CIRCLE = 0.56


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """`label_THW` is 0 off all things, else 1..`count`; `counts_T` is what each frame shows."""

    label_THW: Array
    count: int
    counts_T: Array

    @property
    def agreement(self) -> float:
        """Share of frames that show `count` things."""
        return float((self.counts_T == self.count).mean())


def strength(away_THW3: Array, scale: float) -> Array:
    """How far each pixel is off the background, 0..1, noise smoothed out."""
    sigma = 0.55 * max(scale, 1.0) ** 0.5
    soft = np.stack([cv2.GaussianBlur(frame, (0, 0), sigma) for frame in away_THW3])
    far = np.sqrt((soft * soft).sum(axis=-1))
    noise = 2.2 * float(np.median(far))
    return np.asarray(np.clip(far - max(noise - _FAINT / 2, 0.0), 0, _FULL) / _FULL)


def _kernel(width: float) -> Array:
    side = 2 * round(width / 2) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))


def _roundness(part_HW: Array) -> float:
    """Share of its smallest enclosing circle that a part fills."""
    rows, columns = np.nonzero(part_HW)
    points = np.stack([columns, rows], axis=1).astype(np.float32)
    _, radius = cv2.minEnclosingCircle(points)
    return float(len(points) / (np.pi * (radius + 0.5) ** 2))


def _merged(labels: Array, kept: list[int]) -> tuple[Array, list[int]]:
    """Parts put together where they fill one circle: two things never fill more than half of it.

    The white belt of a ball is lost on a white background and cuts the ball in two or three.
    """
    while len(kept) > 1:
        pairs = [(a, b) for i, a in enumerate(kept) for b in kept[i + 1 :]]
        fill = [_roundness((labels == a) | (labels == b)) for a, b in pairs]
        if max(fill) < _ONE_CIRCLE:
            break
        a, b = pairs[int(np.argmax(fill))]
        labels = np.where(labels == b, a, labels)
        kept = [part for part in kept if part != b]
    return labels, kept


def _parts(seen_HW: Array, scale: float) -> tuple[Array, Array, Array]:
    """Connected parts big enough to be things: labels, which labels, their centres (N, 2)."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(seen_HW.astype(np.uint8), connectivity=4)
    area = stats[1:, cv2.CC_STAT_AREA]
    large = 1 + np.flatnonzero(area >= _LEAST_AREA * scale**2)
    large = large[np.argsort(-area[large - 1], kind="stable")][:_MOST_PARTS]
    labels, kept = _merged(labels, large.tolist())
    sizes = np.array([(labels == part).sum() for part in kept])
    chosen = np.array(kept, dtype=int)[sizes >= 0.22 * sizes.max(initial=0)]
    places = [np.argwhere(labels == part)[:, ::-1].mean(axis=0) for part in chosen]
    return labels, chosen, np.array(places).reshape(-1, 2)


def _ordered(centres_N2: Array) -> Array:
    """From left to right when they lie side by side, else from top to bottom."""
    spread = np.ptp(centres_N2, axis=0)
    return np.argsort(centres_N2[:, 0 if spread[0] >= spread[1] else 1], kind="stable")


def _labelled(seen_HW: Array, kept: Array, centres: Array, labels: Array, scale: float) -> Array:
    """Each part and its rim, given to the nearest thing."""
    if not len(kept):
        return np.zeros(seen_HW.shape, dtype=np.uint8)
    wide = cv2.dilate(np.isin(labels, kept).astype(np.uint8), _kernel(2.0 + scale))
    if len(kept) == 1:
        return np.asarray(wide)
    rows, columns = np.indices(seen_HW.shape)
    centres = centres[_ordered(centres)]
    distance = [(columns - cx) ** 2 + (rows - cy) ** 2 for cx, cy in centres]
    return np.asarray((np.argmin(distance, axis=0) + 1) * wide, dtype=np.uint8)


def find_things(away_THW3: Array, scale: float) -> Things:
    """Cut the things out of `away_THW3`, the differences from the background."""
    firm = strength(away_THW3, scale)
    kernel = _kernel(2 * _NEIGHBOURHOOD * scale)
    labels, counts = [], []
    for frame in firm:
        near = cv2.dilate(frame, kernel)
        seen = (frame > _FAINT / _FULL) & (frame > 0.5 * near)
        parts, kept, centres = _parts(seen, scale)
        counts.append(len(kept))
        labels.append(_labelled(seen, kept, centres, parts, scale))
    counts_T = np.array(counts)
    return Things(
        label_THW=np.stack(labels), count=int(np.bincount(counts_T).argmax()), counts_T=counts_T
    )
