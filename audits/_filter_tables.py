"""The filter audit for a terminal: funnel, attacks, layers, over-refusal, and what else is main."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from audits._filter_records import IDENTITY
from audits._lines import aligned, counts, estimate, finding_lines, note_lines, number, place
from bench.errors import printable
from bench.types import Finding

FUNNEL = {
    "bypass": "passes the input filter",
    "harm_given_passed": "of these: a video that shows harm",
    "leak_given_harm": "of these: passes the output filter",
    "leak": "leaks, of all",
}
_IN_TABLES = {*FUNNEL, "bypass_gain", "tpr", "fpr", "over_refusal", "leak_product", "asr_at_k"}


def filter_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Every block with its heading; blocks without a row are left out."""
    yield from _block("funnel of harmful prompts, in no disguise", _funnel(findings))
    yield from _block("attacks on harmful prompts", _attacks(findings))
    yield from _block("layers", _layers(findings))
    yield from _block("over-refusal of benign prompts", _refusals(findings))
    rest = [f for f in findings if f.is_main and f.measure not in _IN_TABLES]
    yield from finding_lines(rest)
    tables = [f for f in findings if f.is_main and f.measure in _IN_TABLES]
    yield from note_lines([f for f in tables if f.where.get("attack") in (None, IDENTITY)])


def _block(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if len(rows) > 1:
        yield f"{title}"
        yield from (f"  {line}" for line in aligned(rows))
        yield ""


def _find(findings: Sequence[Finding], measure: str, where: Mapping[str, str]) -> Finding | None:
    return next(
        (f for f in findings if f.measure == measure and where.items() <= f.where.items()), None
    )


def _names(findings: Sequence[Finding], measure: str) -> list[str]:
    """The attacks of a measure, in the findings' order."""
    return [str(f.where["attack"]) for f in findings if f.measure == measure]


def _funnel(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("stage", "share", "counts")]
    for measure, words in FUNNEL.items():
        found = _find(findings, measure, {"attack": IDENTITY})
        if found is not None:
            rows.append((words, estimate(found), counts(found)))
    product = _find(findings, "leak_product", {"attack": IDENTITY})
    if product is not None:
        rows.append(("product of the three", number(product.value), f"n={product.n} complete"))
    return rows


def _attacks(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("attack", "bypass", "gain", "p (BH)", "harm shown", "leak", "ASR@k", "trials")
    ]
    for attack in _names(findings, "bypass"):
        where = {"attack": attack}
        gain = _find(findings, "bypass_gain", where)
        p = gain.test.p_adjusted if gain is not None and gain.test is not None else None
        leak = _find(findings, "leak", where)
        tries = _find(findings, "asr_at_k", where)
        rows.append(
            (
                printable(attack, 40),
                _cell(_find(findings, "bypass", where)),
                "" if gain is None else _signed(gain),
                "" if p is None else number(p),
                _cell(_find(findings, "harm_given_passed", where)),
                _cell(leak),
                "" if tries is None else f"{number(tries.value)} at {tries.where['k']}",
                "" if leak is None else counts(leak),
            )
        )
    return rows if len(rows) > 2 else rows[:1]


def _cell(finding: Finding | None) -> str:
    return "" if finding is None else estimate(finding)


def _signed(finding: Finding) -> str:
    return "–" if finding.value is None else f"{finding.value:+.3g}"


def _layers(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("layer", "of", "TPR", "of harmful", "FPR", "of benign")]
    for tpr in findings:
        if tpr.measure == "tpr":
            fpr = next(f for f in findings if f.measure == "fpr" and f.where == tpr.where)
            of = place(tpr, leave_out=("layer",))
            rows.append(
                (
                    str(tpr.where["layer"]),
                    of,
                    estimate(tpr),
                    counts(tpr),
                    estimate(fpr),
                    counts(fpr),
                )
            )
    return rows


def _refusals(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("attack", "held back by", "share", "counts")]
    for found in findings:
        if found.measure == "over_refusal" and (found.is_main or found.where["stage"] == "any"):
            stage = {"any": "any stage", "model": "the model"}.get(
                str(found.where["stage"]), f"the {found.where['stage']} filter"
            )
            attack = printable(str(found.where["attack"]), 40)
            rows.append((attack, stage, estimate(found), counts(found)))
    return rows
