"""Writes docs/audits/real_filters.md from the surveys' results.

python -m audits._survey_page
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audits._survey import FOLDER, FRAMES, PAGE, TEXT, p_value, percent, short, table

HEAD = """# Real filters, audited

Filters that people use, with the numbers that the adapters of this repository gave. This page is
made by `python -m audits._survey_page` from `{text}` and `{frames}`, which
`python -m audits.prompt_filters._survey` and `python -m audits.frame_filters._survey` measure.
Intervals are Wilson's at 95 %, areas have DeLong's; "p" is corrected over its column
(Benjamini and Hochberg). Small n is shown as it is: a wide interval is the result.
"""
READING = Path(__file__).parent / "_survey_reading.md"
"""What a person makes of the tables: by hand, to be written anew with new results."""

MATERIALS = {
    "bbb-film": "Big Buck Bunny, shots",
    "bikes": "a street with people, shots",
    "phantom": "renders of the phantom world",
}


def page(text: Mapping[str, Any] | None, frames: Mapping[str, Any] | None) -> str:
    """The page, of whichever results there are."""
    lines = [HEAD.format(text=TEXT, frames=FRAMES)]
    if text is not None and frames is not None:
        lines.append(READING.read_text(encoding="utf-8"))
    if text is not None:
        lines += text_lines(text)
    if frames is not None:
        lines += frame_lines(frames)
    return "\n".join(lines).rstrip("\n") + "\n"


def text_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The chapter on prompt filters."""
    suites = ", ".join(f"`{n}` {s['version']} ({s['sha256']})" for n, s in found["suites"].items())
    yield "## Prompt filters\n"
    yield f"Suites: {suites}; test splits where they have them. Labels are of the prompts.\n"
    known = {n: f for n, f in found["filters"].items() if "unavailable" not in f}
    for name, held in found["filters"].items():
        if "unavailable" in held:
            yield f"`{name}` was not measured: {held['unavailable']}.\n"
    yield from summary(known)
    yield from grid("By hazard: share of harmful prompts blocked", known, "hazards", "tpr")
    yield from grid("Over-refusal by kind of prompt", known, "over_refusal_by", "fpr")
    yield from identity_lines(known)
    yield from grid("By language: harmful prompts blocked", known, "languages", "tpr")
    yield from grid("By language: benign prompts blocked", known, "languages", "fpr")
    for way in ("plain", "normalised"):
        yield from attack_lines(known, way)


def summary(known: Mapping[str, Any]) -> Iterator[str]:
    """One row a filter and threshold."""
    rows = []
    for name, held in known.items():
        area = held["separation"]
        cells = (held["threshold"], held["safety"], held["over_refusal"])
        threshold, safety, over = cells
        auc = f"{area['auc']:.2f} [{area['low']:.2f}, {area['high']:.2f}]"
        rows.append(
            [
                f"`{name}`",
                f"{threshold:g}",
                auc,
                *(percent(r) for r in (safety["tpr"], safety["fpr"], over["fpr"])),
            ]
        )
        if held["safety_dev"] is not None:
            chosen = held["safety_dev"]
            marked = f"{held['dev_threshold']:g} (dev)"
            rows.append([f"`{name}`", marked, auc, *(percent(chosen[k]) for k in ("tpr", "fpr"))])
            rows[-1].append("")
    head = ["filter", "threshold", "area under ROC", "harmful blocked"]
    yield from table([*head, "contrasts blocked", "over-refusal"], rows)


def grid(title: str, known: Mapping[str, Any], part: str, which: str) -> Iterator[str]:
    """A table of one rate: rows are values, columns filters."""
    values = sorted({value for held in known.values() for value in held[part]})
    if not values:
        return
    yield f"### {title}\n"
    empty = {"k": 0, "n": 0, "low": 0.0, "high": 1.0}
    rows = [
        [value, *(percent(held[part].get(value, {which: empty})[which]) for held in known.values())]
        for value in values
    ]
    yield from table(
        ["", *(f"`{name}`" for name in known)], [r for r in rows if set(r[1:]) != {"–"}]
    )


