"""A judge must not be the filter that it judges: it would find its own mistakes right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bench.errors import UsageError


class HasEyes(Protocol):
    """A filter or a judge."""

    @property
    def name(self) -> str:
        """The stem of its file."""

    @property
    def model_id(self) -> str:
        """What looks at the content: weights, whatever thresholds and options are set."""


def require_independent(judge: HasEyes, filters: Iterable[HasEyes]) -> None:
    """Refuse a judge whose weights are those of a filter that it judges.

    Raises:
        UsageError: naming both.
    """
    for filter_ in filters:
        if filter_.model_id == judge.model_id:
            raise UsageError(
                f"the judge {judge.name} has the eyes of the filter {filter_.name} that it judges",
                seen=f"model {judge.model_id} in both",
                legal="a judge with other weights than every filter",
                then="choose another judge, or the reviewers' labels",
            )
