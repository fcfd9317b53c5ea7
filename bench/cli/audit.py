"""Put an audit to a finished run: do the filters hold, is it biased, where do videos come from?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.errors import EXIT_INCOMPLETE, EXIT_OK, UsageError


@click.command()
@click.argument("name")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--opt", "-o", "options", multiple=True, help="KEY=VALUE, an option of the audit.")
@click.option("--confidence", default=0.95, show_default=True, help="Of the two-sided intervals.")
@click.option("--resamples", default=2000, show_default=True, help="Of each bootstrap.")
@click.option("--seed", default=0, show_default=True, help="Of the resampling.")
@click.option("--i-attest-synthetic", is_flag=True, help="The videos show no real person.")
@click.option("--afresh", is_flag=True, help="Ask everything again, even what is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    name: str,
    run: Path,
    options: tuple[str, ...],
    confidence: float,
    resamples: int,
    seed: int,
    i_attest_synthetic: bool,
    afresh: bool,
    as_json: bool,
) -> int:
    """Put the audit NAME (prescreen ls audits) to RUN; its findings stand in 6-findings.jsonl.

    The same command goes on with an audit that was stopped, and answers at once when nothing
    changed. Exit code 0: every trial was judged; 4: done, but some trials ended in errors; 3: could
    not run; 64: the command, or the run for this audit, is wrong. Whether the findings are good
    enough for a release is the gate's to say.
    """
    from bench.auditing import audit
    from bench.cli._progress import progress
    from bench.findings import finding_record

    given = _options(options)
    if i_attest_synthetic:
        given["attest_synthetic"] = "yes"
    with progress("asking", quiet=as_json) as notify:
        done = audit(
            run,
            name,
            given,
            afresh=afresh,
            notify=notify,
            confidence=confidence,
            n_resamples=resamples,
            seed=seed,
        )
    if as_json:
        findings = [finding_record(finding) for finding in done.findings]
        record = {"audit": done.name, "run": str(run), "reused": done.reused, "findings": findings}
        click.echo(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        for line in done.lines:
            click.echo(line)
        click.echo(f"audit   {done.path}" + ("  (unchanged, not asked again)" * done.reused))
    errors = any(finding.n_error for finding in done.findings)
    return EXIT_INCOMPLETE if errors else EXIT_OK


def _options(pairs: tuple[str, ...]) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise UsageError("an option is not KEY=VALUE", seen=pair, legal="--opt judge=canary")
        if key in options:
            raise UsageError("an option is given twice", seen=key, legal="each option once")
        options[key] = value
    return options
