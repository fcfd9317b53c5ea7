"""The run folder: its journal's chain, its lock, and what it refuses."""

import subprocess
import sys
import textwrap

import pytest

from bench.errors import RunDamaged, RunLocked, UsageError
from bench.runs import JOURNAL, Run, read_journal

MANIFEST = {"schema": 1, "request": {"seed": 0, "metrics": ["fvd"]}}


def write(path, kinds):
    with Run(path, MANIFEST) as run:
        for kind in kinds:
            run.record(kind, {"about": kind})


def test_events_chain_and_replay(tmp_path):
    write(tmp_path, "abc")
    before = (tmp_path / JOURNAL).read_bytes()
    write(tmp_path, "abc")
    assert (tmp_path / JOURNAL).read_bytes() == before
    events, _ = read_journal(tmp_path / JOURNAL)
    assert [event.kind for event in events] == list("abc")
    assert events[1].prev == events[0].hash


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_torn_last_line_is_written_again(tmp_path, cut):
    write(tmp_path, "abc")
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole[:-cut])
    write(tmp_path, "abc")
    assert (tmp_path / JOURNAL).read_bytes() == whole


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [lines[0].replace(b'"a"', b'"x"'), *lines[1:]],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], b"{}\n", lines[2]],
        lambda lines: [lines[0], b"not json\n", lines[2]],
        lambda lines: [lines[0], lines[1][:-2] + b" }\n", lines[2]],
    ],
    ids=["changed", "dropped", "swapped", "emptied", "not-json", "respaced"],
)
def test_an_edited_journal_is_refused_with_its_line(tmp_path, damage):
    write(tmp_path, "abc")
    lines = (tmp_path / JOURNAL).read_bytes().splitlines(keepends=True)
    (tmp_path / JOURNAL).write_bytes(b"".join(damage(lines)))
    with pytest.raises(RunDamaged, match=r"chain breaks at line [12]"):
        read_journal(tmp_path / JOURNAL)


def test_a_run_that_does_not_repeat_is_refused(tmp_path):
    write(tmp_path, "abc")
    with pytest.raises(RunDamaged, match=r"event 1 \(x\) differs"):
        write(tmp_path, "axc")


def test_another_request_names_the_field(tmp_path):
    write(tmp_path, "a")
    other = {"schema": 1, "request": {"seed": 7, "metrics": ["fvd"]}}
    with (
        pytest.raises(UsageError, match=r"another request\.seed; seen: 7; legal: 0"),
        Run(tmp_path, other),
    ):
        pass


def test_a_second_process_is_refused_while_the_first_writes(tmp_path):
    with Run(tmp_path, MANIFEST):
        code = f"""
            from pathlib import Path
            from bench.runs import Run
            with Run(Path({str(tmp_path)!r}), {MANIFEST!r}):
                pass
        """
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert RunLocked.__name__ in done.stderr
        assert "another process is writing the run" in done.stderr
    write(tmp_path, "a")


def test_a_second_process_waits_when_asked(tmp_path):
    code = f"""
        from pathlib import Path
        from bench.runs import Run
        with Run(Path({str(tmp_path)!r}), {MANIFEST!r}, wait=True) as run:
            run.record("late", {{}})
    """
    with Run(tmp_path, MANIFEST):
        child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(timeout=1.0)
    assert child.wait(timeout=30) == 0
    assert read_journal(tmp_path / JOURNAL)[0][0].kind == "late"
