"""What every file of this room refuses: impossible counts, shares and levels."""

from __future__ import annotations

import math

from bench.errors import UsageError


def known_level(name: str, value: float) -> float:
    """A share strictly between 0 and 1 (a confidence, an alpha, a power)."""
    if not 0 < value < 1:
        raise UsageError(f"the {name} is impossible", seen=value, legal="between 0 and 1")
    return value


def known_share(name: str, value: float) -> float:
    """A share from 0 to 1, ends included."""
    if not 0 <= value <= 1:
        raise UsageError(f"the {name} is no share", seen=value, legal="0 to 1")
    return value


def known_count(name: str, value: float, *, least: float = 0) -> float:
    """A finite number of things, at least `least`; an effective number may be broken."""
    if not (math.isfinite(value) and value >= least):
        raise UsageError(f"the {name} is impossible", seen=value, legal=f"{least:g} or more")
    return value


def known_trials(k: float, n: float) -> tuple[float, float]:
    """Events among trials: `0 <= k <= n` and at least one trial."""
    if not (n > 0 and 0 <= k <= n and math.isfinite(n)):
        raise UsageError("no such count of events", seen=f"{k} of {n}", legal="0 <= k <= n, n >= 1")
    return k, n


def two_sided_z(confidence: float) -> float:
    """The normal quantile of a two-sided interval: 1.96 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + known_level("confidence", confidence) / 2))
