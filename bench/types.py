"""The records that pass between rooms: frozen, keyword-only, with no behaviour of their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Arrays: TypeAlias = Mapping[str, npt.NDArray[np.generic]]
"""What an extractor yields for one video (or one text): named arrays, small enough to keep."""


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spare space: equal values give equal bytes. NaN is refused."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(value: object, length: int = 16) -> str:
    """First `length` hex digits of the sha256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:length]


VETO = ("degenerate", "vetoed")
"""The metric, scored in every run, and its column of which a 1 vetoes a clip."""


class Outcome(StrEnum):
    """How a trial ended. A trial that did not end `ok` is counted, never dropped."""

    OK = "ok"
    MISSING = "missing"
    ERROR = "error"
    SUPPRESSED = "suppressed"


class Status(StrEnum):
    """What a score in the table is worth."""

    OK = "ok"
    VETOED = "vetoed"
    MISSING = "missing"
    ERROR = "error"
    SUPPRESSED = "suppressed"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt of a suite. `attributes` is its ground truth where that is known."""

    id: str
    text: str
    category: str = ""
    tags: tuple[str, ...] = ()
    lang: str = "en"
    attributes: Mapping[str, Json] = field(default_factory=dict)
    hazard: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a video file says of itself, read without decoding (except `n_frames` where needed).

    `n_frames` counts the frames that the file announces (packets), not those that decode; `fps` is
    the average rate; `rotation_deg` is the clockwise turn a player must apply; height and width are
    those of the frames that the reader yields, after rotation.
    """

    height_px: int
    width_px: int
    n_frames: int
    fps: float
    duration_s: float
    codec: str
    pixel_format: str
    rotation_deg: int
    has_audio: bool
    has_alpha: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One video as metrics see it: what it is and the features that were read from it.

    `features` maps an extractor's spec (as the metric's `needs` names it) to its arrays; `text`
    maps the same spec to the arrays of the prompt's text, where there is a prompt.
    """

    name: str
    n_frames: int
    fps: float
    height_px: int
    width_px: int
    features: Mapping[str, Arrays]
    text: Mapping[str, Arrays] = field(default_factory=dict)
    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One video that was asked for: where it is, whose prompt it answers, how it ended.

    `source` is `candidate` or `reference`; `name` is the untrusted path below the source's root;
    `sha256` is of the file's bytes (empty when it could not be read). `details` is what the model
    said of a video that was generated: decisions of its filters, what it was made with.
    """

    id: str
    source: str
    name: str
    path: Path | None
    sha256: str
    outcome: Outcome
    reason: str = ""
    prompt_id: str | None = None
    seed: int | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One number of one video. `value` is NaN unless the status is `ok` or `vetoed`."""

    metric: str
    column: str
    trial_id: str
    value: float
    status: Status
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A two-sided interval and how it was made."""

    low: float
    high: float
    confidence: float
    method: str
    n_resamples: int = 0
    seed: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A metric's value over a set of videos, with everything that is needed to read it.

    `n` counts the videos that entered; the other counts say why the rest did not. `is_main` is
    False for a metric's columns that only explain its others. `key` is the comparability key: two
    headlines may stand side by side only if their keys agree in every field but `n`.
    """

    metric: str
    column: str
    source: str
    subset: str
    value: float
    interval: Interval | None
    unit: str
    higher_is_better: bool | None
    n: int
    n_clusters: int
    cluster: str
    n_missing: int
    n_error: int
    n_vetoed: int
    n_unavailable: int
    key: Mapping[str, Json]
    notes: tuple[str, ...] = ()
    is_main: bool = True
    n_suppressed: int = 0


class FindingVerdict(StrEnum):
    """What an audit says of one of its estimates. `REPORTED`: there was no rule to judge it by."""

    FLAGGED = "flagged"
    CLEAR = "clear"
    UNDECIDED = "not_enough_data"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Significance:
    """A significance test. `p_adjusted` is corrected over the `n_tests` tests of its family."""

    name: str
    p: float
    statistic: float | None = None
    p_adjusted: float | None = None
    correction: str = ""
    n_tests: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One estimate of an audit, with everything that is needed to read it and to prove it.

    `id` is its address, `<audit>.<measure>[<key>=<value>,...]` with the keys of `where` sorted, the
    same in every run. `n` counts decided trials and `k` those that count, where the value is a
    rate; `n_unknown` and `n_error` are never in `n`, and `bounds` is what the value would be if all
    of them were one or the other (Manski). `evidence` are the trials that prove it. `value` is None
    where nothing was decided.
    """

    id: str
    audit: str
    measure: str
    where: Mapping[str, Json]
    value: float | None
    interval: Interval | None
    unit: str
    higher_is_better: bool | None
    n: int
    n_unknown: int
    n_error: int
    n_clusters: int
    cluster: str
    key: Mapping[str, Json]
    k: int | None = None
    bounds: tuple[float, float] | None = None
    test: Significance | None = None
    verdict: FindingVerdict = FindingVerdict.REPORTED
    evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_main: bool = True


def finding_id(audit: str, measure: str, where: Mapping[str, Json]) -> str:
    """The address of a finding: `filters.tpr[attack=leet,layer=input]`."""
    parts = ",".join(f"{name}={where[name]}" for name in sorted(where))
    return f"{audit}.{measure}[{parts}]" if parts else f"{audit}.{measure}"
