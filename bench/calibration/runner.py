"""Puts metrics on ladders of damage and writes what they showed as certificates.

From Python, what `prescreen calibrate` does is::

    from bench.calibration.runner import CalibrateRequest, calibrate

    done = calibrate(CalibrateRequest(metrics=("sharpness",), clips=("phantom",)))
    done.certificates[0].verdict
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import registry
from bench.calibration.clips import ClipSet, load_clips
from bench.calibration.ladders import LADDERS, Reader
from bench.calibration.rows import Bench
from bench.calibration.verdicts import RULE, conclude
from bench.certificates import (
    Certificate,
    ClipsUsed,
    Row,
    Verdict,
    certificate_key,
    file_name,
    own_folder,
    read_certificate,
    write_certificate,
)
from bench.errors import Unavailable, UsageError
from bench.extraction import Notify
from bench.features.cache import FeatureCache
from bench.plan import environment
from bench.resolution import feature_fields

Say = Callable[[str], None]
PHANTOM = "phantom"
DEFAULT_CLIPS = (PHANTOM, "real")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateRequest:
    """What is asked: metrics (all that can be had where none is named), ladders, clips, chance."""

    metrics: tuple[str, ...] = ()
    ladders: tuple[str, ...] = ()
    """All where none is named, but for set metrics: they are put on those that they declare."""
    clips: tuple[str, ...] = ()
    """Where none is named: the phantom's, and the film's if it can be had."""
    n: int = 32
    seed: int = 0
    out: Path | None = None
    """Where certificates are read and written; by default the person's own folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """The certificates that were written, and what was left out and why."""

    folder: Path
    certificates: tuple[Certificate, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)


def calibrate(
    request: CalibrateRequest,
    notify: Notify = lambda total, name: None,
    say: Say = lambda line: None,
) -> Calibrated:
    """Measure the metrics on the ladders, and write or complete their certificates.

    A metric that nobody asked for by name and that cannot be computed here gets a certificate that
    says so, and the command that changes it; one that was measured elsewhere keeps its own.

    Raises:
        UsageError: for a name that there is not, or n below 2.
        Unavailable: when a metric or clips that were asked for by name cannot be had here.
    """
    ladders = _ladders(request)
    metrics, unavailable = _metrics(request)
    folder = request.out or own_folder()
    made = {spec: _certificate(folder, spec, metric) for spec, metric in metrics.items()}
    skipped: dict[str, str] = {}
    for clips in _clips(request, say, skipped):
        able = {s: m for s, m in metrics.items() if clips.name == PHANTOM or not _reads_prompts(m)}
        rows = _rows(clips, able, ladders, request, notify)
        for spec, metric in able.items():
            grown = made[spec].with_rows(_used(clips, request.seed), rows[spec])
            made[spec] = conclude(grown, metric.expects)
            write_certificate(folder, made[spec])
    for spec, reason in unavailable.items():
        made[spec] = _unavailable(folder, spec, reason)
    of_prompts = "it needs prompts, which only the phantom's clips have"
    skipped |= {s: of_prompts for s, held in made.items() if not held.clips and s in metrics}
    asked = request.metrics or sorted(made)
    kept = tuple(made[spec] for spec in asked if spec not in skipped)
    if not kept:
        raise Unavailable("no metric can be calibrated on these clips", seen=skipped)
    return Calibrated(folder=folder, certificates=kept, skipped=skipped)


def _clips(request: CalibrateRequest, say: Say, skipped: dict[str, str]) -> Iterator[ClipSet]:
    for name in request.clips or DEFAULT_CLIPS:
        try:
            yield load_clips(name, request.n, request.seed, say)
        except Unavailable as error:
            if request.clips:
                raise
            skipped[f"clips {name}"] = str(error)


def _rows(
    clips: ClipSet,
    metrics: Mapping[str, Any],
    ladders: Sequence[str],
    request: CalibrateRequest,
    notify: Notify,
) -> dict[str, list[Row]]:
    needs = sorted({need for metric in metrics.values() for need in metric.needs})
    extractors = {need: registry.build("feature", need) for need in needs}
    bench = Bench(
        clips=clips,
        reader=Reader(extractors=extractors, cache=FeatureCache()),
        metrics=metrics,
        seed=request.seed,
        every_ladder=bool(request.ladders),
    )
    n_sets = len(request.clips or DEFAULT_CLIPS)
    rows: dict[str, list[Row]] = {spec: [] for spec in metrics}
    for ladder in ladders:
        for spec, found in bench.rows(ladder, len(ladders) * n_sets, notify).items():
            rows[spec] += found
    return rows


def _ladders(request: CalibrateRequest) -> tuple[str, ...]:
    for name in request.ladders:
        if name not in LADDERS:
            raise UsageError("no such ladder of damage", seen=name, legal=", ".join(LADDERS))
    if request.n < 2:
        raise UsageError("too few clips to compare", seen=request.n, legal="2 or more; 16 decide")
    return request.ladders or LADDERS


def _reads_prompts(metric: Any) -> bool:
    return bool(getattr(metric, "needs_prompt", False))


def _metrics(request: CalibrateRequest) -> tuple[dict[str, Any], dict[str, str]]:
    """The metrics by spec, and why others cannot be computed here."""
    metrics: dict[str, Any] = {}
    unavailable: dict[str, str] = {}
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
            unavailable[spec] = lacking[0]
        else:
            metrics[spec] = metric
    return metrics, unavailable


def _certificate(folder: Path, spec: str, metric: Any) -> Certificate:
    """The certificate to complete: the one that is there, if it has the same key and rule."""
    path = folder / file_name(spec)
    if path.exists():
        held = read_certificate(path)
        if dict(held.key) == certificate_key(spec) and dict(held.rule) == RULE:
            return held
    return _empty(spec, metric, Verdict.NOT_ENOUGH, "nothing was measured yet")


def _unavailable(folder: Path, spec: str, reason: str) -> Certificate:
    """The certificate of a metric whose weights are not here, unless it was measured before."""
    path = folder / file_name(spec)
    if path.exists():
        held = read_certificate(path)
        if held.rows:
            return held
    made = _empty(spec, registry.build("metric", spec), Verdict.UNAVAILABLE, reason)
    write_certificate(folder, made)
    return made


def _empty(spec: str, metric: Any, verdict: Verdict, reason: str) -> Certificate:
    return Certificate(
        metric=metric.name,
        spec=spec,
        version=metric.version,
        key=certificate_key(spec),
        rule=RULE,
        clips=(),
        rows=(),
        verdict=verdict,
        reason=reason,
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
