"""Conformance checks for plug-ins: what every model, extractor, metric and audit must hold to.

The author of a plug-in calls these from their own tests::

    from bench.testing import check_extractor, check_metric, check_model, clip_of

    def test_mine_conforms():
        check_model(MyModel(steps=2))
        check_extractor(Mine(), frames_THWC)
        check_metric(MyMetric(), clip_of(frames_THWC, needs=MyMetric().needs))
        check_prompt_filter(MyFilter(), ["a red ball"])
        check_frame_filter(MyOtherFilter(), frames_THWC)

A check that fails raises AssertionError with a sentence.
"""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench import registry
from bench.clearance import clear_text
from bench.errors import TooFewFrames
from bench.features.base import Extractor, Step
from bench.findings import finding_of, finding_record
from bench.models.base import Ask, Made, VideoModel
from bench.types import Arrays, Clip, Finding, Probe, Prompt, canonical_json, finding_id

if TYPE_CHECKING:
    from bench.metrics.base import SetMetric, VideoMetric
    from generator.filters.base import Filter

HEADINGS = (
    "Formula:",
    "Source:",
    "Range:",
    "Direction:",
    "Unit:",
    "Blind to:",
    "Golden value:",
)
"""What a metric's docstring must say, each on a line of its own."""

Frames = npt.NDArray[np.uint8]


def probe_of(frames_THWC: Frames, fps: float = 24.0) -> Probe:
    """The probe of frames that are in memory."""
    n_frames, height, width, _ = frames_THWC.shape
    return Probe(
        height_px=height,
        width_px=width,
        n_frames=n_frames,
        fps=fps,
        duration_s=n_frames / fps,
        codec="rawvideo",
        pixel_format="rgb24",
        rotation_deg=0,
        has_audio=False,
        has_alpha=False,
    )


def features_of(extractor: Extractor, frames_THWC: Frames, fps: float = 24.0) -> Arrays:
    """An extractor's features of frames in memory (uint8 RGB, (T, H, W, 3)).

    Raises:
        TooFewFrames: when the extractor refuses them.
    """
    return extractor.embed([_payload(extractor, frames_THWC, fps)])[0]


def clip_of(
    frames_THWC: Frames,
    *,
    needs: Sequence[str],
    fps: float = 24.0,
    prompt: Prompt | None = None,
) -> Clip:
    """A clip as the pipeline makes it, from frames in memory (uint8 RGB, (T, H, W, 3))."""
    extractors = {spec: registry.build("feature", spec) for spec in needs}
    readers = {spec: e for spec, e in extractors.items() if e.reads_text} if prompt else {}
    texts = {spec: e.embed_text([prompt.text])[0] for spec, e in readers.items() if prompt}
    return Clip(
        name="memory",
        n_frames=len(frames_THWC),
        fps=fps,
        height_px=frames_THWC.shape[1],
        width_px=frames_THWC.shape[2],
        features={spec: features_of(e, frames_THWC, fps) for spec, e in extractors.items()},
        text=texts,
        prompt=prompt,
    )


def check_extractor(extractor: Extractor, frames_THWC: Frames) -> None:
    """An extractor names itself, repeats itself to the bit, and leaves the frames alone."""
    fields = extractor.key_fields()
    canonical_json(fields)
    _must(extractor.key().startswith(f"{extractor.name}-"), "the key must start with the name")
    _must(fields["extractor"] == extractor.name, "key_fields must name the extractor")
    before = frames_THWC.copy()
    first = features_of(extractor, frames_THWC)
    again = features_of(extractor, frames_THWC)
    _must(np.array_equal(before, frames_THWC), "the frames were changed")
    _must(bool(first), "no arrays came out")
    for name, array in first.items():
        _must(_same(array, again[name]), f"{name} differs from one pass to the next")
    _must(not extractor.primary or extractor.primary in first, "the primary array is missing")
    _check_batches(extractor, frames_THWC, first)


def _check_batches(extractor: Extractor, frames_THWC: Frames, alone: Arrays) -> None:
    """The features of a video must not depend on what it is embedded with."""
    other = frames_THWC[::-1].copy()
    payloads = [_payload(extractor, clip) for clip in (other, frames_THWC, other)]
    _, together, _ = extractor.embed(payloads)
    for name, array in alone.items():
        _must(_same(array, together[name]), f"{name} depends on the other videos in the batch")


def _payload(extractor: Extractor, frames_THWC: Frames, fps: float = 24.0) -> Any:
    sha256 = "0" * 64
    walk = extractor.start(probe_of(frames_THWC, fps), sha256)
    step: Step | None = None
    for index in extractor.sampling.indices(len(frames_THWC), fps, sha256):
        frame_HWC = frames_THWC[index]
        step = Step(index=index, time_s=index / fps, frame_HWC=frame_HWC, previous=step)
        walk.push(step)
    return walk.finish()


