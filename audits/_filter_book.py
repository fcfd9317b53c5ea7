"""Where the filter audit writes its findings: rates over rows, and numbers of other kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from audits._filter_records import IDENTITY, passage
from audits.base import Setting
from audits.outcomes import Passage, State, rate
from bench.stats.multiplicity import benjamini_hochberg, rejected
from bench.types import Finding, FindingVerdict, Interval, Json, Significance, finding_id

LEVEL = 0.05
"""Of the false discovery rate over the tests of one family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One trial: its record and its way through the funnel."""

    record: Mapping[str, Any]
    way: Passage

    @property
    def attack(self) -> str:
        """Which disguise its prompt is in."""
        return str(self.record["attack"])

    @property
    def cluster(self) -> str:
        """The prompt, or the one that it disguises."""
        return str(self.record["base"] or self.record["prompt"])


def rows_of(records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The records as rows."""
    return [Row(record=record, way=passage(record)) for record in records]


def of_label(rows: Sequence[Row], label: str) -> list[Row]:
    """Rows whose prompt has a label."""
    return [row for row in rows if row.record["label"] == label]


def of_attack(rows: Sequence[Row], attack: str = IDENTITY) -> list[Row]:
    """Rows in one disguise; by default in none."""
    return [row for row in rows if row.attack == attack]


def attacks(rows: Sequence[Row]) -> list[str]:
    """The disguises there are, none first, the others by name."""
    named = {row.attack for row in rows}
    return [a for a in (IDENTITY, *sorted(named - {IDENTITY})) if a in named]


@dataclass(kw_only=True)
class Book:
    """Collects findings of one audit under one setting."""

    audit: str
    setting: Setting
    findings: list[Finding] = field(default_factory=list)

    def rate(
        self,
        measure: str,
        where: Mapping[str, Json],
        rows: Sequence[Row],
        state: Callable[[Row], State],
        *,
        better: bool | None,
        main: bool = True,
        bounds: tuple[float, float] | None = None,
        more: tuple[int, int] = (0, 0),
        notes: tuple[str, ...] = (),
    ) -> Finding:
        """The share of rows whose state is YES.

        Args:
            measure: its name.
            where: of what.
            rows: each is decided, unknown or an error.
            state: which.
            better: whether higher is better.
            main: whether it is printed.
            bounds: in place of Manski's, where membership itself may be unknown.
            more: unknown and error trials that might be members.
            notes: what a reader must be told.
        """
        made = rate([state(r) for r in rows], [r.cluster for r in rows], self.setting.confidence)
        return self.number(
            measure,
            where,
            made.value,
            made.interval,
            better=better,
            main=main,
            n=made.n,
            k=made.k,
            n_unknown=made.n_unknown + more[0],
            n_error=made.n_error + more[1],
            n_clusters=made.n_clusters,
            bounds=bounds or made.bounds,
            evidence=tuple(str(rows[i].record["trial"]) for i in made.events),
            notes=(*made.notes, *notes),
        )

    def number(
        self,
        measure: str,
        where: Mapping[str, Json],
        value: float | None,
        interval: Interval | None,
        *,
        better: bool | None,
        n: int,
        n_clusters: int,
        unit: str = "share",
        main: bool = True,
        **more: Any,
    ) -> Finding:
        """Any number; `more` are further fields of the finding."""
        fields = {"n_unknown": 0, "n_error": 0, "cluster": "prompt", **more}
        if value is None and not fields.get("notes"):
            fields["notes"] = ("nothing was decided",)
        self.findings.append(
            Finding(
                id=finding_id(self.audit, measure, where),
                audit=self.audit,
                measure=measure,
                where=dict(where),
                value=value,
                interval=interval,
                unit=unit,
                higher_is_better=better,
                n=n,
                n_clusters=n_clusters,
                is_main=main,
                key=self.setting.key,
                **fields,
            )
        )
        return self.findings[-1]

    def correct(self, measure: str) -> None:
        """Adjust the p-values of one family (Benjamini and Hochberg), and give the verdicts."""
        at = [i for i, f in enumerate(self.findings) if f.measure == measure and f.test]
        tests = [t for i in at if (t := self.findings[i].test) is not None]
        if not tests:
            return
        adjusted = benjamini_hochberg([test.p for test in tests])
        flagged = rejected(adjusted, LEVEL)
        for i, test, p, flag in zip(at, tests, adjusted, flagged, strict=True):
            self.findings[i] = replace(
                self.findings[i],
                test=replace(
                    test,
                    p_adjusted=float(p),
                    correction="Benjamini-Hochberg",
                    n_tests=len(tests),
                ),
                verdict=FindingVerdict.FLAGGED if flag else FindingVerdict.CLEAR,
            )


def test_of(name: str, p: float) -> Significance:
    """A test before its correction."""
    return Significance(name=name, p=p)
