"""Puts metrics on ladders of damage and writes what they showed as certificates.

From Python, what `prescreen calibrate` does is::

    from bench.calibration.runner import CalibrateRequest, calibrate

    done = calibrate(CalibrateRequest(metrics=("sharpness",), clips="phantom"))
    done.certificates[0].verdict
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench import registry
from bench.calibration.clips import ClipSet, load_clips
from bench.calibration.ladders import (
    ALL_STRENGTHS,
    LADDERS,
    WRONG_CAPTION,
    Reader,
    damaged,
    ladder_of,
)
from bench.calibration.measure import Measured, measure, measure_sets
from bench.calibration.verdicts import RULE, conclude, expected_of, judge
from bench.certificates import (
    Certificate,
    ClipsUsed,
    Effect,
    Row,
    Verdict,
    certificate_key,
    file_name,
    own_folder,
    read_certificate,
    write_certificate,
)
from bench.errors import TooFewFrames, Unavailable, UsageError
from bench.extraction import Notify
from bench.features.cache import FeatureCache
from bench.metrics._expects import Expects
from bench.plan import environment
from bench.resolution import feature_fields
from bench.types import Clip

if TYPE_CHECKING:
    from bench.metrics.base import SetMetric, VideoMetric

F64 = npt.NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateRequest:
    """What is asked: metrics (all that can be had where none is named), ladders, clips, chance."""

    metrics: tuple[str, ...] = ()
    ladders: tuple[str, ...] = ()
    clips: str = "phantom"
    n: int = 16
    seed: int = 0
    out: Path | None = None
    """Where certificates are read and written; by default the person's own folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """The certificates that were written, and why some metrics have none."""

    folder: Path
    certificates: tuple[Certificate, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)


def calibrate(
    request: CalibrateRequest,
    notify: Notify = lambda total, name: None,
    say: Say = lambda line: None,
) -> Calibrated:
    """Measure the metrics on the ladders, and write or complete their certificates.

    Raises:
        UsageError: for a name that there is not, or n below 2.
        Unavailable: when a metric that was asked for by name cannot be computed here.
    """
    ladders = _ladders(request)
    metrics, skipped = _metrics(request)
    clips = load_clips(request.clips, request.n, request.seed, say)
    needs = sorted({need for metric in metrics.values() for need in metric.needs})
    extractors = {need: registry.build("feature", need) for need in needs}
    bench = _Bench(
        clips=clips,
        reader=Reader(extractors=extractors, cache=FeatureCache()),
        metrics=metrics,
        seed=request.seed,
    )
    rows: dict[str, list[Row]] = {spec: [] for spec in metrics}
    for ladder in ladders:
        for spec, made in bench.rows(ladder, len(ladders), notify).items():
            rows[spec] += made
    folder = request.out or own_folder()
    used = _used(clips, request.seed)
    certificates = []
    for spec, metric in metrics.items():
        certificate = _certificate(folder, spec, metric).with_rows(used, rows[spec])
        certificates.append(conclude(certificate, metric.expects))
        write_certificate(folder, certificates[-1])
    return Calibrated(folder=folder, certificates=tuple(certificates), skipped=skipped)


def _ladders(request: CalibrateRequest) -> tuple[str, ...]:
    for name in request.ladders:
        if name not in LADDERS:
            raise UsageError("no such ladder of damage", seen=name, legal=", ".join(LADDERS))
    if request.n < 2:
        raise UsageError("too few clips to compare", seen=request.n, legal="2 or more; 16 decide")
    return request.ladders or LADDERS


def _metrics(request: CalibrateRequest) -> tuple[dict[str, Any], dict[str, str]]:
    """The metrics by spec, and why others are left out."""
    metrics: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    for spec in request.metrics or registry.names("metric"):
        metric = registry.build("metric", spec)
        lacking = [
            str(fields["unavailable"])
            for fields in feature_fields(list(metric.needs)).values()
            if isinstance(fields, dict) and "unavailable" in fields
        ]
        if lacking and request.metrics:
            raise Unavailable(f"{spec} cannot be calibrated here: {lacking[0]}")
        if lacking:
            skipped[spec] = lacking[0]
        elif getattr(metric, "needs_prompt", False) and request.clips != "phantom":
            skipped[spec] = "it needs prompts, which only the phantom's clips have"
        else:
            metrics[spec] = metric
    if not metrics:
        raise Unavailable("no metric can be calibrated on these clips", seen=skipped)
    return metrics, skipped


