"""How many videos a question needs, what a run can show, what a run would cost."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.stats.sizing import Costs, Size

_QUESTIONS = "--gap, --effect, --shares, --w, --run or --suite with --model"


@click.command()
@click.option("--gap", type=float, help="Difference of shares that must be seen.")
@click.option("--base", type=float, default=0.5, show_default=True, help="Share it starts from.")
@click.option("--groups", type=int, default=2, show_default=True, help="1: against the target.")
@click.option("--effect", type=float, help="Paired difference, in standard deviations of a pair.")
@click.option("--shares", help="Goodness of fit: shares to tell from --target, as 0.6,0.4.")
@click.option("--target", help="Shares of the target. [default: equal ones]")
@click.option("--w", type=float, help="Goodness of fit: Cohen's w, with --df.")
@click.option("--df", type=int, default=1, show_default=True, help="Degrees of freedom of --w.")
@click.option("--seeds", type=int, default=1, show_default=True, help="Videos a prompt.")
@click.option("--icc", type=float, default=0.0, show_default=True, help="Their correlation.")
@click.option("--se", type=float, default=1.0, show_default=True, help="Judge's sensitivity.")
@click.option("--sp", type=float, default=1.0, show_default=True, help="Judge's specificity.")
@click.option(
    "--comparisons", type=int, default=1, show_default=True, help="Tests that share alpha."
)
@click.option("--alpha", type=float, default=0.05, show_default=True, help="Two-sided level.")
@click.option("--power", type=float, default=0.8, show_default=True, help="Chance to see it.")
@click.option("--run", type=click.Path(path_type=Path), help="A run: what can it show?")
@click.option("--suite", help="With --model: hours and disk, from a pilot made now.")
@click.option("--model", help="The system under test.")
@click.option("--attack", "attacks", multiple=True, help="Each prompt disguised so, too.")
@click.option("--metric", "-m", "metrics", multiple=True, help="Of the pilot. [default: all usual]")
@click.option("--pilot", type=int, default=3, show_default=True, help="Videos of the pilot.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(as_json: bool, **given: Any) -> None:
    r"""Plan before the videos are made: sample size, what a run can show, hours and disk.

    \b
    prescreen plan --gap 0.1 --base 0.5 --seeds 4 --icc 0.3 --se 0.9 --sp 0.95
    prescreen plan --effect 0.3
    prescreen plan --shares 0.6,0.4
    prescreen plan --run runs/ID
    prescreen plan --suite smoke --model cascade

    Exit code 0: answered; 3: the pilot could not run; 64: the question makes no sense.
    """
    from bench.cli._plan_table import cost_lines, finite, reach_lines, size_lines
    from bench.stats.sizing import Costs

    asked = [n for n in ("gap", "effect", "shares", "w", "run", "suite") if given[n] is not None]
    if len(asked) != 1:
        seen = ", ".join(f"--{name}" for name in asked) or "none"
        raise UsageError("ask one question at a time", seen=seen, legal=_QUESTIONS)
    names = ("seeds", "icc", "se", "sp", "comparisons", "alpha", "power")
    costs = Costs(**{name: given[name] for name in names})
    record: Any
    if asked[0] == "run":
        from bench.comparison.reach import reach_of

        found = reach_of(given["run"], alpha=costs.alpha_each, power=costs.power)
        record, lines = {"numbers": [asdict(one) for one in found]}, reach_lines(found, costs)
    elif asked[0] == "suite":
        cost = _cost(given)
        record = {**asdict(cost), "hours": cost.hours(), "disk_bytes": cost.disk_bytes()}
        lines = cost_lines(cost)
    else:
        size = _size(asked[0], given, costs)
        record = {**asdict(size), "videos_in_all": size.videos_in_all, "costs": asdict(costs)}
        lines = size_lines(size, costs)
    if as_json:
        click.echo(json.dumps(finite(record), indent=2, ensure_ascii=False, allow_nan=False))
        return
    for line in lines:
        click.echo(line)


def _size(question: str, given: dict[str, Any], costs: Costs) -> Size:
    from bench.stats import sizing

    if question == "gap":
        return sizing.size_of_gap(given["base"], given["gap"], given["groups"], costs)
    if question == "effect":
        return sizing.size_of_pairs(given["effect"], costs)
    if question == "w":
        return sizing.size_of_effect_w(given["w"], given["df"], costs)
    shares = _numbers("--shares", given["shares"])
    target = [1 / len(shares)] * len(shares)
    if given["target"] is not None:
        target = _numbers("--target", given["target"])
    return sizing.size_of_fit(shares, target, costs)


def _cost(given: dict[str, Any]) -> Any:
    from bench.pilot import estimate
    from bench.request import RUN_METRICS

    if not given["model"]:
        raise UsageError("no model was named", legal="--model MODEL", then="prescreen ls models")
    return estimate(
        given["suite"],
        given["model"],
        n_seeds=given["seeds"],
        metrics=given["metrics"] or RUN_METRICS,
        n_pilot=given["pilot"],
        attacks=given["attacks"],
    )


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise UsageError(f"{option} is no list of shares", seen=text, legal="0.6,0.4") from error
