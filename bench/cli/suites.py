"""Look at suites of prompts: `lint` says what is wrong with one."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

import click

from bench.errors import EXIT_FAIL, EXIT_OK, printable
from bench.suites.base import Problem, Suite, lint, load_suite

_SHOWN_PER_RULE = 10


@click.group()
def command() -> None:
    """Look at suites of prompts."""


@command.command("lint")
@click.argument("suite")
@click.option("--json", "as_json", is_flag=True, help="Print every problem as JSON.")
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
def lint_command(suite: str, as_json: bool, strict: bool) -> int:
    """Check the prompts of SUITE, a file (JSONL, CSV, TXT) or a suite's name.

    Exit code 0: no errors; 1: errors, or with --strict warnings; 64: the file cannot be read.
    """
    loaded = load_suite(suite)
    problems = lint(loaded)
    n_errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        click.echo(json.dumps(_record(loaded, problems, n_errors), indent=2))
    else:
        for line in _lines(loaded, problems, n_errors):
            click.echo(line)
    return EXIT_FAIL if n_errors or (strict and problems) else EXIT_OK


def _record(suite: Suite, problems: Sequence[Problem], n_errors: int) -> dict[str, object]:
    return {
        "suite": suite.name,
        "version": suite.version,
        "source": suite.source,
        "sha256": suite.sha256,
        "n_prompts": len(suite.prompts),
        "n_errors": n_errors,
        "n_warnings": len(problems) - n_errors,
        "problems": [dataclasses.asdict(problem) for problem in problems],
    }


def _lines(suite: Suite, problems: Sequence[Problem], n_errors: int) -> Iterator[str]:
    """A block for each severity, in it at most ten lines a rule, and a count of the rest."""
    for severity in ("error", "warning"):
        rules = defaultdict(list)
        for problem in problems:
            if problem.severity == severity:
                rules[problem.rule].append(problem)
        if not rules:
            continue
        yield f"{severity}s"
        for rule, held in rules.items():
            shown = held[:_SHOWN_PER_RULE]
            width = max(len(printable(problem.prompt_id, 40)) for problem in shown)
            for problem in shown:
                who = printable(problem.prompt_id, 40).ljust(width)
                yield f"  {rule:<17}  {who}  {problem.message}".rstrip()
            if len(held) > len(shown):
                yield f"  {rule:<17}  ... and {len(held) - len(shown)} more; --json lists all"
    n_warnings = len(problems) - n_errors
    name = printable(suite.source or suite.name)
    yield f"{name}: {len(suite.prompts)} prompts, {n_errors} errors, {n_warnings} warnings"
    yield f"sha256 {suite.sha256}"
