"""Reads `text`, the word in the last frames, by templates of the face; and `text_present`.

Ink is the share of the way from the background to the letters' colour. The upper and the lower rim
of the ink give the line, its width the number of letters; each letter's slot is then correlated
with all 26 letters. That a word is there asks for less than to make it out: for a line as high as
letters are, in whose slots the ink is more like letters than things ever are, and that appears from
left to right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from generator.world.glyphs import ALPHABET, STROKE, letter_distance
from generator.world.grammar import WORD_LENGTHS
from generator.world.palette import Array
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.hues import NAMES, contrast
from generator.world.readers.scan import LEAST_PASSED, Scan
from generator.world.tracks import LETTER_PITCH, LETTER_RADIUS

_GRID, _REACH = 96, 1.5
_OFFSETS = np.linspace(-0.75, 0.75, 7)  # world units to try sideways
_LEAST_INK, _LEAST_ALIKE, _LEAST, _FULL_LEAD = 12.0, 0.72, 0.1, 0.15
_NARROWEST, _WIDEST = 5.2, 7.1  # world units of an I and of an O
_LOWEST, _HIGHEST = 8.5, 14.0  # world units; letters are 10.8 high
_LIKE_LETTERS, _FIRM, _MOST_AT_FIRST, _LEAST_LATER = 0.5, 0.3, 0.3, 0.08
_FULLEST = 0.8  # share of a line that letters fill; W fills most


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a word stands: the middle and the height of its letters (world units), their number."""

    y: float
    height: float
    letters: int


@lru_cache(maxsize=4)
def _face(blur: float) -> Array:
    """Coverage of all letters (26, G, G), softened by a pixel's footprint in letter units."""
    at = ((np.arange(_GRID) + 0.5) / _GRID * 2 - 1) * _REACH
    x, y = np.meshgrid(at, at)
    sharp = [np.clip(0.5 - letter_distance(x, y, c) * _GRID / 3, 0, 1) for c in ALPHABET]
    sigma = blur * _GRID / (2 * _REACH)
    return np.stack([cv2.GaussianBlur(g.astype(np.float32), (0, 0), sigma) for g in sharp])


def _ink(scan: Scan) -> Array:
    """Ink 0..1 of all frames (T, H, W)."""
    colour = NAMES[int(scan.all_hues.argmax())]
    way = contrast(colour, scan.ground.background)
    return np.asarray(np.clip(scan.away @ (way / float(way @ way)), 0, 1.1))


