"""Checkpoints: what was written comes back, what is not whole is refused and left as it is."""

from __future__ import annotations

import pytest
import torch

from generator.checkpoints import CHECKPOINT, load_checkpoint, save_checkpoint


class Counter:
    def __init__(self, count=0):
        self.count = torch.tensor(count)
        self.log = [{"step": 1.0, "loss": 0.5}]

    def state(self):
        return {"count": self.count, "log": self.log}

    def load_state(self, state):
        self.count, self.log = state["count"], state["log"]


def test_what_was_written_comes_back(tmp_path):
    save_checkpoint(Counter(7), tmp_path)
    again = Counter()
    assert load_checkpoint(again, tmp_path)
    assert int(again.count) == 7
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        CHECKPOINT,
        "losses.parquet",
        "losses.png",
    ]


def test_where_there_is_none_nothing_changes(tmp_path):
    learner = Counter(3)
    assert not load_checkpoint(learner, tmp_path)
    assert int(learner.count) == 3


@pytest.mark.parametrize("spoil", ["cut", "other"])
def test_one_that_is_not_whole_is_refused_and_left(tmp_path, spoil):
    save_checkpoint(Counter(7), tmp_path)
    path = tmp_path / CHECKPOINT
    if spoil == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    else:
        torch.save({"count": torch.tensor(1)}, path)
    before, learner = path.read_bytes(), Counter(3)
    with pytest.raises(ValueError, match=r"is not whole .*next: restore it"):
        load_checkpoint(learner, tmp_path)
    assert int(learner.count) == 3
    assert path.read_bytes() == before
