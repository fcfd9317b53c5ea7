"""Two things that touch are told apart by their colours.

Pixels of one part vote for two colours that lie in two places; shades of orange look brown, so that
those two never split a part.
"""

from __future__ import annotations

import numpy as np

from generator.world.palette import Array
from generator.world.readers.hues import NAMES, nearness
from generator.world.readers.things import Things

_LEAST_SHARE, _LEAST_APART = 0.3, 1.25
_ALIKE = {"orange", "brown"}


def _two_colours(plain_P3: Array) -> tuple[int, int] | None:
    """The two colours that share the pixels, or None."""
    near = nearness(plain_P3)
    sure = near.max(axis=1) > 0.3
    if sure.sum() < 8:
        return None
    shares = np.bincount(near[sure].argmax(axis=1), minlength=len(NAMES)) / sure.sum()
    second, first = shares.argsort()[-2:]
    if shares[second] < _LEAST_SHARE or {NAMES[first], NAMES[second]} == _ALIKE:
        return None
    return int(first), int(second)


def _halves(plain_HW3: Array, mask_HW: Array, colours: tuple[int, int]) -> Array | None:
    """Labels 1 and 2 for the pixels of two colours, or None where they do not lie apart."""
    places = np.argwhere(mask_HW)
    near = nearness(plain_HW3[mask_HW])[:, colours]
    firm = near.max(axis=1) > 0.3
    mine = near.argmax(axis=1)
    centres = [
        places[firm & (mine == k)].mean(axis=0) for k in (0, 1) if (firm & (mine == k)).any()
    ]
    if len(centres) < 2:
        return None
    gap = centres[1] - centres[0]
    along = (places - (centres[0] + centres[1]) / 2) @ gap / max(float(np.hypot(*gap)), 1e-6)
    within = [np.std(along[firm & (mine == k)]) + 0.5 for k in (0, 1)]
    if np.hypot(*gap) < _LEAST_APART * sum(within):
        return None
    later = gap[int(np.abs(gap).argmax())] > 0  # the second colour lies to the right or below
    labels = np.zeros(mask_HW.shape, dtype=np.uint8)
    labels[mask_HW] = np.where((along > 0) == later, 2, 1)
    return labels


def split_colours(things: Things, plain_THW3: Array) -> Things:
    """One part of two colours as two things; other findings as they are."""
    if things.count != 1:
        return things
    middle = len(plain_THW3) // 2
    colours = _two_colours(plain_THW3[middle][things.label_THW[middle] > 0])
    if colours is None:
        return things
    halves = [
        _halves(frame, label > 0, colours) if label.any() else None
        for frame, label in zip(plain_THW3, things.label_THW, strict=True)
    ]
    found = np.array([half is not None for half in halves])
    if found.mean() < 0.6:
        return things
    labels = [
        label if half is None else half
        for half, label in zip(halves, things.label_THW, strict=True)
    ]
    counts = np.where(found, 2, things.counts_T)
    return Things(label_THW=np.stack(labels), count=2, counts_T=counts)
