import shutil

import pytest

from bench.errors import UsageError
from dashboards.catalogue import FRESH_S, State, below, find_runs, finished, n_ok


def test_finished_runs_and_an_empty_folder_are_told_apart(runs_root):
    cards = {card.name: card for card in find_runs(runs_root)}
    states = sorted(str(card.state) for card in cards.values())
    assert states == ["empty", "finished", "finished"]
    models = {card.model for card in finished(list(cards.values()))}
    assert models == {"phantom", "phantom:flicker=0.4"}
    assert all(n_ok(card) == card.n_asked == 9 for card in finished(list(cards.values())))


def test_a_run_that_lost_its_end_is_running_while_fresh_and_half_finished_later(
    runs_root, tmp_path
):
    run = tmp_path / "one"
    source = next(c.path for c in find_runs(runs_root) if c.state is State.FINISHED)
    shutil.copytree(source, run)
    journal = run / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    (run / "summary.json").unlink()
    (card,) = find_runs(tmp_path)
    assert card.state is State.RUNNING
    assert "9 of 9 videos" in card.detail
    (later,) = find_runs(tmp_path, now_s=card.changed_s + FRESH_S + 1)
    assert later.state is State.UNFINISHED
    assert "run its command again" in later.detail


@pytest.mark.parametrize("name", ["manifest.json", "summary.json"])
def test_a_run_whose_files_are_not_json_is_broken_and_named(runs_root, tmp_path, name):
    source = next(c.path for c in find_runs(runs_root) if c.state is State.FINISHED)
    shutil.copytree(source, tmp_path / "one")
    (tmp_path / "one" / name).write_text("{")
    (card,) = find_runs(tmp_path)
    assert card.state is State.BROKEN
    assert "prescreen verify one" in card.detail


def test_a_folder_that_is_no_run_is_not_listed(runs_root, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "todo.txt").write_text("x")
    assert find_runs(tmp_path) == []
    with pytest.raises(UsageError, match="no folder of runs"):
        find_runs(tmp_path / "gone")


def test_a_run_folder_itself_is_a_list_of_one(runs_root):
    path = next(c.path for c in find_runs(runs_root) if c.state is State.FINISHED)
    (card,) = find_runs(path)
    assert card.path == path


def test_links_and_dots_do_not_lead_out_of_the_root(tmp_path):
    root, secret = tmp_path / "root", tmp_path / "secret.mp4"
    root.mkdir()
    secret.write_bytes(b"x")
    (root / "link.mp4").symlink_to(secret)
    for path in (root / "link.mp4", root / ".." / "secret.mp4", secret):
        with pytest.raises(UsageError, match="outside of the folder of runs"):
            below(root, path)
    (root / "own.mp4").write_bytes(b"x")
    assert below(root, root / "own.mp4") == (root / "own.mp4").resolve()
