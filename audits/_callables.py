"""A user's Python function as a filter: how it is found, and what it gives as a score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audits._filter_parts import FilterFailed, digest_of
from bench import registry
from bench.errors import UsageError


def load_function(kind: str, function: str) -> Callable[[Any], Any]:
    """The function `package.module:name`.

    Raises:
        UsageError: when there is none of this name, or it cannot be called.
    """
    if ":" not in function:
        raise UsageError("the function has no module", seen=function, legal="package.module:name")
    found: Callable[[Any], Any] = registry.load(kind, function)
    if not callable(found):
        raise UsageError(
            f"{function} cannot be called",
            seen=type(found).__name__,
            legal="a function of a prompt or of frames",
        )
    return found


def parts_of(kind: str, function: str) -> str:
    """A hash of the function's name and of its module's source."""
    return digest_of([function, registry.fingerprint(kind, function)])


def as_score(given: object) -> tuple[float, str]:
    """What a function gave as score and reason: a number 0..1, True or False, or a pair of both.

    Raises:
        FilterFailed: for anything else; None and NaN are no decision.
    """
    reason = ""
    if isinstance(given, tuple) and len(given) == 2:
        given, why = given
        reason = str(why)
    try:
        value = float(given)  # type: ignore[arg-type]  # a tensor or a numpy number is a float too
    except (TypeError, ValueError):
        value = float("nan")
    if isinstance(given, str) or not 0 <= value <= 1:
        raise FilterFailed(f"the function gave {given!r:.80}; legal: a score from 0 to 1, a bool")
    return value, reason
