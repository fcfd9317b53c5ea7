"""A run as a judge sees it: trials with a video each, written from frames in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bench.types import Outcome, Trial


class Videos:
    """Trials by name, each with its video below a folder; None is a video that is gone."""

    def __init__(self, folder: Path, clips: Mapping[str, np.ndarray | None]) -> None:
        from bench.videos.write import write_master

        self.root = folder
        self.trials = []
        for name, frames in clips.items():
            path = folder / f"{name}.mp4"
            if frames is not None:
                write_master(path, list(frames), 8)
            trial = Trial(
                id=name,
                source="candidate",
                name=path.name,
                path=path,
                sha256="",
                outcome=Outcome.OK if frames is not None else Outcome.MISSING,
            )
            self.trials.append(trial)

    def trial(self, name: str) -> Trial:
        """The trial of this name."""
        return next(trial for trial in self.trials if trial.id == name)

    def path(self, trial: Trial) -> Path | None:
        """Where its video lies."""
        return trial.path if trial.path is not None and trial.path.exists() else None

    def arrays(self, trial: Trial, spec: str) -> None:
        """No features are kept here."""
