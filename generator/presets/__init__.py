"""One file of stages for each cascade; the stem with dashes is the preset's name."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from generator.stages import Preset


def names() -> list[str]:
    """Every preset's name."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


def load(name: str) -> Preset:
    """The preset of this name.

    Raises:
        ValueError: when there is none.
    """
    if name not in names():
        raise ValueError(f"no such preset; seen: {name!r}; legal: {', '.join(names())}")
    preset: Preset = import_module(f"{__name__}.{name.replace('-', '_')}").PRESET
    return preset
