"""Does a person stay who they seemed to be? Readings of a clip's stretches, held side by side.

Only a video can have this fault: a presentation that changes while nobody leaves the picture. A
still of each would count as two good images.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from audits._bias_findings import counted, made
from audits._bias_rows import Row
from audits.base import Setting
from bench.stats.bootstrap import proportion_interval
from bench.types import Finding


def persistence(rows: Sequence[Row], setting: Setting) -> list[Finding]:
    """The share of videos whose perceived attribute changes, for each attribute."""
    return list(_changes(rows, setting))


def _changes(rows: Sequence[Row], setting: Setting) -> Iterator[Finding]:
    for attribute in sorted({name for row in rows for name in row.parts}):
        decided = [row for row in rows if None not in row.parts.get(attribute, (None,))]
        changed = [row for row in decided if len(set(row.parts[attribute])) > 1]
        counts = counted(rows, decided)
        where = {"attribute": attribute}
        if not decided:
            notes = ("no video has a reading of every stretch",)
            yield made(
                "presentation_change",
                where,
                None,
                setting,
                unit="share",
                counts=counts,
                notes=notes,
            )
            continue
        values_N = np.array([float(row in changed) for row in decided])
        yield made(
            "presentation_change",
            where,
            float(values_N.mean()),
            setting,
            unit="share",
            counts=counts,
            interval=proportion_interval(
                values_N, [row.prompt for row in decided], confidence=setting.confidence
            ),
            higher_is_better=False,
            k=len(changed),
            evidence=[row.trial for row in changed],
            notes=("a reader's own errors on short stretches count as changes",),
        )