def _certificate(folder: Path, spec: str, metric: Any) -> Certificate:
    """The certificate to complete: the one that is there, if it has the same key and rule."""
    key = certificate_key(spec)
    path = folder / file_name(spec)
    if path.exists():
        held = read_certificate(path)
        if dict(held.key) == key and dict(held.rule) == RULE:
            return held
    return Certificate(
        metric=metric.name,
        spec=spec,
        version=metric.version,
        key=key,
        rule=RULE,
        clips=(),
        rows=(),
        verdict=Verdict.NOT_ENOUGH,
        reason="nothing was measured yet",
    )


def _used(clips: ClipSet, seed: int) -> ClipsUsed:
    n_frames, height, width, _ = clips.clips[0].frames_THWC.shape
    return ClipsUsed(
        name=clips.name,
        source=clips.source,
        n_clips=len(clips.clips),
        n_reference=len(clips.reference),
        height_px=height,
        width_px=width,
        n_frames=n_frames,
        fps=float(clips.clips[0].fps),
        seed=seed,
        sha256=tuple(clip.sha256 for clip in clips.clips),
        reference_sha256=tuple(clip.sha256 for clip in clips.reference),
        environment=environment(),
    )


def expects_of(metric: Any) -> tuple[Expects, ...]:
    """What a metric declares; nothing for its main columns where it declares nothing at all."""
    declared: tuple[Expects, ...] = metric.expects
    return declared or tuple(Expects(column=c.name) for c in metric.columns if c.headline)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """The clips, what reads them, and the metrics on trial."""

    clips: ClipSet
    reader: Reader
    metrics: Mapping[str, Any]
    seed: int

    def rows(self, ladder: str, n_ladders: int, notify: Notify) -> dict[str, list[Row]]:
        """The rows of every metric on one ladder, by spec."""
        seen = {s: m for s, m in self.metrics.items() if _can_see(m, ladder)}
        held: list[list[Clip]] = []
        for index, clip in enumerate(self.clips.clips if seen else ()):
            steps = (damaged(self.clips.clips, index, ladder, s, self.seed) for s in ALL_STRENGTHS)
            held.append([self.reader.read(step) for step in steps])
            notify(n_ladders * len(self.clips.clips), f"{ladder} {clip.name}")
        return {spec: self._of_metric(metric, ladder, held) for spec, metric in seen.items()}

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

    def _of_clips(
        self, metric: VideoMetric, held: Sequence[Sequence[Clip]]
    ) -> dict[str, Measured | None]:
        scored = [[_scored(metric, clip) for clip in steps] for steps in held]
        clusters = [clip.cluster for clip in self.clips.clips]
        found: dict[str, Measured | None] = {}
        for column in metric.columns:
            values = [[values.get(column.name, np.nan) for values in steps] for steps in scored]
            found[column.name] = measure(np.array(values), clusters, seed=self.seed)
        return found

    def _of_sets(
        self, metric: SetMetric, held: Sequence[Sequence[Clip]]
    ) -> dict[str, Measured | None]:
        rows_NS = [[_feature_row(metric, clip) for clip in steps] for steps in held]
        whole = [i for i, steps in enumerate(rows_NS) if all(row is not None for row in steps)]
        reference = self.reference_rows(metric)
        names = [column.name for column in metric.columns]
        if min(len(whole), len(reference)) < metric.min_videos:
            return dict.fromkeys(names)
        rows_SND = [np.stack([np.asarray(rows_NS[i][s]) for i in whole]) for s in ALL_STRENGTHS]
        reference_MD = np.stack([row for row, _ in reference])
        found: dict[str, Measured | None] = {}
        for name in names:

            def value(x_ND: F64, y_MD: F64, name: str = name) -> float:
                return float(metric.value(x_ND, y_MD)[name])

            found[name] = measure_sets(
                rows_SND,
                reference_MD,
                value,
                [self.clips.clips[i].cluster for i in whole],
                [cluster for _, cluster in reference],
                seed=self.seed,
            )
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


def _can_see(metric: Any, ladder: str) -> bool:
    """A metric that reads no prompt has nothing to say of a wrong one."""
    return ladder != WRONG_CAPTION or getattr(metric, "needs_prompt", False)


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


def _row(clips: str, column: Any, name: str, expects: Expects, found: Measured | None) -> Row:
    ladder = ladder_of(name)
    expected, tolerance = expected_of(expects, name)
    verdict, meets, reason = judge(found, expected, tolerance, column.higher_is_better)
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
