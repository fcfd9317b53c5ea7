"""Makes docs/calibration/<metric>.md and its plot from a metric's certificate.

Run as `python -m bench.calibration.pages` for the certificates that ship with Prescreen; a test
checks that the pages are up to date. The command line makes the same of anybody's with `--pages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.calibration.ladders import LADDERS, ladder_of
from bench.calibration.verdicts import MIN_CLIPS, MIN_RHO
from bench.certificates import PACKAGED, Certificate, Row, Verdict, read_certificate
from bench.home import write_atomic

FOLDER = Path("docs/calibration")
_WORDS = {
    Verdict.PASS: "passes: it shows everything that it declares",
    Verdict.FAIL: "fails: it does not show everything that it declares",
    Verdict.NOT_ENOUGH: "is not decided",
    Verdict.UNAVAILABLE: "is still to be made: the metric could not be computed here",
}
_HEAD = (
    "| column | ladder | clips | declared | rho (95 %) | change at 5 (95 %) | in sd | verdict |",
    "|---|---|---|---|--:|--:|--:|---|",
)


def page(certificate: Certificate) -> str:
    """The Markdown page of one certificate."""
    name = stem(certificate)
    verdict = _WORDS[certificate.verdict]
    lines = [
        f"# Calibration of `{certificate.spec}`",
        "",
        f"The certificate of version {certificate.version} **{verdict}**."
        + (f" {_sentence(certificate.reason)}" if certificate.reason else ""),
        "",
        *_measured(certificate, name),
        *_unexpected(certificate),
        *_missing(certificate),
        "How to read it: [README](README.md). Made from the certificate by",
        "`python -m bench.calibration.pages`; what is declared stands in the metric's own file.",
    ]
    return "\n".join(lines) + "\n"


def _measured(certificate: Certificate, name: str) -> Iterator[str]:
    if not certificate.rows:
        return
    if _plotted(certificate):
        yield f"![values by strength of damage]({name}.png)"
        yield ""
    yield from _clips(certificate)
    yield ""
    yield from _HEAD
    yield from (_line(row) for row in certificate.rows)
    yield ""


def _plotted(certificate: Certificate) -> bool:
    return any(row.effects for row in certificate.rows)


def stem(certificate: Certificate) -> str:
    """The name of the page's file."""
    return "".join(c if c.isalnum() or c in "_-" else "-" for c in certificate.spec)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _clips(certificate: Certificate) -> Iterator[str]:
    for used in certificate.clips:
        yield (
            f"- `{used.name}`: {used.n_clips} clips to damage, {used.n_reference} for reference; "
            f"{used.n_frames} frames of {used.width_px}x{used.height_px} px at {used.fps:g} fps, "
            f"seed {used.seed}; {used.source}."
        )


def _line(row: Row) -> str:
    declared = row.expected or "nothing"
    if row.tolerance is not None:
        declared += f" (within {row.tolerance:g})"
    last = row.effects[-1] if row.effects else None
    rho = _interval(row.rho, row.low, row.high, "+.2f")
    change = _interval(last.change, last.low, last.high, "+.3g") if last else ""
    size = f"{last.standardised:+.1f}" if last and last.standardised is not None else ""
    verdict = f"**{row.verdict}**" if not row.meets else str(row.verdict)
    note = f": {row.reason}" if row.reason else ""
    return (
        f"| `{row.column}` | {row.ladder} | {row.clips}, {row.n_clips} | {declared} | {rho} "
        f"| {change} | {size} | {verdict}{note} |"
    )


def _interval(value: float | None, low: float | None, high: float | None, form: str) -> str:
    if value is None:
        return ""
    bounds = "" if low is None or high is None else f" ({low:{form}} to {high:{form}})"
    return f"{value:{form}}{bounds}"


