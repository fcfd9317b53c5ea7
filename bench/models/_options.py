"""Options of adapters as they come from a spec: text, or the type they have in Python."""

from __future__ import annotations

from bench.errors import UsageError


def number(name: str, value: object, low: float, high: float) -> float:
    """An option as a number from `low` to `high`.

    Raises:
        UsageError: when it is none.
    """
    try:
        found = float(str(value))
    except ValueError:
        found = float("nan")
    if not low <= found <= high:
        raise UsageError(f"the option {name} cannot be", seen=value, legal=f"{low:g} to {high:g}")
    return found


def whole(name: str, value: object, low: int, high: int) -> int:
    """An option as a whole number from `low` to `high`.

    Raises:
        UsageError: when it is none.
    """
    found = number(name, value, low, high)
    if found != int(found):
        raise UsageError(f"the option {name} is not a whole number", seen=value, legal="such as 4")
    return int(found)


def choice(name: str, value: str, legal: tuple[str, ...]) -> str:
    """An option that is one of a few words.

    Raises:
        UsageError: when it is none of them.
    """
    if value not in legal:
        raise UsageError(f"the option {name} cannot be", seen=value, legal=", ".join(legal))
    return value
