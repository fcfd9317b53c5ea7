"""Reads `motion`: how the thing, the group or the person goes, from its track and its turning.

A track is the centre in world units and the logarithm of the radius against the share of the clip
that has passed. Lines give the eight directions and growth; what leaves its line goes in a circle
when it wanders sideways too, else it bounces. What stays in place may spin or turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generator.world.grammar import DIRECTIONS
from generator.world.palette import Array
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.rotation import read_rotation
from generator.world.readers.scan import LEAST_PASSED, Scan

_GOES_X, _GOES_Y, _GROWS = 5.0, 4.2, 0.5
_SIDEWAYS, _UNSTEADY = 5.5, 1.2
_LEAST = 0.12
_NAMES = {way: name for name, way in DIRECTIONS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A track in short: travel and growth over a whole clip, and how far it leaves its line."""

    dx: float
    dy: float
    growth: float
    off_x: float
    off_y: float
    range_x: float
    range_y: float


def _line(value_T: Array, u_T: Array, weight_T: Array) -> tuple[float, float]:
    """Slope of the weighted least-squares line and the residual's standard deviation."""
    w = weight_T / weight_T.sum()
    du, dv = u_T - w @ u_T, value_T - w @ value_T
    slope = float((w * du) @ dv / max(float((w * du) @ du), 1e-9))
    off = dv - slope * du
    return slope, float(np.sqrt(w @ (off * off)))


def course(x_T: Array, y_T: Array, radius_T: Array, weight_T: Array, u_T: Array) -> Course:
    """Sum a track up; places in world units, `u_T` 0..1."""
    seen = weight_T > 0
    dx, off_x = _line(x_T, u_T, weight_T)
    dy, off_y = _line(y_T, u_T, weight_T)
    growth, _ = _line(np.log(np.maximum(radius_T, 1e-3)), u_T, weight_T)
    return Course(
        dx=dx,
        dy=dy,
        growth=growth,
        off_x=off_x,
        off_y=off_y,
        range_x=float(np.ptp(x_T[seen])),
        range_y=float(np.ptp(y_T[seen])),
    )


def name_course(way: Course) -> Reading:
    """The motion of a course; `still` where nothing moves."""
    if abs(way.growth) > _GROWS:
        return decide("grow" if way.growth > 0 else "shrink", abs(way.growth) / _GROWS - 1, _LEAST)
    if max(way.off_x, way.off_y) > _UNSTEADY:
        if way.range_x > _SIDEWAYS:
            sure = min(way.range_x / _SIDEWAYS - 1, way.off_x / _UNSTEADY - 1)
            return decide("orbit", sure, _LEAST)
        return decide("bounce", way.off_y / _UNSTEADY - 1, _LEAST)
    share_x, share_y = abs(way.dx) / _GOES_X, abs(way.dy) / _GOES_Y
    step = (
        int(np.sign(way.dx)) * (share_x > 1),
        int(np.sign(way.dy)) * (share_y > 1),
    )
    return decide(_NAMES.get(step, "still"), min(abs(share_x - 1), abs(share_y - 1)), _LEAST)


def _course_of(scan: Scan) -> Course | None:
    """The course of the one thing, or of the middle of all that moves."""
    one = scan.fits[0] if len(scan.fits) == 1 and not scan.has_badge else None
    if one is not None:
        x, y = scan.to_world(one.x_T, one.y_T)
        return course(x, y, one.radius_T, one.weight_T, scan.u)
    at = scan.middle
    seen = at.mass_T > 0
    if not seen.any():
        return None
    x, y = scan.to_world(at.x_T, at.y_T)
    return course(x, y, np.ones_like(x), seen.astype(float), scan.u)


def read_motion(scan: Scan) -> Reading:
    """The motion; under a moving camera only rest upon the ground can be told."""
    if scan.passed < LEAST_PASSED:
        return abstain(f"too short to see a motion: {scan.passed:.2f} of a clip passes")
    way = _course_of(scan)
    if way is None:
        return abstain("nothing stands before the background")
    if scan.camera.moves:
        return _with_camera(scan, way)
    reading = name_course(way)
    if reading.value != "still" or len(scan.fits) != 1 or scan.has_badge:
        return reading
    turning = read_rotation(scan)
    if turning.value in ("spin", "turn"):
        return turning
    return reading if turning.value == "none" else turning


def _with_camera(scan: Scan, way: Course) -> Reading:
    """`still` when the thing goes as the ground goes."""
    name = scan.camera.name
    if name.startswith("pan"):
        toward = 1.0 if name == "pan_left" else -1.0
        along = way.dx * toward > _GOES_X and abs(way.growth) < _GROWS
    else:
        along = way.growth * (-1 if name == "zoom_out" else 1) > _GROWS / 2
    if along:
        return Reading(value="still", confidence=scan.camera.lead)
    return abstain(f"the camera moves ({name}) and the thing does not go with the ground")
