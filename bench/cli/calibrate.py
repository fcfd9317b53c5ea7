"""Put metrics on ladders of known damage, and audits to simulated runs of a known truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.errors import EXIT_FAIL, EXIT_INCONCLUSIVE, EXIT_OK, UsageError, printable

if TYPE_CHECKING:
    from bench.calibration.runner import Calibrated


@click.command()
@click.option("--metric", "-m", "metrics", multiple=True, help="Repeat. [default: all there are]")
@click.option("--ladder", "-l", "ladders", multiple=True, help="Repeat. [default: all there are]")
@click.option(
    "--clips",
    multiple=True,
    help="phantom, real or a folder; repeat. [default: phantom, and real where it can be had]",
)
@click.option("--n", default=32, show_default=True, help="Clips to damage; 16 at least decide.")
@click.option("--seed", default=0, show_default=True, help="Of the clips and the damage.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of certificates. [default: the cache]"
)
@click.option(
    "--pages", type=click.Path(path_type=Path), help="Also write a page and a plot a metric here."
)
@click.option("--audit", "-a", "audits", multiple=True, help="Calibrate this audit; repeat.")
@click.option("--simulations", default=200, show_default=True, help="Of every world, with --audit.")
@click.option("--json", "as_json", is_flag=True, help="Print the certificates as JSON.")
def command(
    metrics: tuple[str, ...],
    ladders: tuple[str, ...],
    clips: tuple[str, ...],
    n: int,
    seed: int,
    out: Path | None,
    pages: Path | None,
    audits: tuple[str, ...],
    simulations: int,
    as_json: bool,
) -> int:
    """Damage clips in five strengths, score them, and write a certificate for each metric.

    A certificate is completed by a further call with other ladders or clips; features are kept, so
    that a call that was stopped goes on. With --audit, simulated runs with a planted bias are
    audited instead: do intervals cover the truth, are flags right? Exit code 0: every metric or
    audit shows what it must; 1: one does not; 2: too few clips, or not all ladders yet; 3: could
    not run; 64: the command is wrong.
    """
    if audits:
        if metrics or ladders:
            raise UsageError(
                "audits have no ladders of damage", seen="--audit with --metric or --ladder"
            )
        return _calibrate_audits(audits, simulations, seed, pages, as_json=as_json)
    import cv2

    from bench.calibration.runner import CalibrateRequest, calibrate
    from bench.cli._progress import progress

    cv2.setNumThreads(1)
    request = CalibrateRequest(
        metrics=metrics, ladders=ladders, clips=clips, n=n, seed=seed, out=out
    )
    with progress("damaging clips", quiet=as_json) as notify:
        done = calibrate(request, notify, lambda line: click.echo(f"== {line}", err=True))
    if pages is not None:
        from bench.calibration.pages import write_pages

        write_pages(done.certificates, pages)
    _print(done, as_json=as_json)
    return _exit_code(done)


def _calibrate_audits(
    names: tuple[str, ...], n: int, seed: int, pages: Path | None, *, as_json: bool
) -> int:
    from bench.calibration.audits import Shown, calibrate_audit, lines, write_page
    from bench.cli._progress import progress

    made = []
    for name in names:
        with progress("simulating audits", quiet=as_json) as notify:
            made.append(calibrate_audit(name, n, seed, notify))
        if pages is not None:
            write_page(made[-1], pages)
    if as_json:
        import json
        from dataclasses import asdict

        records = [{**asdict(done), "verdict": done.verdict} for done in made]
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    else:
        for line in (line for done in made for line in lines(done)):
            click.echo(line)
    verdicts = {done.verdict for done in made}
    if Shown.FAIL in verdicts:
        return EXIT_FAIL
    return EXIT_OK if verdicts == {Shown.PASS} else EXIT_INCONCLUSIVE


def _print(done: Calibrated, *, as_json: bool) -> None:
    if as_json:
        import json
        from dataclasses import asdict

        record = {
            "folder": str(done.folder),
            "certificates": [asdict(certificate) for certificate in done.certificates],
            "skipped": dict(done.skipped),
        }
        click.echo(json.dumps(record, indent=2, ensure_ascii=False))
        return
    for certificate in done.certificates:
        click.echo(f"{certificate.verdict:<11} {certificate.spec}  {certificate.reason}".rstrip())
        for row in certificate.rows:
            rho = "" if row.rho is None else f"rho {row.rho:+.2f} [{row.low:+.2f}, {row.high:+.2f}]"
            name = f"{row.column} {row.ladder} ({printable(row.clips, 20)})"
            expected = row.expected or "-"
            click.echo(
                f"  {row.verdict:<11} {name:<46} {expected:<8} {rho:<26} {row.reason}".rstrip()
            )
    for spec, reason in done.skipped.items():
        click.echo(f"skipped     {spec}  {reason}")
    click.echo(f"certificates in {done.folder}")


def _exit_code(done: Calibrated) -> int:
    from bench.certificates import Verdict

    verdicts = {certificate.verdict for certificate in done.certificates}
    if Verdict.FAIL in verdicts:
        return EXIT_FAIL
    return EXIT_OK if verdicts == {Verdict.PASS} else EXIT_INCONCLUSIVE
