"""A commented policy to start from, made from what a run measured; people decide its limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.errors import printable
from bench.findings import read_findings
from bench.gates.evidence import Evidence, read_evidence, uncertified
from bench.runs import FINDINGS

MARGIN = 2.0
"""The suggested limit lies so many half widths of the interval on the bad side of the value."""
SHOWN = 10

HEAD = """# A policy for `prescreen gate`, started by `prescreen policy init`; keys: docs/gate.md.
#
# DECIDE: every limit below was suggested from what ONE run measured, two half widths of its
# interval on the bad side. Such a limit says "not much worse than this run" and nothing about what
# a release must meet. People who answer for the release set the limits, then remove these words.

name = "{name}"
alpha = 0.05       # the chance of even one wrong PASS among all lines; Holm shares it
power = 0.8        # for the number of videos that an undecided line is told to need
error_cap = 0.05   # with a larger share of errors a line is INCONCLUSIVE
# baseline = "runs/ID"   # of lines with against = "baseline"; --baseline RUN wins

# Coverage: `counted` lines are facts of this run; others are estimates of the model's rate.
[[line]]
id = "complete"
coverage = "ok"
counted = true
min = 0.95         # DECIDE

[[line]]
id = "errors"
coverage = "error"
counted = true
max = 0.05         # DECIDE

[[line]]
id = "suppressed by the model's own filters"
coverage = "suppressed"
counted = true
max = 0.05         # DECIDE
"""

TAIL = """
# Regression against a baseline (a non-inferiority margin, paired by prompt and seed):
# [[line]]
# metric = "sharpness"
# against = "baseline"   # or "real": the run's own real videos
# max_drop = 0.05        # or max_rise

# A waiver has an owner, a reason and a last day. An expired one fails its line.
# [[waiver]]
# line = "an id above"
# waives = "verdict"     # or "certificate": let a metric gate that has not passed its calibration
# owner = "A. Person"
# reason = "why, and until what is done"
# expires = 2027-01-31
"""


def starter_policy(root: Path) -> str:
    """The text of a policy for a run's main numbers.

    Raises:
        UsageError: when the folder holds no finished run.
        RunDamaged: when the run was changed.
    """
    run = read_evidence(root, with_findings=False)
    # a name goes into a comment and a TOML string: nothing that could end either
    name = "".join(c for c in printable(root.resolve().name) if c not in '"\\')
    parts = [HEAD.format(name=f"from {name}")]
    for headline in run.headlines:
        wanted = headline["source"] == "candidate" and headline["subset"] == "kept"
        if wanted and headline["is_main"] and headline["value"] is not None:
            parts.append(_table(run, headline))
    parts += list(_findings(root))
    return "\n".join(parts) + TAIL


def _table(run: Evidence, headline: Mapping[str, Any]) -> str:
    metric, column = headline["metric"], headline["column"]
    seen = f"{headline['value']:.4g}"
    if headline["interval"]:
        seen += f" [{headline['interval']['low']:.4g}, {headline['interval']['high']:.4g}]"
    seen += f", n = {headline['n']} in {headline['n_clusters']} clusters, {headline['unit']}"
    lines = [f"# measured: {printable(seen, 200)}", "[[line]]", f'metric = "{metric}"']
    lines.append(f'column = "{column}"')
    why = uncertified(run, metric)
    if headline["higher_is_better"] is None:
        why = why or "neither higher nor lower is better: decide a direction"
    higher = bool(headline["higher_is_better"])
    rule, limit = ("min" if higher else "max"), _limit(run, headline, higher)
    if limit is None:
        why = why or "no limit to suggest: no interval, or one as wide as the number's range"
        limit = headline["value"]
    lines.append(f"{rule} = {limit:g}   # DECIDE")
    worst = run.column(metric, column)
    if not math.isfinite(worst.low if higher else worst.high):
        lines.append("# undecided = NUMBER   # what a missing, broken or vetoed video counts as")
    if why:
        lines = [f"# not used yet: {printable(why, 300)}", *(f"# {line}" for line in lines)]
    return "\n".join(lines) + "\n"


def _limit(run: Evidence, headline: Mapping[str, Any], higher: bool) -> float | None:
    made, value = headline["interval"], float(headline["value"])
    if made is None:
        return None
    half = max(value - made["low"], made["high"] - value)
    column = run.column(headline["metric"], headline["column"])
    limit = _outward(value - MARGIN * half if higher else value + MARGIN * half, down=higher)
    # at an end of the range every number meets it
    return limit if column.low < limit < column.high else None


def _outward(value: float, *, down: bool) -> float:
    """Two significant digits, rounded to the lenient side."""
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    scaled = value / step
    return float(f"{(math.floor(scaled) if down else math.ceil(scaled)) * step:.3g}")


def _findings(root: Path) -> Iterator[str]:
    if not (root / FINDINGS).exists():
        return
    held = [f for f in read_findings(root) if f.is_main and f.value is not None]
    for finding in held[:SHOWN]:
        name = "".join(c for c in printable(finding.id, 300) if c not in '"\\')
        yield (
            f"# the audit found {finding.value:.4g} ({finding.verdict}), n = {finding.n}\n"
            f'# [[line]]\n# finding = "{name}"\n# max = {finding.value:.4g}   # DECIDE, or min\n'
        )
    if len(held) > SHOWN:
        yield f"# {len(held) - SHOWN} more findings stand in {FINDINGS}\n"
