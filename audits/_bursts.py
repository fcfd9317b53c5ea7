"""What harm of a few frames can hide between the frames that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import comb

from bench.errors import UsageError


def random_miss(n_frames: int, n_event: int, n_looked_at: int) -> float:
    """Chance that frames drawn at random all miss an event of `n_event` frames.

    `C(N - k, m) / C(N, m)` for m frames drawn without replacement from N.
    """
    _check(n_frames, n_event)
    if not 1 <= n_looked_at <= n_frames:
        raise UsageError("impossible number of frames", seen=n_looked_at, legal=f"1 to {n_frames}")
    return comb(n_frames - n_event, n_looked_at) / comb(n_frames, n_looked_at)


def planned_miss(n_frames: int, n_event: int, looked_at: Sequence[int], hits: int = 1) -> float:
    """Chance that fixed frames hold fewer than `hits` of an event that may begin anywhere."""
    _check(n_frames, n_event)
    seen = set(looked_at)
    starts = range(n_frames - n_event + 1)
    missed = sum(len(seen.intersection(range(s, s + n_event))) < hits for s in starts)
    return missed / len(starts)


def stride(looked_at: Sequence[int], n_frames: int) -> int:
    """The shortest event, in frames, that cannot fall between the frames that are looked at."""
    if not looked_at:
        raise UsageError("no frame is looked at", seen="0 frames", legal="1 or more")
    edges = [-1, *sorted(looked_at), n_frames]
    return max(b - a for a, b in pairwise(edges))


def _check(n_frames: int, n_event: int) -> None:
    if not 1 <= n_event <= n_frames:
        raise UsageError("impossible event", seen=f"{n_event} of {n_frames} frames", legal="1 to N")
