"""Checkpoints of everything that learns here: written whole or not at all, read or refused."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any, Protocol

import torch

from generator.curves import write_curves
from generator.store import write_atomic

CHECKPOINT = "checkpoint.pt"


class Learner(Protocol):
    """What can be stopped and go on: its loss at each step, and all that it needs to go on."""

    log: list[dict[str, float]]

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a state; a ValueError when it is of another run."""


def save_checkpoint(learner: Learner, folder: Path) -> None:
    """Checkpoint, loss table and plot; each is whole or not there."""
    buffer = io.BytesIO()
    torch.save(learner.state(), buffer)
    write_atomic(folder / CHECKPOINT, buffer.getvalue())
    write_curves(folder, learner.log)


def load_checkpoint(learner: Learner, folder: Path) -> bool:
    """Go on from the folder's checkpoint; False when there is none.

    Raises:
        ValueError: when it is not whole, or of another run.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        return False
    try:
        state = torch.load(path, weights_only=True)
        if not isinstance(state, dict) or not learner.state().keys() <= state.keys():
            raise ValueError("it holds something else")
    except (RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise ValueError(
            f"the checkpoint {path} is not whole ({why}); next: restore it, or take it away to "
            "start anew"
        ) from error
    learner.load_state(state)
    return True
