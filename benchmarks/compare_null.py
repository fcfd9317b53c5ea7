"""`prescreen compare` on a phantom's scores: how often it errs, and whether power is as planned.

Clips of 24 prompts with 8 seeds each are drawn and scored once. A simulated pair of runs gives each
prompt two of its seeds for A and two others for B: one model, other seeds. At the 5 % level 5 % of
pairs may differ, for each number and, with Holm, for any of them. For the power a known shift of
half a prompt's spread is added to B, and as many prompts are drawn as `prescreen plan` says for
80 %.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
from scipy import stats

from bench.comparison.columns import Pairs, Settings, compare_paired
from bench.pipeline import run as make_run
from bench.request import RunRequest
from bench.scoring import read_scores
from bench.stats.multiplicity import holm
from bench.stats.power import n_paired, power_paired
from bench.suites.base import load_suite
from benchmarks._result import BenchmarkFailed, Result, Setting

METRICS = ("sharpness", "temporal_flicker", "motion_amount")
MAIN = (("sharpness", "sharpness"), ("temporal_flicker", "compensated"), ("motion_amount", "top5"))
N_SEEDS = 8
PAIRS = 200
EFFECT = 0.5
SETTINGS = Settings(n_resamples=100, n_permutations=999)


def run(setting: Setting) -> tuple[Result, ...]:
    """False positives of 200 pairs, beside the binomial interval of 5 %; power beside the plan."""
    n_prompts = setting.size(24, 13)
    pool_MPS = scores(setting.folder("pool"), n_prompts)
    rng = np.random.Generator(np.random.PCG64(0))
    p_PM = np.array([null_pair(pool_MPS, rng) for _ in range(setting.size(PAIRS, 10))])
    each = (p_PM <= 0.05).mean(axis=0)
    family = float(np.mean([holm(p_M).min() <= 0.05 for p_M in p_PM]))
    low, high = (float(q) / len(p_PM) for q in stats.binom.interval(0.95, len(p_PM), 0.05))
    planned, reached = power(pool_MPS[1], rng, setting.size(1000, 10))
    details = {
        "prompts": n_prompts,
        "pairs": len(p_PM),
        "binomial_interval_of_5_percent": [low, high],
        "false_positives": dict(zip(METRICS, map(float, each), strict=True)),
        "any_of_three_after_holm": family,
        "planned_prompts": n_paired(EFFECT),
        "planned_power": planned,
        "reached_power": reached,
    }
    if setting.quick:
        low, high = 0.0, 1.0
    worst = float(max(each, key=lambda share: abs(share - 0.05)))
    return (
        Result(
            name="compare.false_positives",
            figure=worst,
            limit=high,
            unit="of pairs at 0.05, the number farthest off",
            sense="at most",
            details=details,
        ),
        Result(
            name="compare.not_too_shy",
            figure=worst,
            limit=low,
            unit="of pairs at 0.05, the same",
            sense="at least",
        ),
        Result(
            name="compare.power",
            figure=abs(reached - planned),
            limit=1.0 if setting.quick else 0.05,
            unit="between planned and reached power",
            sense="at most",
        ),
    )


def scores(folder: Path, n_prompts: int) -> np.ndarray:
    """Scores (metrics, prompts, seeds) of phantom clips, made by a run of its own."""
    prompts = load_suite("phantom").prompts
    chosen = prompts[:: len(prompts) // n_prompts][:n_prompts]
    suite = folder / "suite.jsonl"
    rows = [{"id": p.id, "text": p.text, "attributes": dict(p.attributes)} for p in chosen]
    suite.write_text("".join(json.dumps(row) + "\n" for row in rows))
    request = RunRequest(
        suite=str(suite),
        model="phantom",
        n_seeds=N_SEEDS,
        metrics=METRICS,
        run=folder / "run",
        workers=1,
    )
    root = make_run(request).path
    held: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in read_scores(root):
        of_metric = held.setdefault((row["metric"], row["column"]), {})
        of_metric.setdefault(row["prompt_id"], []).append(row["value"])
    pool = np.array([[held[name][p.id] for p in chosen] for name in MAIN])
    # a prompt whose clips lack a number under some seed cannot be dealt out
    whole = np.isfinite(pool).all(axis=(0, 2))
    if whole.sum() < 0.8 * n_prompts:
        raise BenchmarkFailed(f"only {whole.sum()} of {n_prompts} prompts have every number")
    return pool[:, whole]


def deal(pool_PS: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two seeds of each prompt for A, two others for B, as flat arrays."""
    order = rng.permuted(np.broadcast_to(np.arange(pool_PS.shape[1]), pool_PS.shape), axis=1)
    picked = np.take_along_axis(pool_PS, order[:, :4], axis=1)
    return picked[:, :2].ravel(), picked[:, 2:].ravel()


def p_of(a_N: np.ndarray, b_N: np.ndarray) -> float:
    names = [f"{i:04d}" for i in range(len(a_N) // 2) for _ in range(2)]
    pairs = Pairs(a_N=a_N, b_M=b_N, prompts_a=names, prompts_b=names)
    return compare_paired(pairs, SETTINGS, {}, {}).p


def null_pair(pool_MPS: np.ndarray, rng: np.random.Generator) -> list[float]:
    # one deal for all metrics, as of one run: their numbers stay correlated
    seed = int(rng.integers(2**32))
    return [p_of(*deal(pool, np.random.default_rng(seed))) for pool in pool_MPS]


def power(pool_PS: np.ndarray, rng: np.random.Generator, n_draws: int) -> tuple[float, float]:
    """Planned and reached power for a shift of EFFECT spreads of a prompt's mean difference."""
    n = n_paired(EFFECT)
    many = pool_PS[rng.integers(len(pool_PS), size=20_000)]
    a, b = deal(many, rng)
    spread = float((b - a).reshape(-1, 2).mean(axis=1).std())
    hits = 0
    for _ in range(n_draws):
        a, b = deal(pool_PS[rng.integers(len(pool_PS), size=n)], rng)
        hits += p_of(a, b + EFFECT * spread) <= 0.05
    reached = hits / n_draws
    if not math.isfinite(reached):
        raise BenchmarkFailed("no power could be measured")
    return power_paired(EFFECT, n), reached
