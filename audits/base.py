"""The seam to audits: questions put to a finished run, that end in findings.

An audit works in two steps. :meth:`Audit.trials` does what costs (asks filters and judges, reads
attributes from frames) and yields one record a trial; the records go into the audit's own
hash-chained journal. :meth:`Audit.findings` is pure: every number follows from those records alone,
so `prescreen verify` computes them again without a video.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from audits._lines import finding_lines
from bench.types import Arrays, Finding, Json, Prompt, Trial


class View(Protocol):
    """A finished run as an audit sees it."""

    @property
    def root(self) -> Path:
        """The run folder."""

    @property
    def manifest(self) -> Mapping[str, Json]:
        """What was asked of the run, and with what."""

    @property
    def prompts(self) -> Mapping[str, Prompt]:
        """The suite's prompts by id."""

    @property
    def trials(self) -> Sequence[Trial]:
        """Every candidate video that was asked for, with how it ended, in the run's order."""

    @property
    def held(self) -> Mapping[str, Mapping[str, Json]]:
        """Records that an earlier, killed pass of this audit left, by trial: no need to ask again.

        An audit may yield them as they are; one that does not look asks everything again.
        """

    def path(self, trial: Trial) -> Path | None:
        """Where a trial's video lies; None where there is none."""

    def arrays(self, trial: Trial, spec: str) -> Arrays | None:
        """An extractor's features of a trial's video: from the run, the cache, or read now.

        None where there is no video or the extractor refused it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How numbers are made: two-sided confidence, resamples, their seed, the comparability key."""

    confidence: float = 0.95
    n_resamples: int = 2000
    seed: int = 0
    key: Mapping[str, Json]


class Audit(abc.ABC):
    """One audit. Its file's stem is its name; its options come as text, from the command line."""

    name: ClassVar[str]
    version: ClassVar[str] = "1"

    @abc.abstractmethod
    def settings(self) -> Mapping[str, Json]:
        """Everything that the records follow from beside the run: options, filters, judges."""

    @abc.abstractmethod
    def trials(self, view: View) -> Iterator[Mapping[str, Json]]:
        """One record a trial, in a fixed order: a mapping with `trial` (an id) and JSON values.

        What fails on one trial is a record that says so, never a trial that is not there.

        Raises:
            UsageError: when the run cannot answer the audit's question, and what would.
        """

    @abc.abstractmethod
    def findings(self, records: Sequence[Mapping[str, Json]], setting: Setting) -> list[Finding]:
        """The findings that follow from the records, in a fixed order; pure."""

    def lines(self, findings: Sequence[Finding]) -> Iterator[str]:
        """The findings for a terminal: by default one line a main finding."""
        return finding_lines(findings)
