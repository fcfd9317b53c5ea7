"""Hold a run against a release policy: PASS, FAIL, or INCONCLUSIVE with the n that would decide."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.errors import PrescreenError


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--policy", required=True, type=click.Path(path_type=Path), help="The limits, a TOML file."
)
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="A run to compare with. [default: policy's]"
)
@click.option("--today", help="By which waivers are judged, YYYY-MM-DD. [default: now, UTC]")
@click.option("--junit", type=click.Path(path_type=Path), help="Also write JUnit XML here.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def command(
    run: Path,
    policy: Path,
    baseline: Path | None,
    today: str | None,
    junit: Path | None,
    as_json: bool,
) -> int:
    """Decide whether RUN meets a policy, and write 8-gate.json into it.

    Exit code 0: PASS; 1: FAIL; 2: INCONCLUSIVE; 3: could not run; 64: the policy or the command is
    wrong.
    """
    from bench.reports.junit import write_could_not_run, write_junit

    try:
        record, code = _decide(run, policy, baseline, today)
    except PrescreenError as error:
        if junit is not None:
            write_could_not_run(junit, str(error))
        raise
    if junit is not None:
        write_junit(junit, record)
    if as_json:
        whole = {"run": str(run), **record}
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from bench.cli._gate_table import gate_lines

        for line in gate_lines(record):
            click.echo(line)
    return code


def _decide(
    run: Path, policy: Path, baseline: Path | None, today: str | None
) -> tuple[dict[str, object], int]:
    import datetime

    from bench.gates.decide import Verdict
    from bench.gates.gate import EXIT_CODES, gate, known_day
    from bench.gates.policy import read_policy

    day = known_day(today) if today else datetime.datetime.now(datetime.UTC).date()
    record = gate(run, read_policy(policy), today=day, baseline=baseline)
    return record, EXIT_CODES[Verdict(record["verdict"])]
