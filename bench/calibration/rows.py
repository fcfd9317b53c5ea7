"""The rows of a certificate: every metric on every ladder of one set of clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench.calibration.clips import ClipSet
from bench.calibration.ladders import ALL_STRENGTHS, WRONG_CAPTION, Reader, damaged, ladder_of
from bench.calibration.measure import Measured, measure, measure_sets
from bench.calibration.verdicts import expected_of, judge
from bench.certificates import Effect, Row
from bench.errors import TooFewFrames, UsageError
from bench.extraction import Notify
from bench.metrics._expects import Expects
from bench.types import Clip

if TYPE_CHECKING:
    from bench.metrics.base import SetMetric, VideoMetric

F64 = npt.NDArray[np.float64]
Found = Measured | str | None
"""What was measured; why nothing was; or None where no clip has a value."""


def expects_of(metric: Any) -> tuple[Expects, ...]:
    """What a metric declares; nothing for its main columns where it declares nothing at all."""
    declared: tuple[Expects, ...] = metric.expects
    return declared or tuple(Expects(column=c.name) for c in metric.columns if c.headline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The clips, what reads them, and the metrics on trial.

    A set metric is put on the ladders that it declares (its features cost most of the time), and on
    any with `every_ladder`; a metric that reads no prompt has nothing to say of a wrong one.
    """

    clips: ClipSet
    reader: Reader
    metrics: Mapping[str, Any]
    seed: int
    every_ladder: bool = False

    def rows(self, ladder: str, n_ladders: int, notify: Notify) -> dict[str, list[Row]]:
        """The rows of every metric on one ladder, by spec."""
        seen = {s: m for s, m in self.metrics.items() if self.is_on(m, ladder)}
        held: list[list[Clip]] = []
        for index, clip in enumerate(self.clips.clips if seen else ()):
            steps = (damaged(self.clips.clips, index, ladder, s, self.seed) for s in ALL_STRENGTHS)
            held.append([self.reader.read(step) for step in steps])
            notify(n_ladders * len(self.clips.clips), f"{ladder} {clip.name}")
        return {spec: self._of_metric(metric, ladder, held) for spec, metric in seen.items()}

    def is_on(self, metric: Any, ladder: str) -> bool:
        """Whether a metric is put on a ladder."""
        from bench.metrics.base import SetMetric

        if isinstance(metric, SetMetric) and not self.every_ladder:
            return any(expected_of(e, ladder)[0] for e in expects_of(metric))
        return ladder != WRONG_CAPTION or getattr(metric, "needs_prompt", False)

    def _of_metric(self, metric: Any, ladder: str, held: Sequence[Sequence[Clip]]) -> list[Row]:
        from bench.metrics.base import SetMetric

        if isinstance(metric, SetMetric):
            found = self._of_sets(metric, held)
        else:
            found = self._of_clips(metric, held)
        return [
            _row(self.clips.name, metric.column(e.column), ladder, e, found[e.column])
            for e in expects_of(metric)
        ]

    def _of_clips(self, metric: VideoMetric, held: Sequence[Sequence[Clip]]) -> dict[str, Found]:
        scored = [[_scored(metric, clip) for clip in steps] for steps in held]
        clusters = [clip.cluster for clip in self.clips.clips]
        found: dict[str, Found] = {}
        for column in metric.columns:
            values = [[values.get(column.name, np.nan) for values in steps] for steps in scored]
            found[column.name] = measure(np.array(values), clusters, seed=self.seed)
        return found

    def _of_sets(self, metric: SetMetric, held: Sequence[Sequence[Clip]]) -> dict[str, Found]:
        rows_NS = [[_feature_row(metric, clip) for clip in steps] for steps in held]
        whole = [i for i, steps in enumerate(rows_NS) if all(row is not None for row in steps)]
        reference = self.reference_rows(metric)
        names = [column.name for column in metric.columns]
        n = min(len(whole), len(reference))
        if n < metric.min_videos:
            few = f"it needs {metric.min_videos} clips on each side; {n} are there"
            return dict.fromkeys(names, few)
        rows_SND = [np.stack([np.asarray(rows_NS[i][s]) for i in whole]) for s in ALL_STRENGTHS]
        reference_MD = np.stack([row for row, _ in reference])
        found: dict[str, Found] = {}
        for name in names:

            def value(x_ND: F64, y_MD: F64, name: str = name) -> float:
                return float(metric.value(x_ND, y_MD)[name])

            try:
                found[name] = measure_sets(
                    rows_SND,
                    reference_MD,
                    value,
                    [self.clips.clips[i].cluster for i in whole],
                    [cluster for _, cluster in reference],
                    seed=self.seed,
                )
            except UsageError as error:  # one clip fewer than these is refused
                found[name] = str(error)
        return found

    def reference_rows(self, metric: SetMetric) -> list[tuple[F64, str]]:
        """The rows of the reference clips that have one, with the cluster of each."""
        extractors = {need: self.reader.extractors[need] for need in metric.needs}
        reader = Reader(extractors=extractors, cache=self.reader.cache)
        made = []
        for clip in self.clips.reference:
            row = _feature_row(metric, reader.read(clip))
            if row is not None:
                made.append((row, clip.cluster))
        return made


def _scored(metric: VideoMetric, clip: Clip) -> dict[str, float]:
    if any(need not in clip.features for need in metric.needs):
        return {}
    try:
        return {name: value.value for name, value in metric.score(clip).items()}
    except TooFewFrames:
        return {}


def _feature_row(metric: SetMetric, clip: Clip) -> F64 | None:
    if any(need not in clip.features for need in metric.needs):
        return None
    try:
        return metric.row(clip)
    except TooFewFrames:
        return None


def _row(clips: str, column: Any, name: str, expects: Expects, told: Found) -> Row:
    ladder = ladder_of(name)
    expected, tolerance = expected_of(expects, name)
    found, lacking = (None, told) if isinstance(told, str) else (told, "")
    verdict, meets, reason = judge(found, expected, tolerance, column.higher_is_better, lacking)
    interval = found.rho_interval if found else None
    return Row(
        clips=clips,
        column=column.name,
        ladder=name,
        unit=ladder.unit,
        expected=expected,
        tolerance=tolerance,
        n_clips=found.n_clips if found else 0,
        n_clusters=found.n_clusters if found else 0,
        rho=_rounded(found.rho) if found else None,
        low=_rounded(interval.low) if interval else None,
        high=_rounded(interval.high) if interval else None,
        effects=_effects(found, (0.0, *ladder.levels)) if found else (),
        verdict=verdict,
        meets=meets,
        reason=reason,
    )


def _effects(found: Measured, levels: Sequence[float]) -> tuple[Effect, ...]:
    return tuple(
        Effect(
            strength=s,
            level=float(levels[s]),
            mean=_rounded(found.mean_S[s]),
            change=_rounded(found.change_S[s]),
            low=_rounded(found.low_S[s]) if np.isfinite(found.low_S[s]) else None,
            high=_rounded(found.high_S[s]) if np.isfinite(found.high_S[s]) else None,
            standardised=_rounded(found.change_S[s] / found.spread) if found.spread else None,
        )
        for s in ALL_STRENGTHS
    )


def _rounded(value: float) -> float:
    """Six digits: enough to compare, few enough to read."""
    return float(f"{float(value):.6g}")
