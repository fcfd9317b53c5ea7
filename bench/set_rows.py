"""What a set metric sees of a run: one row of features a video, with whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench.errors import printable
from bench.extraction import Store
from bench.scoring import Plugins, failure, load_clip
from bench.types import Outcome, Trial

if TYPE_CHECKING:
    from bench.metrics.base import SetMetric

F64 = npt.NDArray[np.float64]


def cluster_labels(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], str]:
    """Each row's cluster and what the clusters are: prompts where there are any, else videos."""
    labels = [
        f"prompt {row['prompt_id']}" if row["prompt_id"] else f"video {row['trial_id']}"
        for row in rows
    ]
    with_prompt = [bool(row["prompt_id"]) for row in rows]
    if any(with_prompt) and not all(with_prompt):
        return labels, "prompt, or video without one"
    return labels, "prompt" if any(with_prompt) else "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRows:
    """The feature rows of one source, with the trial and the cluster of each."""

    x_ND: F64
    trial_ids: list[str]
    labels: list[str]
    cluster: str
    n_missing: int
    n_error: int
    first_error: str
    n_vetoed: int = 0
    n_suppressed: int = 0

    @classmethod
    def gather(
        cls, root: Path, trials: Sequence[Trial], metric: SetMetric, plugins: Plugins
    ) -> SetRows:
        """The rows of the trials of one source, from the features of the run folder `root`."""
        store = Store(root=root)
        rows, owners, errors = [], [], []
        for trial in trials:
            if trial.outcome in {Outcome.MISSING, Outcome.SUPPRESSED}:
                continue
            row = _row(store, trial, metric, plugins)
            if isinstance(row, str):
                errors.append(f"{printable(trial.name)}: {row}")
                continue
            rows.append(row)
            owners.append({"prompt_id": trial.prompt_id, "trial_id": trial.id})
        labels, cluster = cluster_labels(owners)
        return cls(
            x_ND=np.stack(rows) if rows else np.empty((0, 0)),
            trial_ids=[str(owner["trial_id"]) for owner in owners],
            labels=labels,
            cluster=cluster,
            n_missing=sum(t.outcome is Outcome.MISSING for t in trials),
            n_error=len(errors),
            n_suppressed=sum(t.outcome is Outcome.SUPPRESSED for t in trials),
            first_error=errors[0] if errors else "",
        )

    def without(self, trial_ids: set[str]) -> SetRows:
        """The same without some trials."""
        keep = [i for i, trial_id in enumerate(self.trial_ids) if trial_id not in trial_ids]
        return replace(
            self,
            x_ND=self.x_ND[keep],
            trial_ids=[self.trial_ids[i] for i in keep],
            labels=[self.labels[i] for i in keep],
            n_vetoed=len(self.labels) - len(keep),
        )

    def notes(self, source: str) -> Iterator[str]:
        """What is to be said of the videos that gave no row."""
        if self.n_error:
            n = f"{self.n_error} {source} video{'s' * (self.n_error > 1)}"
            yield f"{n} gave no features, for instance {self.first_error}"


def _row(store: Store, trial: Trial, metric: SetMetric, plugins: Plugins) -> F64 | str:
    """A trial's feature row, or why it has none."""
    if trial.outcome is not Outcome.OK:
        return trial.reason
    clip = load_clip(store, trial, None, metric.needs, plugins.keys)
    if isinstance(clip, str):
        return clip
    try:
        row = metric.row(clip)
    except Exception as error:  # noqa: BLE001 - a plug-in may fail on one video in any way
        return failure(error)
    return row if bool(np.isfinite(row).all()) else "its features are not finite"