def check_metric(metric: VideoMetric | SetMetric, clip: Clip) -> None:
    """A metric documents itself, declares its columns, and is a pure function of the clip."""
    from bench.metrics.base import SetMetric

    check_docstring(metric)
    names = [column.name for column in metric.columns]
    _must(len(names) == len(set(names)) > 0, "columns must have different names")
    _must(any(column.headline for column in metric.columns), "one column must be a headline")
    if isinstance(metric, SetMetric):
        row = metric.row(clip)
        _must(row.ndim == 1 and row.dtype == np.float64, "row must be a float64 vector")
        _must(_same(row, metric.row(clip)), "row differs from one call to the next")
        return
    _check_values(metric, clip)


def _check_values(metric: VideoMetric, clip: Clip) -> None:
    before = _copied(clip.features)
    first, again = metric.score(clip), metric.score(clip)
    for spec, arrays in before.items():
        for name, array in arrays.items():
            _must(_same(array, clip.features[spec][name]), f"{spec}/{name} was changed")
    _must(set(first) == {c.name for c in metric.columns}, "score must give every column")
    for column in metric.columns:
        value, twin = first[column.name].value, again[column.name].value
        _must(value == twin or (math.isnan(value) and math.isnan(twin)), "score must repeat")
        inside = math.isnan(value) or column.low <= value <= column.high
        _must(inside, f"{column.name} is {value}, outside [{column.low}, {column.high}]")
        _must(not math.isnan(value) or bool(first[column.name].reason), "NaN needs a reason")
    metric.reset()
    metric.update(clip)
    metric.update(clip)
    for name, mean in metric.compute().items():
        value = first[name].value
        _must(_close(float(mean), value), f"compute() of equal clips differs from {name}")
    metric.reset()


def check_docstring(metric: object) -> None:
    """The module's docstring has every heading that a metric page is made from."""
    doc = inspect.getdoc(inspect.getmodule(type(metric))) or ""
    lines = [line.strip() for line in doc.splitlines()]
    for heading in HEADINGS:
        _must(heading in lines, f"the docstring of {type(metric).__name__} has no {heading}")
    _must(len(lines[0]) <= 90, "the first line of the docstring is longer than 90 characters")


def check_refuses_one_frame(extractor: Extractor, frames_THWC: Frames) -> None:
    """A single frame gives features or TooFewFrames, never another error."""
    try:
        features_of(extractor, frames_THWC[:1])
    except TooFewFrames as error:
        _must("frame" in str(error), "the refusal must speak of frames")


def check_model(model: VideoModel, prompt: str = "a red ball moves to the left") -> None:
    """A model names itself, says what its videos depend on, and repeats itself to the bit."""
    fields = model.fingerprint()
    _must(canonical_json(fields) == canonical_json(model.fingerprint()), "fingerprint must repeat")
    _must(fields["model"] == model.name, "the fingerprint must name the model")
    _must(fields["version"] == model.version, "the fingerprint must state the version")
    _must(model.batch_size >= 1, "batch_size is 1 or more")
    _must(model.max_workers is None or model.max_workers >= 1, "max_workers is 1 or more")
    asks = [Ask(prompt=clear_text(prompt), seed=seed) for seed in range(model.batch_size)]
    first, again = model.generate(asks), model.generate(asks)
    _must(len(first) == len(again) == len(asks), "generate must give one Made for each ask")
    for made, twin in zip(first, again, strict=True):
        _check_made(made, twin)


def _check_made(made: Made, twin: Made) -> None:
    canonical_json(dict(made.details))
    ends = (made.outcome, made.reason, dict(made.details), made.fps)
    _must(
        ends == (twin.outcome, twin.reason, dict(twin.details), twin.fps),
        "the same ask must end the same way, with the same details",
    )
    if made.frames is None or twin.frames is None:
        _must(bool(made.reason), "a video that is not there needs a reason")
        return
    frames, others = list(made.frames), list(twin.frames)
    _must(bool(frames), "a video needs a frame")
    _must(0 < made.fps <= 1000, "a video needs a frame rate")
    for frame in frames:
        good = frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3
        _must(good and frame.shape == frames[0].shape, "frames are (H, W, 3) uint8, of one size")
    same = len(frames) == len(others) and all(map(_same, frames, others))
    _must(same, "the same ask must give the same frames")


ODD_TEXTS = ("", " ", "\u200b\u00ad", "\U0001f600" * 40, "مرحبا بالعالم", "\ud800", "word " * 3000)
"""Prompts that a filter must decide on, or fail on by itself: never the audit's process."""


def check_prompt_filter(
    filter_: Filter[str], texts: Sequence[str] = ("a red ball rolls to the left",)
) -> None:
    """A prompt filter decides on ordinary texts, repeats itself, and survives odd ones."""
    _check_filter(filter_, list(texts))
    for text in ODD_TEXTS:
        _check_decision(filter_, text, may_fail=True)


