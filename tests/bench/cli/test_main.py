"""The entry point: exit codes, one line for what is wrong, nothing heavy, closed pipes."""

import errno
import os
import signal
import subprocess
import sys
import time

import click
import pytest

from bench import __version__, registry
from bench.cli import main
from bench.cli.main import EXIT_CLOSED_PIPE, EXIT_INTERRUPTED, run
from bench.errors import EXIT_COULD_NOT_RUN, EXIT_USAGE, RunLocked

PRESCREEN = [sys.executable, "-c", "from bench.cli.main import main; main()"]
HEAVY = ("torch", "numpy", "av", "cv2", "transformers", "scipy", "pyarrow", "jinja2", "rich")


@pytest.mark.parametrize("name", registry.names("command"))
def test_each_command_has_help(name, capsys):
    assert run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: prescreen {name} ")
    group = registry.load("command", name).command
    for sub in getattr(group, "commands", {}):
        assert run([name, sub, "-h"]) == 0
        assert capsys.readouterr().out.startswith(f"Usage: prescreen {name} {sub} ")


@pytest.mark.parametrize("arguments", [["--help"], ["ls"], ["score", "--help"], ["nonsense"]])
def test_nothing_heavy_is_imported_to_answer_at_once(arguments):
    code = (
        "import sys; from bench.cli.main import run\n"
        f"run({arguments!r})\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_lists_every_command(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in registry.names("command"))


def test_the_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"prescreen, version {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["weights"], ["cache"], ["suites"]])
def test_without_a_command_the_help_is_shown_as_help(arguments, capsys):
    assert run(arguments) == EXIT_USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Usage: prescreen")
    assert captured.err.count("\n") > 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scor"], "no command of this name; did you mean score?; seen: scor"),
        (["score"], "Missing argument 'VIDEOS'; next: prescreen score --help"),
        (["score", "a", "b"], "Got unexpected extra argument (b)"),
        (["score", "a", "--sed", "1"], "No such option"),
        (["score", "a", "--seed", "x"], "'x' is not a valid integer"),
        (["score", "a", "--workers", "0"], "0 is not in the range x>=1"),
        (["score", "a", "--confidence", "nan"], "the confidence is impossible; seen: nan"),
        (["--nonsense"], "No such option"),
        (["extract", "a", "-f", "flow", "-o", "x.txt"], "the output must be a NumPy archive"),
        (["weights", "fetch"], "say what to fetch"),
        (["ls", "a\x1b[2J\n"], "seen: a\\x1b[2J\\n"),
    ],
)
def test_misuse_exits_64_with_one_line(arguments, message, capsys):
    assert run(arguments) == EXIT_USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("prescreen: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert "\x1b" not in captured.err


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (RunLocked("held", then="wait"), EXIT_COULD_NOT_RUN, "prescreen: held; next: wait\n"),
        (KeyboardInterrupt(), EXIT_INTERRUPTED, "prescreen: interrupted; the same command goes on"),
        (click.FileError("a\n", "gone"), EXIT_USAGE, "prescreen: "),
        (OSError(errno.EIO, "broken", "disk\n"), EXIT_COULD_NOT_RUN, "prescreen: disk\\n: broken"),
    ],
)
def test_what_goes_wrong_inside_a_command_is_one_line(error, code, line, monkeypatch, capsys):
    @click.command()
    def fails():
        raise error

    monkeypatch.setattr(main.registry, "load", lambda kind, name: type("M", (), {"command": fails}))
    assert run(["ls"]) == code
    captured = capsys.readouterr().err.lstrip("\n")
    assert captured.startswith(line)
    assert captured.count("\n") == 1


def test_a_bug_is_not_hidden(monkeypatch):
    @click.command()
    def fails():
        raise ZeroDivisionError

    monkeypatch.setattr(main.registry, "load", lambda kind, name: type("M", (), {"command": fails}))
    with pytest.raises(ZeroDivisionError):
        run(["ls"])


@pytest.mark.parametrize("arguments", [["ls"], ["ls", "metrics", "--json"], ["--help"]])
def test_a_reader_that_goes_away_is_no_error_to_read(arguments):
    """`prescreen ls | true`: no traceback; not 0 either, for nobody read the answer."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*PRESCREEN, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode == EXIT_CLOSED_PIPE


def test_threads_are_limited_before_anything_is_imported():
    code = "import os; from bench.cli import main; main.run = lambda a: print(dict(os.environ))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; main.main([])"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert "'OMP_NUM_THREADS': '1'" in done.stdout


def test_control_c_is_one_line():
    code = (
        "import time, bench.cli.ls as m\n"
        "m.registry.kinds = lambda: print('go', flush=True) or time.sleep(60)\n"
        "from bench.cli.main import main; main(['ls'])"
    )
    # a shell's background job hands on an ignored SIGINT: the child must hear it all the same
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "go\n"
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, complaint = child.communicate(timeout=20)
    assert child.returncode == EXIT_INTERRUPTED
    assert complaint.strip().count("\n") == 0
    assert "Traceback" not in complaint
