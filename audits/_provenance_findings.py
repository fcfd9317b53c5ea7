"""The provenance audit's findings: two layers side by side, for each handling; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from audits._c2pa import ERROR, INVALID, NONE, TRUSTED, VALID
from audits._handlings import AS_IS
from audits.base import Setting
from audits.outcomes import State, rate
from bench.errors import printable
from bench.stats.bootstrap import mean_interval
from bench.stats.proportions import (
    clopper_pearson_lower,
    clopper_pearson_upper,
    trials_without_event,
)
from bench.types import Finding, Interval, Json, Outcome, Significance, finding_id

AUDIT = "provenance"
C2PA, WATERMARK = "c2pa", "watermark"
FEWEST_NULL = 20
"""Unmarked videos that a threshold may be fitted to."""
Record = Mapping[str, Any]
Ask = Callable[[Record], State]


@dataclass(kw_only=True)
class Book:
    """Collects the findings of records under one setting."""

    records: Sequence[Record]
    setting: Setting
    findings: list[Finding] = field(default_factory=list)

    def rate(
        self, measure: str, where: Mapping[str, Json], ask: Ask, notes: Sequence[str] = ()
    ) -> None:
        """The share of records whose state is YES; its events are the evidence."""
        states = [ask(record) for record in self.records]
        made = rate(states, [str(r["prompt"]) for r in self.records], self.setting.confidence)
        self.put(
            measure,
            where,
            value=made.value,
            interval=made.interval,
            n=made.n,
            k=made.k,
            n_unknown=made.n_unknown,
            n_error=made.n_error,
            n_clusters=made.n_clusters,
            bounds=made.bounds,
            evidence=tuple(str(self.records[i]["trial"]) for i in made.events),
            notes=(*made.notes, *notes),
        )

    def mean(
        self,
        measure: str,
        where: Mapping[str, Json],
        values: Sequence[tuple[Record, float]],
        unit: str,
        test: Significance | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        """The mean over videos of what is known of some of them."""
        prompts = [str(record["prompt"]) for record, _ in values]
        numbers = np.array([value for _, value in values], dtype=np.float64)
        setting, n_clusters = self.setting, len(set(prompts))
        interval = (
            mean_interval(
                numbers,
                prompts,
                confidence=setting.confidence,
                n_resamples=setting.n_resamples,
                seed=setting.seed,
            )
            if n_clusters > 1
            else None
        )
        self.put(
            measure,
            where,
            value=float(numbers.mean()) if len(numbers) else None,
            interval=interval,
            unit=unit,
            n=len(values),
            n_unknown=len(self.records) - len(values),
            n_error=0,
            n_clusters=n_clusters,
            test=test,
            evidence=tuple(str(record["trial"]) for record, _ in values),
            notes=notes if len(values) else (*notes, "no video has it"),
        )

    def put(self, measure: str, where: Mapping[str, Json], **fields: Any) -> None:
        """Any finding; higher is better unless `fields` say otherwise."""
        self.findings.append(
            Finding(
                **{
                    "id": finding_id(AUDIT, measure, where),
                    "audit": AUDIT,
                    "measure": measure,
                    "where": dict(where),
                    "unit": "share",
                    "higher_is_better": True,
                    "cluster": "prompt",
                    "key": self.setting.key,
                    **fields,
                }
            )
        )


def credentials(accepted: Sequence[str], handling: str, *, ai: bool = False) -> Ask:
    """Whether a video's credentials are in one of the states `accepted`, and say AI where asked."""

    def ask(record: Record) -> State:
        if (ended := _ended(record, handling)) is not None:
            return ended
        held = record["handled"][handling][C2PA]
        if held["state"] == ERROR:
            return State.ERROR
        if held["state"] not in (NONE, INVALID, VALID, TRUSTED):
            return State.UNKNOWN
        return _state(held["state"] in accepted and (held["ai"] or not ai))

    return ask


