"""The demonstration: clips of a real film, three kinds of damage, and which metric sees which.

Shots of Big Buck Bunny (CC BY 3.0, Blender Foundation; fetched, never shipped) are dealt in turn
to a reference and a candidate set, so that no shot is in both. Clips of 16 frames are cut inside
shots and scaled to 320x180. The candidate is scored as it is and with damage; since each damaged
clip has its undamaged twin, the differences are paired.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench import weights
from bench.headlines import KEPT, WITH_VETOED
from bench.home import cache_home, write_atomic
from bench.pipeline import Result, score
from bench.plan import DEFAULT_METRICS, ScoreRequest
from bench.resolution import plugins_of
from bench.runs import MANIFEST, read_json
from bench.scoring import Plugins, read_scores
from bench.set_rows import SetRows
from bench.stats.bootstrap import mean_interval
from bench.types import Interval

if TYPE_CHECKING:
    from bench.metrics.base import SetMetric

FILM = "bbb-film"
VERSION = "2"
CLIP_FRAMES = 16
HEIGHT_PX, WIDTH_PX = 180, 320
N_CLIPS = 64
MARGIN = 4
"""Frames left out at either end of a shot, where a cut may be soft."""
DAMAGES = {"blur": ("gaussian_blur", 5), "noise": ("noise", 3), "shuffle": ("shuffle", 5)}
"""Name of a damaged set -> kind and strength of `bench.videos.corrupt`.

Blur is at its strongest because of FVD: against other shots than the clips' own, 64 on a side, it
does not see blur of strength 3 (0.2 standard errors; 6.1 at 5), whereas sharpness does. It does not
see shuffled frames at any strength (1.7 and 1.9), so the demo does not expect it to.
"""

METRICS = DEFAULT_METRICS

EXPECTED: Mapping[str, frozenset[str]] = {
    "fvd.fvd": frozenset({"blur", "noise"}),
    "sharpness.sharpness": frozenset({"blur"}),
    "temporal_flicker.compensated": frozenset({"noise", "shuffle"}),
    "warping_error.warping_error": frozenset({"noise", "shuffle"}),
    "motion_smoothness.acceleration": frozenset({"noise", "shuffle"}),
    "degenerate.vetoed": frozenset({"shuffle"}),
}
"""Metric and column -> the damage that must make it worse."""

CONFIDENCE = 0.95
Paired = Mapping[str, Mapping[str, Interval]]
Say = Callable[[str], None]
U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One clip to cut: the shot it lies in and its first frame."""

    shot: int
    start: int

    @property
    def name(self) -> str:
        """The clip's file name."""
        return f"shot{self.shot:03d}-{self.start:05d}.mp4"