def check_frame_filter(filter_: Filter[Any], frames_THWC: Frames) -> None:
    """A frame filter decides on clips, leaves the frames alone, and passes nothing that is none."""
    before = frames_THWC.copy()
    _check_filter(filter_, [frames_THWC, frames_THWC[:1], np.zeros_like(frames_THWC)])
    _must(_same(before, frames_THWC), "the frames were changed")
    for odd in (frames_THWC[:0], frames_THWC[0], frames_THWC.astype(np.float32)):
        decision = _check_decision(filter_, odd, may_fail=True)
        _must(
            decision == "error", f"{odd.shape} {odd.dtype} is no clip, and the decision is no error"
        )


def _check_filter(filter_: Filter[Any], contents: Sequence[Any]) -> None:
    _must(bool(filter_.name), "a filter needs a name")
    _must(filter_.fingerprint == filter_.fingerprint != "", "the fingerprint must repeat")
    first = [_check_decision(filter_, content) for content in contents]
    again = [_check_decision(filter_, content) for content in reversed(contents)]
    _must(first == again[::-1], "a decision must not depend on what was asked before")


def _check_decision(filter_: Filter[Any], content: Any, *, may_fail: bool = False) -> str:
    from generator.filters.base import BLOCK, ERROR, PASS
    from generator.filters.guard import ask

    made = ask(filter_, content)
    _must(made.decision in {PASS, BLOCK, ERROR}, f"the decision {made.decision} is none")
    _must(made.filter.partition("@")[0] == filter_.name, "the decision must name the filter")
    if made.decision == ERROR:
        _must(may_fail, f"the filter failed: {made.reason}")
        _must(bool(made.reason), "an error needs a reason")
        return ERROR
    known = made.score is not None and made.threshold is not None
    _must(known, "a decision needs its score and its threshold")
    if made.score is not None and made.threshold is not None:
        _must(0 <= made.score <= 1, f"the score {made.score} is outside 0 to 1")
        over = (made.score >= made.threshold) != bool(made.planted)
        _must((made.decision == BLOCK) == over, "the decision does not follow from the score")
    return f"{made.decision} {made.score}"


def _copied(features: Mapping[str, Arrays]) -> dict[str, dict[str, np.ndarray]]:
    return {
        spec: {name: np.array(array) for name, array in arrays.items()}
        for spec, arrays in features.items()
    }


def _same(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def check_audit(audit: Any, view: Any, setting: Any) -> None:
    """An audit yields repeatable JSON of known trials, and findings that are a pure function of it.

    Args:
        audit: with its options.
        view: a finished run, as :class:`bench.view.RunView` gives it.
        setting: an `audits.base.Setting`.
    """
    settings = canonical_json(dict(audit.settings()))
    _must(settings == canonical_json(dict(audit.settings())), "the settings must repeat")
    first, again = list(audit.trials(view)), list(audit.trials(view))
    _must(canonical_json(first) == canonical_json(again), "the records must repeat")
    trials = {trial.id for trial in view.trials}
    seen = [str(record.get("trial")) for record in first]
    _must(set(seen) <= trials, "a record speaks of a trial that is not there")
    _must(len(seen) == len(set(seen)), "one record a trial")
    records = json.loads(canonical_json(first))
    found = audit.findings(records, setting)
    _must(records == json.loads(canonical_json(first)), "findings must not change the records")
    _must(found == audit.findings(records, setting), "findings must repeat")
    ids = [finding.id for finding in found]
    _must(len(ids) == len(set(ids)), "two findings have one id")
    for finding in found:
        _check_finding(finding, audit.name, trials)
    _must(all(isinstance(line, str) for line in audit.lines(found)), "lines must be text")


def _check_finding(finding: Finding, audit: str, trials: Collection[str]) -> None:
    where = finding.id
    _must(finding.audit == audit, f"{where} names another audit")
    own = finding_id(audit, finding.measure, finding.where)
    _must(finding.id == own, f"the id must be {own}")
    _must(set(finding.evidence) <= set(trials), f"{where} has evidence that is no trial")
    _must(min(finding.n, finding.n_unknown, finding.n_error) >= 0, f"{where} counts below 0")
    _must(finding.value is not None or bool(finding.notes), f"{where}: no value needs a note")
    _must(finding.k is None or 0 <= finding.k <= finding.n, f"{where}: k lies outside 0..n")
    spans = [(finding.interval.low, finding.interval.high)] if finding.interval else []
    for low, high in (*spans, *((finding.bounds,) if finding.bounds else ())):
        inside = finding.value is None or low - 1e-9 <= finding.value <= high + 1e-9
        _must(inside, f"{where}: {finding.value} lies outside [{low}, {high}]")
    _must(finding_of(finding_record(finding)) == finding, f"{where} is changed by writing it")