def _last(ink_THW: Array) -> Array:
    """Ink of the last frames, averaged (H, W)."""
    return np.asarray(ink_THW[-max(1, len(ink_THW) // 6) :].mean(axis=0))


def _rims(profile: Array) -> tuple[float, float]:
    """First and last place (pixels) where a profile crosses half its top, between samples."""
    half = 0.5 * float(np.sort(profile)[-3:].mean())
    above = np.flatnonzero(profile >= half)
    first, last = int(above[0]), int(above[-1])
    before = float(profile[first - 1]) if first else 0.0
    after = float(profile[last + 1]) if last + 1 < len(profile) else 0.0
    start = first - (profile[first] - half) / max(float(profile[first]) - before, 1e-6)
    end = last + (profile[last] - half) / max(float(profile[last]) - after, 1e-6)
    return float(start), float(end)


def find_line(ink_HW: Array, scan: Scan) -> Line:
    """The line that the ink stands on."""
    top, bottom = _rims(ink_HW.max(axis=1))
    left, right = _rims(ink_HW.max(axis=0))
    x, y = scan.to_world(np.array([left, right]), np.array([top, bottom]))
    width = float(x[1] - x[0])
    letters = round((width - (_NARROWEST + _WIDEST) / 2) / LETTER_PITCH) + 1
    return Line(y=float(y.mean()), height=float(y[1] - y[0]), letters=letters)


def _alike(ink_HW: Array, face: Array, x: float, y: float, scan: Scan) -> Array:
    """Correlation (26,) of the ink about a point with every letter."""
    reach = LETTER_PITCH / 2 / LETTER_RADIUS
    u, v = (scan.x - x) / LETTER_RADIUS, (scan.y - y) / LETTER_RADIUS
    columns, rows = np.flatnonzero(np.abs(u) <= reach), np.flatnonzero(np.abs(v) <= 1 + 2 * STROKE)
    if len(columns) < 3 or len(rows) < 3:
        return np.zeros(len(ALPHABET))
    at_x, at_y = np.meshgrid(
        (u[columns] / _REACH + 1) / 2 * _GRID - 0.5, (v[rows] / _REACH + 1) / 2 * _GRID - 0.5
    )
    maps = at_x.astype(np.float32), at_y.astype(np.float32)
    letters = np.stack([cv2.remap(glyph, *maps, cv2.INTER_LINEAR).ravel() for glyph in face])
    seen = ink_HW[np.ix_(rows, columns)].ravel()
    seen = seen - seen.mean()
    letters = letters - letters.mean(axis=1, keepdims=True)
    length = np.linalg.norm(letters, axis=1) * max(float(np.linalg.norm(seen)), 1e-6)
    return np.asarray(letters @ seen / np.maximum(length, 1e-6))


def _read_line(ink_HW: Array, line: Line, scan: Scan) -> Array:
    """Correlations (N, 26) of all slots at the sideways offset that fits best."""
    face = _face(0.45 / (scan.scale * LETTER_RADIUS))
    best, top = np.zeros((line.letters, len(ALPHABET))), -1.0
    # a word is drawn about the middle of the picture, so its own middle is no surer than that
    for offset in _OFFSETS:
        slots = offset + LETTER_PITCH * (np.arange(line.letters) - (line.letters - 1) / 2)
        alike = np.stack([_alike(ink_HW, face, float(x), line.y, scan) for x in slots])
        if (score := float(alike.max(axis=1).mean())) > top:
            best, top = alike, score
    return best


def read_text(scan: Scan) -> Reading:
    """The word; confidence is the smallest lead of a letter in correlation, 0.15 counting as 1."""
    ink = _last(_ink(scan))
    if float(ink.sum()) < _LEAST_INK * scan.scale**2:
        return abstain("no letters stand before the background")
    line = find_line(ink, scan)
    if not WORD_LENGTHS[0] <= line.letters <= WORD_LENGTHS[1]:
        return abstain(f"room for {line.letters} letters; legal: 2 to 5")
    letters = _read_line(ink, line, scan)
    word = "".join(ALPHABET[k] for k in letters.argmax(axis=1))
    alike = np.sort(letters, axis=1)
    if float(alike[:, -1].min()) < _LEAST_ALIKE:
        return abstain(f"not all letters can be made out: {word!r} at best")
    return decide(word, float((alike[:, -1] - alike[:, -2]).min()) / _FULL_LEAD, _LEAST)


def _filled(ink_HW: Array, line: Line, scan: Scan) -> float:
    """Mean ink inside of a line, from its first column to its last."""
    rows = np.flatnonzero(np.abs(scan.y - line.y) <= 0.4 * line.height)
    columns = np.flatnonzero(ink_HW[rows].max(axis=0) > 0.5 * ink_HW.max())
    return float(ink_HW[np.ix_(rows, np.arange(columns[0], columns[-1] + 1))].mean())


def _appears(ink_THW: Array, scan: Scan) -> bool:
    """True when there is little ink at first, and the right half of it comes after the left."""
    firm = np.where(ink_THW > _FIRM, ink_THW, 0)  # a tint of the ground is no ink
    amount = firm.sum(axis=1)  # (T, W)
    last = amount[-max(1, len(amount) // 6) :].mean(axis=0)
    middle = int(np.searchsorted(last.cumsum(), last.sum() / 2))
    if amount[: max(1, len(amount) // 8)].mean(axis=0).sum() > _MOST_AT_FIRST * last.sum():
        return False
    halves = (amount[:, : middle + 1], last[: middle + 1]), (amount[:, middle:], last[middle:])
    left, right = (scan.u[(a.sum(axis=1) >= b.sum() / 2).argmax()] for a, b in halves)
    return bool(right - left >= _LEAST_LATER)


def read_text_present(scan: Scan) -> Reading:
    """Whether a word is written, however badly; a still picture must show it better.

    Confidence is how much like letters the ink is, or unlike.
    """
    ink = _ink(scan)
    late = _last(ink)
    if float(late.sum()) < _LEAST_INK * scan.scale**2:
        return Reading(value=False, confidence=1.0)
    line = find_line(late, scan)
    fits = WORD_LENGTHS[0] <= line.letters <= WORD_LENGTHS[1] and _LOWEST <= line.height <= _HIGHEST
    if not fits:
        return Reading(value=False, confidence=1.0)
    moves = scan.passed >= LEAST_PASSED
    alike = float(_read_line(late, line, scan).max(axis=1).mean())
    least = _LIKE_LETTERS if moves else _LEAST_ALIKE
    there = alike >= least and _filled(late, line, scan) <= _FULLEST
    there = there and (not moves or _appears(ink, scan))
    return Reading(value=there, confidence=alike if there else 1 - alike)
