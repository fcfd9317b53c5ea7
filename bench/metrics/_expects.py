"""What a metric says that it sees: the seam between a metric and its calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Expects:
    """What one column of a metric must show on ladders of graded damage (`bench.videos.corrupt`).

    `rises` and `falls` are the ladders along which its value must go up, or down, with strength;
    `ignores` those that must not move its mean by more than so much, in the column's unit, at any
    strength; `blind` those that are known not to make it worse (for a column without a better end:
    not to order it), which includes damage that it rewards. A ladder that is not named is measured
    too, and only what is found there is new.
    """

    column: str
    rises: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()
    ignores: Mapping[str, float] = field(default_factory=dict)
    blind: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """One ladder, one expectation."""
        named = [*self.rises, *self.falls, *self.ignores, *self.blind]
        twice = sorted({ladder for ladder in named if named.count(ladder) > 1})
        if twice:
            raise ValueError(f"{self.column} expects two things of {twice[0]}")
