"""Stage 5 of a run: every video's number under every metric, as two tables.

`5-scores.parquet` has one row for each trial, metric and column, also where there is no number:
then the status and the reason say why. `5-series.parquet` holds the numbers of single frames or
pairs. A clip that `degenerate` vetoes keeps its numbers, marked `vetoed`, and they enter no
headline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import TooFewFrames, explain
from bench.extraction import Store, text_sha256
from bench.home import write_atomic
from bench.runs import SCORES, SERIES
from bench.types import VETO, Arrays, Clip, Outcome, Prompt, Score, Status, Trial

if TYPE_CHECKING:
    from bench.metrics.base import Value, VideoMetric


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugins:
    """The metrics of a run by spec, and the cache key of each extractor that they need."""

    video: Mapping[str, VideoMetric]
    set: Mapping[str, Any]
    keys: Mapping[str, str]

    def all(self) -> dict[str, Any]:
        """Every metric by its spec."""
        return {**self.set, **self.video}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A metric's numbers frame by frame (or pair by pair) for one trial."""

    metric: str
    column: str
    trial_id: str
    values: list[float]


def load_clip(
    store: Store, trial: Trial, prompt: Prompt | None, needs: Sequence[str], keys: Mapping[str, str]
) -> Clip | str:
    """A trial's clip with the features that a metric needs, or the reason why there is none."""
    reading = store.reading(trial.sha256)
    if reading["error"]:
        return str(reading["error"])
    features: dict[str, Arrays] = {}
    text: dict[str, Arrays] = {}
    for spec in needs:
        arrays = store.arrays(trial.sha256, keys[spec])
        if arrays is None:
            return str(reading["problems"].get(keys[spec], f"the features {spec} are not there"))
        features[spec] = arrays
        if prompt is not None:
            of_text = store.arrays(text_sha256(prompt.text), f"{keys[spec]}-text")
            if of_text is not None:
                text[spec] = of_text
    facts = reading["facts"]
    return Clip(
        name=trial.name,
        n_frames=facts["n_decoded"],
        fps=facts["fps"],
        height_px=facts["height_px"],
        width_px=facts["width_px"],
        features=features,
        text=text,
        prompt=prompt,
    )


def score_trials(
    root: Path, trials: Sequence[Trial], prompts: Mapping[str, Prompt], plugins: Plugins
) -> None:
    """Write both tables of the run folder `root` from its features."""
    scores: list[Score] = []
    series: list[Series] = []
    for trial in trials:
        made, drawn = _score_trial(Store(root=root), trial, prompts, plugins)
        scores += made
        series += drawn
    write_atomic(root / SCORES, _scores_bytes(scores, {trial.id: trial for trial in trials}))
    write_atomic(root / SERIES, _series_bytes(series))


def _score_trial(
    store: Store, trial: Trial, prompts: Mapping[str, Prompt], plugins: Plugins
) -> tuple[list[Score], list[Series]]:
    prompt = prompts.get(trial.prompt_id or "")
    scores: list[Score] = []
    series: list[Series] = []
    for metric in plugins.video.values():
        for column, value, status in _values(store, trial, prompt, metric, plugins):
            scores.append(
                Score(
                    metric=metric.name,
                    column=column,
                    trial_id=trial.id,
                    value=value.value,
                    status=status,
                    reason=value.reason,
                )
            )
            if value.series is not None:
                drawn = [float(v) for v in value.series]
                series.append(
                    Series(metric=metric.name, column=column, trial_id=trial.id, values=drawn)
                )
    return _veto(scores), series


def _values(
    store: Store, trial: Trial, prompt: Prompt | None, metric: VideoMetric, plugins: Plugins
) -> Iterator[tuple[str, Value, Status]]:
    """The value and status of each column of one metric for one trial."""
    from bench.metrics.base import Value

    def nothing(status: Status, reason: str) -> Iterator[tuple[str, Value, Status]]:
        empty = Value(value=math.nan, reason=reason)
        return ((column.name, empty, status) for column in metric.columns)

    if trial.outcome is not Outcome.OK:
        yield from nothing(Status(str(trial.outcome)), trial.reason)
        return
    if metric.needs_prompt and prompt is None:
        why = f": {trial.reason}" if trial.reason else ""
        yield from nothing(Status.UNAVAILABLE, f"the video has no prompt{why}")
        return
    clip = load_clip(store, trial, prompt, metric.needs, plugins.keys)
    if isinstance(clip, str):
        yield from nothing(Status.ERROR, clip)
        return
    try:
        values = metric.score(clip)
    except Exception as error:  # noqa: BLE001 - a plug-in may fail on one video in any way
        yield from nothing(Status.ERROR, failure(error))
        return
    for column in metric.columns:
        value = values.get(column.name, Value(value=math.nan))
        yield column.name, *_judged(value, given=column.name in values)


def failure(error: Exception) -> str:
    """Why a metric gave no number for a video: what it says itself, or the failure's own name."""
    if isinstance(error, TooFewFrames):
        return str(error)
    return explain(f"the metric failed with {type(error).__name__}: {error}")


def _judged(value: Value, *, given: bool) -> tuple[Value, Status]:
    """NaN with a reason does not apply to the video; any other NaN or infinity is an error."""
    if math.isfinite(value.value):
        return value, Status.OK
    if math.isnan(value.value) and value.reason:
        return value, Status.UNAVAILABLE
    what = f"the metric gave {value.value} and no reason" if given else "the metric gave no number"
    return replace(value, value=math.nan, reason=value.reason or what), Status.ERROR


def _veto(scores: list[Score]) -> list[Score]:
    """Mark a trial's numbers as vetoed where `degenerate` says so; its own columns stay."""
    verdict = next((s for s in scores if (s.metric, s.column) == VETO), None)
    if verdict is None or verdict.value != 1:
        return scores
    return [
        replace(score, status=Status.VETOED, reason=verdict.reason)
        if score.status is Status.OK and score.metric != VETO[0]
        else score
        for score in scores
    ]


def _scores_bytes(scores: Sequence[Score], trials: Mapping[str, Trial]) -> bytes:
    import pyarrow as pa

    owners = [trials[score.trial_id] for score in scores]
    return _parquet(
        {
            "trial_id": pa.array([s.trial_id for s in scores], pa.string()),
            "source": pa.array([t.source for t in owners], pa.string()),
            "name": pa.array([t.name for t in owners], pa.string()),
            "prompt_id": pa.array([t.prompt_id for t in owners], pa.string()),
            "seed": pa.array([t.seed for t in owners], pa.int64()),
            "metric": pa.array([s.metric for s in scores], pa.string()),
            "column": pa.array([s.column for s in scores], pa.string()),
            "value": pa.array([s.value for s in scores], pa.float64()),
            "status": pa.array([str(s.status) for s in scores], pa.string()),
            "reason": pa.array([s.reason for s in scores], pa.string()),
        }
    )


def _series_bytes(series: Sequence[Series]) -> bytes:
    import pyarrow as pa

    return _parquet(
        {
            "trial_id": pa.array([s.trial_id for s in series], pa.string()),
            "metric": pa.array([s.metric for s in series], pa.string()),
            "column": pa.array([s.column for s in series], pa.string()),
            "values": pa.array([s.values for s in series], pa.list_(pa.float32())),
        }
    )


def _parquet(columns: Mapping[str, Any]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(columns)), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read_scores(root: Path) -> list[dict[str, Any]]:
    """The rows of `5-scores.parquet`."""
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(root / SCORES).to_pylist()
    return rows
