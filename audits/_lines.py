"""Findings as lines for a terminal: aligned columns of untrusted text, numbers with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.errors import printable
from bench.types import Finding, FindingVerdict

Row = Sequence[str]


def aligned(rows: Sequence[Row]) -> Iterator[str]:
    """Rows of equal length as columns of equal width, two spaces apart."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()


def number(value: float | None) -> str:
    """Three significant digits; a dash where nothing was decided."""
    return "–" if value is None else f"{value:.3g}"


def estimate(finding: Finding) -> str:
    """`0.25 [0.1, 0.5]`, or why there is no interval."""
    if finding.value is None:
        return "–"
    made = finding.interval
    span = "no interval" if made is None else f"[{number(made.low)}, {number(made.high)}]"
    return f"{number(finding.value)} {span}"


def counts(finding: Finding) -> str:
    """`3 of 12 in 4 prompts, 1 unknown, 2 error`."""
    of = f"n={finding.n}" if finding.k is None else f"{finding.k} of {finding.n}"
    if finding.n_clusters != finding.n:
        of += f" in {finding.n_clusters} {finding.cluster}s"
    others = ((finding.n_unknown, "unknown"), (finding.n_error, "error"))
    return ", ".join([of, *(f"{n} {name}" for n, name in others if n)])


def place(finding: Finding, leave_out: Sequence[str] = ()) -> str:
    """What a finding is of: `attack=leet, layer=input`."""
    pairs = sorted((k, v) for k, v in finding.where.items() if k not in leave_out)
    return printable(", ".join(f"{k}={v}" for k, v in pairs), 400)


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """One line for each main finding, then each note once."""
    main = [finding for finding in findings if finding.is_main]
    rows = [("finding", "of", "value", "unit", "counts", "verdict")]
    for f in main:
        verdict = "" if f.verdict is FindingVerdict.REPORTED else str(f.verdict)
        rows.append((printable(f.measure), place(f), estimate(f), f.unit, counts(f), verdict))
    yield from aligned(rows)
    yield from note_lines(main)


def note_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Each note once, under the measure that has it."""
    yield from dict.fromkeys(
        f"note    {printable(finding.measure)}: {printable(note, 400)}"
        for finding in findings
        for note in finding.notes
    )
