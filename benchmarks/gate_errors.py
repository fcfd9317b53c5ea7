"""How often the gate passes a limit that is not met, and whether the n that it names decides.

Truths lie exactly on the limit, where a wrong PASS is likeliest: shares with one and with four
videos a prompt, means of normal, bounded and long-tailed numbers on the side of the tail, and six
lines at once under Holm. For the power a truth off the limit is given as many videos as the gate
would ask for. 999 resamples in place of 9,999, for speed.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable

import numpy as np

from bench.gates import means
from bench.gates.bounds import Estimate, Share, Side, smallest
from bench.gates.decide import Measured, Verdict, decide
from bench.gates.means import mean_of
from bench.gates.policy import parse_policy
from benchmarks._result import Result, Setting

ALPHA, POWER = 0.05, 0.8
SIZES = (12, 20, 50, 200)
Draw = Callable[[np.random.Generator, int], np.ndarray]
NUMBERS: dict[str, tuple[Draw, float, Side, tuple[float, float]]] = {
    "normal": (lambda rng, n: rng.normal(size=n), 0.0, Side.BELOW, (-math.inf, math.inf)),
    "bounded, beta(8, 1)": (lambda rng, n: rng.beta(8, 1, n), 8 / 9, Side.ABOVE, (0.0, 1.0)),
    "exponential": (lambda rng, n: rng.exponential(size=n), 1.0, Side.BELOW, (0.0, math.inf)),
    "lognormal": (
        lambda rng, n: rng.lognormal(size=n),
        math.exp(0.5),
        Side.BELOW,
        (0.0, math.inf),
    ),
    "one in ten loses half": (
        lambda rng, n: 1 - 0.5 * (rng.random(n) < 0.1),
        0.95,
        Side.ABOVE,
        (0.0, 1.0),
    ),
}


def run(setting: Setting) -> tuple[Result, ...]:
    """Wrong passes at the limit, alone and under Holm, and the power at the n that is named."""
    means.N_RESAMPLES = 999
    rng = np.random.Generator(np.random.PCG64(0))
    draws = setting.size(400, 5)
    shares = {f"share {p:g}, {each} a prompt, n = {n}": wrong_shares(rng, p, n, each, draws * 4)
              for p in (0.05, 0.3) for each in (1, 4) for n in SIZES}  # fmt: skip
    numbers = {
        f"{name}, n = {n}": wrong_means(rng, name, n, draws) for name in NUMBERS for n in SIZES
    }
    family = wrong_family(rng, draws)
    power = powers(rng, draws)
    loose = 1.0 if setting.quick else 0.0
    plain = {k: v for k, v in numbers.items() if not k.startswith("lognormal")}
    error = 2 * math.sqrt(0.05 * 0.95 / draws)
    return (
        _worst("gate.wrong_pass_shares", shares, 0.05 + error / 2 + loose),
        _worst("gate.wrong_pass_means", plain, 0.05 + error + loose, details=numbers),
        _worst("gate.wrong_pass_holm", {"six lines at their limits": family}, 0.05 + error + loose),
        Result(
            name="gate.power_at_named_n",
            figure=min(power.values()),
            limit=0.0 if setting.quick else POWER - 0.05,
            unit="of draws decided, the lowest",
            sense="at least",
            details=power,
        ),
    )


def _worst(
    name: str, found: dict[str, float], limit: float, details: dict[str, float] | None = None
) -> Result:
    return Result(
        name=name,
        figure=max(found.values()),
        limit=min(limit, 1.0),
        unit="of draws passed wrongly, the highest",
        sense="at most",
        details=details or found,
    )


def wrong_shares(rng: np.random.Generator, p: float, n: int, each: int, draws: int) -> float:
    """Passes of a share at its limit; the videos of a prompt agree in half of the cases."""
    labels = [f"p{i // each:04d}" for i in range(n * each)]
    passed = 0
    for _ in range(draws):
        whole = rng.random((n, 1)) < p
        alone = rng.random((n, each)) < p
        values = np.where(rng.random((n, each)) < math.sqrt(0.5), whole, alone).ravel()
        passed += Share.of(values.astype(np.float64), labels).p(p, Side.BELOW) <= ALPHA
    return passed / draws


def wrong_means(rng: np.random.Generator, name: str, n: int, draws: int) -> float:
    """Passes of a mean at its limit."""
    draw, truth, side, (low, high) = NUMBERS[name]
    labels = [f"p{i:04d}" for i in range(n)]
    made = (mean_of(draw(rng, n), labels, low=low, high=high) for _ in range(draws))
    return sum(one is not None and one.p(truth, side) <= ALPHA for one in made) / draws


def wrong_family(rng: np.random.Generator, draws: int) -> float:
    """Runs with even one wrong PASS among six lines at their limits."""
    text = "".join(
        f'[[line]]\nid = "{i}"\nfinding = "f"\nmax = {0.05 * (i + 1)!r}\n' for i in range(6)
    )
    policy = parse_policy(text)
    wrong = 0
    for _ in range(draws):
        rows = [
            _measured(line, Share(k=int(rng.binomial(60, line.limit)), n=60))
            for line in policy.lines
        ]
        made = decide(rows, policy, datetime.date(2026, 1, 1))
        wrong += any(line.verdict is Verdict.PASS for line in made.lines)
    return wrong / draws


def _measured(line, seen: Estimate) -> Measured:  # type: ignore[no-untyped-def]
    return Measured(line=line, what="", seen=seen, n=60, n_clusters=60, counts={})


def powers(rng: np.random.Generator, draws: int) -> dict[str, float]:
    """Draws that are decided with as many videos as the gate names."""
    found = {}
    for truth, limit in ((0.02, 0.1), (0.95, 0.85), (0.3, 0.5)):
        n = smallest(truth, limit, ALPHA, POWER)
        if n is None:
            raise RuntimeError("these have an n")
        side = Side.BELOW if truth < limit else Side.ABOVE
        hits = [Share(k=int(k), n=n).p(limit, side) <= ALPHA for k in rng.binomial(n, truth, draws)]
        found[f"share {truth:g} against {limit:g}: n = {n}"] = float(np.mean(hits))
    for gap in (0.3, 0.6):
        pilot = np.tile([-1.0, 1.0], 12) / math.sqrt(24 / 23)
        made = mean_of(pilot, [f"p{i:02d}" for i in range(24)])
        n = made.needed(gap, ALPHA, POWER) if made else None
        if n is None:
            raise RuntimeError("these have an n")
        labels = [f"p{i:04d}" for i in range(n)]
        many = (mean_of(rng.normal(size=n), labels) for _ in range(draws))
        hits = [one is not None and one.p(gap, Side.BELOW) <= ALPHA for one in many]
        found[f"mean {gap:g} spreads off: n = {n}"] = float(np.mean(hits))
    return found
