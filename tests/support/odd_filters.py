"""Functions and filters that do what filters should not: hang, raise, give nothing, give NaN."""

from __future__ import annotations

import threading

from generator.filters.base import Decision

RELEASE = threading.Event()
"""Set it, and what hangs goes on."""


def half(content):
    return 0.5


def longer(content):
    return len(content) > 10, "by its length"


def nothing(content):
    return None


def not_a_number(content):
    return float("nan")


def too_much(content):
    return 1.5


def raises(content):
    raise RuntimeError("no such model")


def changes(frames_THWC):
    frames_THWC[:] = 0
    return 0.2


NO_FUNCTION = 3


class Hanging:
    """Hangs on every content until RELEASE is set."""

    name = "hanging"
    fingerprint = "0123"

    def __call__(self, content):
        RELEASE.wait(60)
        return Decision(filter="hanging", decision="pass", score=0.0, threshold=0.5)


class Raising:
    """Fails on every content."""

    name = "raising"
    fingerprint = "4567"

    def __call__(self, content):
        raise ValueError("broken")