def detected(handling: str, fpr: float, limit: float | None) -> Ask:
    """Whether the watermark is found, at a p-value or above a score."""

    def ask(record: Record) -> State:
        if (ended := _ended(record, handling)) is not None:
            return ended
        held = record["handled"][handling][WATERMARK]
        if held["problem"]:
            return State.ERROR
        return found(held, fpr, limit)

    return ask


def found(reading: Mapping[str, Any], fpr: float, limit: float | None) -> State:
    """Whether one reading counts as a mark; unknown where nothing says how marks read."""
    if reading["p_value"] is not None:
        return _state(reading["p_value"] <= fpr)
    return State.UNKNOWN if limit is None else _state(reading["score"] > limit)


def _state(holds: bool) -> State:
    return State.YES if holds else State.NO


def _ended(record: Record, handling: str) -> State | None:
    """How a trial without this handled video counts; None where there is one."""
    if record["outcome"] == Outcome.MISSING:
        return State.UNKNOWN
    if record["outcome"] != Outcome.OK:
        return State.ERROR
    return State.ERROR if record["handled"][handling].get("problem") else None


def _joined(first: Ask, second: Ask, *, both: bool) -> Ask:
    """Whether both hold, or either; undecided where one that matters is."""

    def ask(record: Record) -> State:
        states = {first(record), second(record)}
        settles = State.NO if both else State.YES
        order = (settles, State.ERROR, State.UNKNOWN, State.YES, State.NO)
        return next(state for state in order if state in states)

    return ask


def null_limit(null: Sequence[Mapping[str, Any]], fpr: float) -> float | None:
    """The score that a normal tail fitted to unmarked videos exceeds with chance `fpr`."""
    scores = [float(held["score"]) for held in null]
    if len(scores) < FEWEST_NULL:
        return None
    from scipy.stats import norm

    return float(np.mean(scores) + np.std(scores, ddof=1) * norm.isf(fpr))


def findings_of(
    records: Sequence[Record], setting: Setting, handlings: Sequence[str], fpr: float
) -> list[Finding]:
    """All findings; the first record says what the unmarked videos read."""
    null: Sequence[Mapping[str, Any]] = records[0]["null"] if records else ()
    kept = [record for record in records if record["outcome"] != Outcome.SUPPRESSED]
    book = Book(records=kept, setting=setting)
    limit = null_limit(null, fpr)
    for handling in handlings:
        _of_credentials(book, handling)
        _of_watermark(book, handling, fpr, limit)
        _of_both(book, handling, fpr, limit)
    _false_alarms(book, null, fpr, limit)
    _cost(book)
    return book.findings


def _of_credentials(book: Book, handling: str) -> None:
    where = {"layer": C2PA, "handling": handling}
    notes = _reasons(book.records, handling, C2PA, "reason")
    for measure, accepted, ai in (
        ("present", (INVALID, VALID, TRUSTED), False),
        ("valid", (VALID, TRUSTED), False),
        ("trusted", (TRUSTED,), False),
        ("ai_declared", (VALID, TRUSTED), True),
    ):
        book.rate(measure, where, credentials(accepted, handling, ai=ai), notes)
    if handling != AS_IS:
        _survival(book, where, lambda h: credentials((VALID, TRUSTED), h), handling, notes)


def _of_watermark(book: Book, handling: str, fpr: float, limit: float | None) -> None:
    where = {"layer": WATERMARK, "handling": handling}
    notes = [*_reasons(book.records, handling, WATERMARK, "problem"), *_rule(book, fpr, limit)]
    book.rate("detected", where, detected(handling, fpr, limit), notes)
    if handling != AS_IS:
        _survival(book, where, lambda h: detected(h, fpr, limit), handling, notes)
    seen = [
        (r, r["handled"][handling][WATERMARK])
        for r in book.records
        if _ended(r, handling) is None and r["handled"][handling][WATERMARK].get("n_bits")
    ]
    right = [(record, held["n_right"] / held["n_bits"]) for record, held in seen]
    k, n = (sum(held[name] for _, held in seen) for name in ("n_right", "n_bits"))
    book.mean("bit_accuracy", where, right, "share of bits", _binomial(k, n))