def _unexpected(certificate: Certificate) -> Iterator[str]:
    rows = [row for row in certificate.rows if row.verdict is Verdict.UNEXPECTED]
    if not rows:
        return
    yield "Nobody declared these, and they were seen:"
    yield ""
    for row in rows:
        yield f"- `{row.column}` on {row.ladder} ({row.clips}): {row.reason}."
    yield ""


def _missing(certificate: Certificate) -> Iterator[str]:
    for used in certificate.clips:
        held = {row.ladder for row in certificate.rows if row.clips == used.name}
        lacking = [ladder for ladder in LADDERS if ladder not in held]
        if lacking:
            yield f"Not measured on `{used.name}`: {', '.join(lacking)}."
            yield ""


def index(certificates: Sequence[Certificate]) -> str:
    """The page that says how to read the others, and lists them."""
    lines = [
        "# Calibration",
        "",
        "Each metric is put on ladders of damage of five strengths, and must show what its file",
        "declares (`expects`): which damage its value follows, which it ignores, to which it is",
        "blind. `prescreen calibrate` makes every certificate in one call; they are there for the",
        "gate. Features are kept, so that a call that was stopped goes on where it was. At 32",
        "clips a set it takes about 12 minutes of one core, and 60 more for I3D, the first time:",
        "a clip costs 0.01 s for pixels, 0.08 for flow, 0.04 for readings, 0.03 for phantom-clip,",
        "0.6 for I3D. So set metrics are put on the ladders that they declare, and on no others.",
        "",
        "## The rule",
        "",
        "For each clip, Spearman's correlation of the value with the strengths 0 (undamaged) to 5;",
        "for a metric of sets, that of the set's values, against a reference of other, undamaged",
        "clips. The interval (95 %) is a percentile bootstrap of scenes or shots; for a metric of",
        "sets, of values drawn with the spread that leaving out each scene or shot shows.",
        "",
        f"- **not_enough**: fewer than {MIN_CLIPS} clips, or an interval that holds the limit.",
        f"- **pass**: of a declared order, the whole interval is {MIN_RHO:g} or more, and strength",
        "  5 lies on the declared side of strength 0; of a declared indifference, the mean change",
        "  stays within the tolerance at every strength.",
        "- **fail**: the declared order or indifference is not there.",
        "- **blind**: the damage does not make the value worse, or no value changes at all.",
        "- **unexpected**: the value follows the damage, and nobody said so.",
        "- **unavailable**: the weights of the metric were not there; the reason has the command.",
        "",
        "A certificate passes when every declared order and indifference passes on all clips that",
        "were measured. It holds for one version of a metric with one set of weights.",
        "",
        "## The ladders",
        "",
        "| ladder | what is done | strengths 1 to 5 | unit |",
        "|---|---|---|---|",
    ]
    for ladder in map(ladder_of, LADDERS):
        levels = ", ".join(f"{level:g}" for level in ladder.levels)
        lines.append(f"| {ladder.name} | {ladder.summary} | {levels} | {ladder.unit} |")
    lines += ["", "## The metrics", "", "| metric | certificate | why |", "|---|---|---|"]
    for certificate in certificates:
        link = f"[`{certificate.spec}`]({stem(certificate)}.md)"
        lines.append(f"| {link} | {certificate.verdict} | {certificate.reason} |")
    return "\n".join(lines) + "\n"


def write_pages(certificates: Sequence[Certificate], folder: Path) -> None:
    """Write a page and a plot of each certificate, and the index.

    Raises:
        Unavailable: when matplotlib is not installed.
    """
    from bench.calibration.plots import plot

    for certificate in certificates:
        if _plotted(certificate):
            write_atomic(folder / f"{stem(certificate)}.png", plot(certificate))
        write_atomic(folder / f"{stem(certificate)}.md", page(certificate).encode())
    write_atomic(folder / "README.md", index(certificates).encode())


def packaged() -> list[Certificate]:
    """The certificates that ship with Prescreen, by name."""
    return [read_certificate(path) for path in sorted(PACKAGED.glob("*.json"))]


if __name__ == "__main__":
    write_pages(packaged(), FOLDER)