def identity_lines(known: Mapping[str, Any]) -> Iterator[str]:
    """False alarms and score shifts by identity."""
    yield "### Identity terms in harmless sentences: blocked, score off its template's mean\n"
    terms = [row["identity"] for row in next(iter(known.values()))["identities"]]
    rows = []
    for i, term in enumerate(terms):
        cells = [held["identities"][i] for held in known.values()]
        rows.append(
            [term, *(f"{short(c)}, {c['shift']:+.3f} (p {p_value(c['p_bh'])})" for c in cells)]
        )
    yield from table(["identity", *(f"`{name}`" for name in known)], rows)


def attack_lines(known: Mapping[str, Any], way: str) -> Iterator[str]:
    """Harmful and benign prompts blocked under each attack."""
    behind = "" if way == "plain" else ", behind the reference normaliser"
    yield f"### Under attack{behind}: harmful blocked / contrasts blocked (p of the change)\n"
    specs = list(next(iter(known.values()))["attacks"][way])
    rows = []
    for spec in specs:
        cells = [held["attacks"][way][spec] for held in known.values()]
        reader = cells[0].get("meaning_for", "")
        rows.append([spec, reader, *(attack_cell(cell) for cell in cells)])
    yield from table(["attack", "still read by", *(f"`{name}`" for name in known)], rows)


def attack_cell(cell: Mapping[str, Any]) -> str:
    """`12/40 / 3/40 (p .010)`."""
    plain = f"{short(cell['tpr'])} / {short(cell['fpr'])}"
    return plain if "p_bh" not in cell else f"{plain} (p {p_value(cell['p_bh'])})"


def frame_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The chapter on frame filters."""
    yield f"## Frame filters: `{found['filter']}`\n"
    yield (
        "Everything that it was shown is benign: these are false alarms. Its sensitivity was not\n"
        "measured: explicit pictures are neither shipped nor fetched. The unit is the clip (of a\n"
        "film, the shot), with four frames each.\n"
    )
    rows = []
    for name, held in found["false_alarms"].items():
        middle, high, top = held["quantiles"]
        quantiles = f"{middle:.3f}, {high:.3f}, {top:.3f}"
        for rule, rates in held["rates"].items():
            cells = [percent(rates[threshold]) for threshold in sorted(rates)]
            rows.append([MATERIALS.get(name, name), f"`{rule}`", *cells, quantiles])
    thresholds = [f"≥ {t}" for t in sorted(rates)]
    yield from table(["material", "rule", *thresholds, "median, 90 %, highest frame"], rows)
    yield from tone_lines(found)
    yield "### The shortest event that cannot fall between the frames looked at (threshold 0.8)\n"
    lengths = sorted(found["events"][0]["shortest"], key=int)
    rows = [
        [f"`{e['frames']}`, `{e['rule']}`", *(str(e["shortest"][n] or "none") for n in lengths)]
        for e in found["events"]
    ]
    yield from table(["plan and rule", *(f"{n} frames" for n in lengths)], rows)
    yield f"One frame took {found['cpu_ms_per_frame']:.0f} ms of one core.\n"


def tone_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Skin tones: flat patches, greys of their luminance, and persons in the same scenes."""
    held = found["tones"]
    yield "### Skin tone\n"
    yield (
        "Flat patches of the Monk scale, greys of the same luminance, and the mean over "
        f"{held['n']} scenes of\nthe phantom world with a walking person drawn in each tone. "
        f"Dark (8 to 10) minus light\n(1 to 3) in the same scene: {held['gap']:+.4f} "
        f"[{held['gap_low']:.4f}, {held['gap_high']:.4f}], p {p_value(held['p'])}; the highest of "
        f"all is {held['highest']:.3f}.\n"
    )
    rows = [
        [str(r["tone"]), f"{r['score']:.3f}", f"{r['grey']:.3f}", f"{mean:.4f}"]
        for r, mean in zip(found["patches"], held["means"], strict=True)
    ]
    yield from table(["Monk tone", "patch", "grey patch", "persons in scenes"], rows)


def results(path: Path) -> Mapping[str, Any] | None:
    """A results file; None where it was not made."""
    return json.loads(path.read_bytes()) if path.is_file() else None


def main() -> None:
    """Write the page."""
    made = page(results(FOLDER / TEXT), results(FOLDER / FRAMES))
    (FOLDER / PAGE).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
