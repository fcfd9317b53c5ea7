"""What became of each video: the ledger that says why a number has fewer videos than were given.

A problem is a video (or a prompt) that does not count in full: `missing`, `error`, `vetoed`, or
`no prompt` where prompts were given and none is this video's. Nothing here is a number's input; it
is what a person must see beside the numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.extraction import Store
from bench.types import VETO, Json, Outcome, Status, Trial

NO_PROMPT = "no prompt"
INCOMPLETE = frozenset({str(Outcome.MISSING), str(Outcome.ERROR)})
"""Statuses that make a run incomplete; a veto is a finding, and a spare video is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One video that does not count in full. `metrics` names what it lacks; empty means all."""

    trial_id: str
    source: str
    name: str
    prompt_id: str | None
    status: str
    reason: str
    metrics: tuple[str, ...] = ()


def settled(store: Store, trial: Trial) -> tuple[Outcome, str]:
    """How a trial ended once its video was read, and why."""
    if trial.outcome is not Outcome.OK:
        return trial.outcome, trial.reason
    error = str(store.reading(trial.sha256)["error"])
    return (Outcome.ERROR, error) if error else (Outcome.OK, "")


def count_outcomes(store: Store, trials: Sequence[Trial]) -> dict[str, Json]:
    """Numbers of trials by source and outcome, zeros left out."""
    counts: dict[str, Counter[str]] = {"candidate": Counter(), "reference": Counter()}
    for trial in trials:
        counts[trial.source][str(settled(store, trial)[0])] += 1
    order = [str(outcome) for outcome in Outcome]
    return {
        source: {name: held[name] for name in order if held[name]}
        for source, held in counts.items()
    }


def find_problems(
    store: Store, trials: Sequence[Trial], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Every problem in the order of the trials, as records for the summary.

    Args:
        store: the run's features.
        trials: all of the run.
        rows: of its table of scores.
    """
    by_trial: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_trial.setdefault(row["trial_id"], []).append(row)
    return [
        {**asdict(problem), "metrics": list(problem.metrics)}
        for trial in trials
        for problem in _of_trial(store, trial, by_trial.get(trial.id, []))
    ]


def _of_trial(store: Store, trial: Trial, rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    def problem(status: str, reason: str, metrics: tuple[str, ...] = ()) -> Problem:
        return Problem(
            trial_id=trial.id,
            source=trial.source,
            name=trial.name,
            prompt_id=trial.prompt_id,
            status=status,
            reason=reason,
            metrics=metrics,
        )

    outcome, reason = settled(store, trial)
    if outcome is not Outcome.OK:
        yield problem(str(outcome), reason)
        return
    lacking: dict[str, list[str]] = {}
    for row in rows:
        if (row["metric"], row["column"]) == VETO and row["value"] == 1:
            yield problem(str(Status.VETOED), row["reason"])
        if row["status"] == Status.ERROR:
            lacking.setdefault(row["reason"], []).append(f"{row['metric']}.{row['column']}")
    for why, metrics in lacking.items():
        yield problem(str(Status.ERROR), why, tuple(metrics))
    if trial.reason:
        yield problem(NO_PROMPT, trial.reason)