def choose_windows(shots: Sequence[range]) -> dict[str, list[Window]]:
    """Deal the shots in turn to `reference` and `candidate`, one or two windows a shot."""
    sets: dict[str, list[Window]] = {"reference": [], "candidate": []}
    usable = [(i, s) for i, s in enumerate(shots) if len(s) >= CLIP_FRAMES + 2 * MARGIN]
    for turn, (index, shot) in enumerate(usable):
        room = len(shot) - CLIP_FRAMES - 2 * MARGIN
        starts = [0, room] if room >= 2 * CLIP_FRAMES else [room // 2]
        name = ("reference", "candidate")[turn % 2]
        sets[name] += [Window(shot=index, start=shot.start + MARGIN + s) for s in starts]
    return {name: _thin(windows, N_CLIPS) for name, windows in sets.items()}


def _thin(windows: list[Window], n: int) -> list[Window]:
    """At most n of them, spread evenly over the film."""
    if len(windows) <= n:
        return windows
    return [windows[i * len(windows) // n] for i in range(n)]


def prepare(say: Say) -> Path:
    """The folder of demo clips: cut from the film once, then kept in the cache."""
    folder = cache_home() / f"demo-{VERSION}"
    if folder.exists():
        return folder
    say("fetching the film (once)")
    film = weights.fetch(FILM)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".demo-") as name:
        draft = Path(name) / "clips"
        _cut(film, draft, say)
        try:
            draft.rename(folder)
        except OSError:
            if not folder.exists():  # else another process made the same clips meanwhile
                raise
    return folder


def _cut(film: Path, folder: Path, say: Say) -> None:
    from bench.videos.shots import shot_bounds

    say("finding the film's shots")
    sets = choose_windows(shot_bounds(film))
    say(f"cutting {sum(map(len, sets.values()))} clips of {CLIP_FRAMES} frames and damaging copies")
    clips = _frames_of(film, [window for windows in sets.values() for window in windows])
    for window, frames_THWC in clips:
        if window in sets["reference"]:
            _write(folder / "reference" / window.name, frames_THWC)
            continue
        _write(folder / "candidate" / window.name, frames_THWC)
        for name in DAMAGES:
            _write(folder / name / window.name, _damaged(frames_THWC, name, window.start))
    for name in (*sets, *DAMAGES):
        windows = sets.get(name, sets["candidate"])
        write_atomic(folder / f"{name}.csv", _manifest(name, windows))


def _frames_of(film: Path, windows: Sequence[Window]) -> Iterator[tuple[Window, U8]]:
    """The scaled frames of each window, in the film's order, decoding it once."""
    import cv2

    from bench.videos.read import frames

    by_start = {window.start: window for window in windows}
    wanted = {start + i for start in by_start for i in range(CLIP_FRAMES)}
    held: list[Any] = []
    for frame in frames(film, wanted):
        held.append(
            cv2.resize(frame.frame_HWC, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
        )
        if len(held) == CLIP_FRAMES:
            yield by_start[frame.index - CLIP_FRAMES + 1], np.stack(held)
            held = []


def _write(path: Path, frames_THWC: U8) -> None:
    from bench.videos.write import write_master

    path.parent.mkdir(parents=True, exist_ok=True)
    write_master(path, frames_THWC, 24)


def _damaged(frames_THWC: U8, name: str, seed: int) -> U8:
    from bench.videos.corrupt import corrupt

    kind, strength = DAMAGES[name]
    return corrupt(frames_THWC, kind, strength, np.random.default_rng(seed))


def _manifest(folder: str, windows: Sequence[Window]) -> bytes:
    """A manifest whose prompt id is the shot: clips of one shot are one cluster."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["path", "prompt_id"])
    rows.writerows([f"{folder}/{w.name}", f"shot-{w.shot}"] for w in windows)
    return text.getvalue().encode()


def run(out: Path, say: Say, *, workers: int | None = None) -> dict[str, Result]:
    """Score the candidate and its damaged copies against the reference; results by set."""
    clips = prepare(say)
    results = {}
    for name in ("candidate", *DAMAGES):
        say(f"scoring {name}")
        request = ScoreRequest(
            videos=str(clips / f"{name}.csv"),
            reference=str(clips / "reference.csv"),
            metrics=METRICS,
            out=out,
            workers=workers,
        )
        results[name] = score(request)
    return results


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One set's number under one metric. `change` compares it with the undamaged candidate."""

    value: float | None
    low: float | None
    high: float | None
    mostly_vetoed: bool
    change: str
    expected: bool


def table(results: Mapping[str, Result], paired: Paired) -> dict[str, dict[str, Cell]]:
    """Cells by `metric.column` and set, for the metrics' main columns.

    `paired` has the differences of set metrics, as :func:`set_differences` gives them.
    """
    heads = {name: _heads(result) for name, result in results.items()}
    values = {name: _by_clip(result) for name, result in results.items()}
    made: dict[str, dict[str, Cell]] = {}
    for key, base in heads["candidate"].items():
        if not base["is_main"]:
            continue
        made[key] = {}
        for name in results:
            here = heads[name][key]
            interval = here["interval"] or {"low": None, "high": None}
            difference = paired.get(name, {}).get(key) or _difference(key, values, name)
            made[key][name] = Cell(
                value=here["value"],
                low=interval["low"],
                high=interval["high"],
                mostly_vetoed=here["subset"] == WITH_VETOED,
                change=_word(difference, base["higher_is_better"]),
                expected=name in EXPECTED.get(key, ()),
            )
    return made


def set_differences(results: Mapping[str, Result]) -> Paired:
    """For each damaged set and set metric: the paired difference from the candidate.

    All clips enter, vetoed ones too: the question is what the metric sees.
    """
    plugins = plugins_of(read_json(results["candidate"].path / MANIFEST))
    made: dict[str, dict[str, Interval]] = {name: {} for name in results}
    for metric in plugins.set.values():
        y, _ = _set_rows(results["candidate"], "reference", metric, plugins)
        x, at_x = _set_rows(results["candidate"], "candidate", metric, plugins)
        for name in DAMAGES:
            z, at_z = _set_rows(results[name], "candidate", metric, plugins)
            both = sorted(at_x.keys() & at_z.keys())
            intervals = metric.difference(
                x.x_ND[[at_x[clip] for clip in both]],
                z.x_ND[[at_z[clip] for clip in both]],
                y.x_ND,
                clusters=[x.labels[at_x[clip]] for clip in both],
                y_clusters=y.labels,
                confidence=CONFIDENCE,
            )
            made[name] |= {f"{metric.name}.{column}": i for column, i in intervals.items()}
    return made


def _set_rows(
    result: Result, source: str, metric: SetMetric, plugins: Plugins
) -> tuple[SetRows, dict[str, int]]:
    """The rows of one source, and which row is whose clip's by file name."""
    trials = {t.id: t for t in result.plan.trials if t.source == source}
    rows = SetRows.gather(result.path, list(trials.values()), metric, plugins)
    return rows, {Path(trials[t].name).name: i for i, t in enumerate(rows.trial_ids)}


def _heads(result: Result) -> dict[str, Mapping[str, Any]]:
    """The candidate's headline of each column; where most clips are vetoed, the row with them."""
    heads: dict[str, Mapping[str, Any]] = {}
    for headline in result.summary["headlines"]:
        key = f"{headline['metric']}.{headline['column']}"
        if headline["source"] != "candidate":
            continue
        if headline["subset"] == KEPT or heads[key]["n"] < headline["n"] / 2:
            heads[key] = headline
    return heads


def _by_clip(result: Result) -> dict[str, dict[str, tuple[float, str]]]:
    """Value and cluster by metric column and clip."""
    values: dict[str, dict[str, tuple[float, str]]] = {}
    for row in read_scores(result.path):
        if row["source"] == "candidate" and row["status"] in {"ok", "vetoed"}:
            held = values.setdefault(f"{row['metric']}.{row['column']}", {})
            held[Path(row["name"]).name] = (row["value"], row["prompt_id"])
    return values


def _difference(
    key: str, values: Mapping[str, Mapping[str, Mapping[str, tuple[float, str]]]], name: str
) -> Interval | None:
    """The mean of a set's clips less their undamaged twins, where clips have numbers."""
    before, after = values["candidate"].get(key, {}), values[name].get(key, {})
    shared = sorted(before.keys() & after.keys())
    if name == "candidate" or not shared:
        return None
    differences = np.array([after[clip][0] - before[clip][0] for clip in shared])
    labels = [before[clip][1] for clip in shared]
    return mean_interval(differences, labels, confidence=CONFIDENCE)


def _word(difference: Interval | None, higher_is_better: bool | None) -> str:
    """`worse`, `better`, `higher`, `lower`, or empty where the interval allows no difference."""
    if difference is None or difference.low <= 0 <= difference.high:
        return ""
    rose = difference.low > 0
    if higher_is_better is None:
        return "higher" if rose else "lower"
    return "better" if rose == higher_is_better else "worse"
