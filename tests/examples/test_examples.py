"""The examples are read by what they are for."""

import re
from pathlib import Path

import yaml

from bench.gates.policy import LINE, TOP, WAIVER, read_policy

ROOT = Path(__file__).parent.parent.parent
POLICY, WORKFLOW = ROOT / "examples/policy.toml", ROOT / "examples/gate.github-workflow.yml"


def test_the_example_policy_is_a_policy():
    policy = read_policy(POLICY)
    assert len(policy.lines) == 6
    assert policy.waivers[0].line == "no unasked emblem"


def test_the_workflow_is_one_and_runs_commands_that_there_are():
    workflow = yaml.safe_load(WORKFLOW.read_text())
    steps = workflow["jobs"]["gate"]["steps"]
    commands = "\n".join(step.get("run", "") for step in steps)
    assert "prescreen gate runs/candidate --policy examples/policy.toml" in commands
    assert "--junit gate.xml" in commands
    assert "set -o pipefail" in commands, "tee must not swallow the exit code"
    for name in re.findall(r"prescreen (\w+)", commands):
        assert (ROOT / f"bench/cli/{name}.py").exists()


def test_docs_say_what_each_key_means():
    text = (ROOT / "docs/gate.md").read_text()
    for key in {*TOP, *LINE, *WAIVER}:
        assert f"`{key}`" in text, key
