"""README's walk-through of the gate, replayed: three models, one policy, what is printed."""

import re
import shlex
from pathlib import Path

import pytest

from bench.cli.main import run
from bench.verification import verify

README = Path(__file__).parent.parent.parent.parent / "README.md"
VERDICTS = {"0": "PASS", "1": "FAIL", "2": "INCONCLUSIVE"}


def section():
    """The policy, the commands that make runs, and each gate command with what it prints."""
    text = README.read_text().split("## The gate: may it be released?")[1].split("\n## ")[0]
    blocks = re.findall(r"```(?:toml)?\n(.*?)```", text, flags=re.DOTALL)
    policy, runs, shown = blocks
    shows = [part for part in re.split(r"^\$ ", shown, flags=re.MULTILINE) if part]
    return policy.rstrip() + "\n", runs.splitlines(), shows


@pytest.mark.slow
@pytest.mark.usefixtures("private_cache")
def test_the_walk_through_prints_what_readme_shows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    policy, runs, shows = section()
    Path("policy.toml").write_text(policy)
    for line in runs:
        assert run([*shlex.split(line)[1:], "--workers", "1"]) == 0
    seen = []
    for show in shows:
        command, *lines, last = show.splitlines()
        (day,) = re.findall(r"; (\d{4}-\d\d-\d\d)$", lines[0])
        capsys.readouterr()
        code = run([*shlex.split(command)[1:], "--today", day])
        assert last == f"-> exit code {code}"
        assert capsys.readouterr().out.splitlines() == lines
        assert lines[-1].startswith(VERDICTS[str(code)])
        seen.append(code)
    assert seen == [0, 1, 2]
    decided = next(c for c in verify(Path("runs/rule")) if c.name == "8-gate.json")
    assert (decided.ok, decided.detail) == (True, "decided again: PASS")