def _binomial(k: int, n: int) -> Significance | None:
    from scipy.stats import binom

    if not n:
        return None
    p = float(binom.sf(k - 1, n, 0.5))
    return Significance(name="exact binomial over all bits, taken as independent", p=p)


def _survival(
    book: Book,
    where: Mapping[str, Json],
    holds: Callable[[str], Ask],
    handling: str,
    notes: Sequence[str],
) -> None:
    """The share that still holds of the videos that held as they were published."""
    before = holds(AS_IS)
    kept = [record for record in book.records if before(record) is State.YES]
    part = Book(records=kept, setting=book.setting, findings=book.findings)
    part.rate("survival", where, holds(handling), notes)


def _of_both(book: Book, handling: str, fpr: float, limit: float | None) -> None:
    layers = credentials((VALID, TRUSTED), handling), detected(handling, fpr, limit)
    book.rate("any_layer", {"handling": handling}, _joined(*layers, both=False))
    book.rate("two_layers", {"handling": handling}, _joined(*layers, both=True))


def _rule(book: Book, fpr: float, limit: float | None) -> list[str]:
    """By which rule a mark counts as found."""
    readings = [
        r["handled"][AS_IS].get(WATERMARK, {}) for r in book.records if AS_IS in r["handled"]
    ]
    if any(reading.get("p_value") is not None for reading in readings):
        return [f"found at p <= {fpr:g} by the detector's own parametric tail"]
    if limit is None:
        return [f"no threshold: give null=FOLDER of {FEWEST_NULL} or more unmarked videos"]
    return [f"found above {limit:.4g}: a normal tail at {fpr:g} fitted to unmarked videos"]


def _reasons(records: Sequence[Record], handling: str, layer: str, name: str) -> list[str]:
    """The first three reasons that a layer could not be read."""
    parts = [r["handled"].get(handling, {}) for r in records]
    said = [part.get("problem") or part.get(layer, {}).get(name, "") for part in parts]
    return [printable(reason, 200) for reason in dict.fromkeys(filter(None, said))][:3]


def _false_alarms(
    book: Book, null: Sequence[Mapping[str, Any]], fpr: float, limit: float | None
) -> None:
    """How many unmarked videos read as marked, with the exact interval: k is 0 as a rule."""
    states = [State.ERROR if h["problem"] else found(h, fpr, limit) for h in null]
    n = sum(s in (State.YES, State.NO) for s in states)
    k = sum(s is State.YES for s in states)
    need = trials_without_event(fpr, book.setting.confidence)
    notes = [f"a bound of {fpr:g} needs {need} unmarked videos without an alarm"]
    if limit is not None and any(held["p_value"] is None for held in null):
        notes.append("the threshold was fitted to these very videos")
    if not n:
        notes.append("no unmarked videos were read: null=FOLDER")
    each = (1 + book.setting.confidence) / 2
    book.put(
        "false_alarm",
        {"layer": WATERMARK},
        higher_is_better=False,
        value=k / n if n else None,
        interval=Interval(
            low=clopper_pearson_lower(k, n, each),
            high=clopper_pearson_upper(k, n, each),
            confidence=book.setting.confidence,
            method="Clopper-Pearson",
        )
        if n
        else None,
        n=n,
        k=k,
        n_unknown=sum(s is State.UNKNOWN for s in states),
        n_error=sum(s is State.ERROR for s in states),
        n_clusters=n,
        cluster="video",
        notes=tuple(notes),
    )


def _cost(book: Book) -> None:
    """What the mark cost, as the model measured it before it gave its frames away."""
    known = [(r, float(r["psnr_db"])) for r in book.records if r["psnr_db"] is not None]
    book.mean("psnr", {"layer": WATERMARK}, known, "dB", notes=("as the model's adapter says",))
