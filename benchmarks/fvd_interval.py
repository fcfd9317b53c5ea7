"""FVD's interval at 400 features and 512 videos, against ten plain FVDs by `scipy.linalg.sqrtm`.

The interval is the infinitesimal jackknife's, which resamples nothing (docs/decisions/0003); the
plain one forms both covariances and takes the root of their product. Both in one process, one
thread, the best of three.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy.linalg import sqrtm

from bench.metrics._frechet import frechet_distance, frechet_interval
from benchmarks._result import BenchmarkFailed, Result, Setting

N_FEATURES = 400


def run(setting: Setting) -> tuple[Result, ...]:
    """Time of one interval over that of ten plain distances."""
    n = setting.size(512, 420)
    rng = np.random.Generator(np.random.PCG64(0))
    x_ND, y_ND = rng.normal(size=(2, n, N_FEATURES)) / np.sqrt(np.arange(1, N_FEATURES + 1))
    names = [f"{i // 4:04d}" for i in range(n)]
    plain, ours = plain_fvd(x_ND, y_ND), frechet_distance(x_ND, y_ND)
    if abs(plain - ours) > 1e-6 * ours:
        raise BenchmarkFailed(f"the two distances differ: {plain} and {ours}")
    of_ten = 10 * best(lambda: plain_fvd(x_ND, y_ND))
    of_interval = best(lambda: frechet_interval(x_ND, y_ND, x_clusters=names, y_clusters=names))
    return (
        Result(
            name="fvd_interval",
            figure=of_interval / of_ten,
            limit=1.0,
            unit="of the time of ten plain FVDs",
            sense="at most",
            details={"videos": n, "interval_s": of_interval, "ten_plain_s": of_ten},
        ),
    )


def plain_fvd(x_ND: np.ndarray, y_ND: np.ndarray) -> float:
    """As most programs have it."""
    gap_D = x_ND.mean(axis=0) - y_ND.mean(axis=0)
    one, other = np.cov(x_ND.T), np.cov(y_ND.T)
    root = np.real(sqrtm(one @ other))
    return float(gap_D @ gap_D + np.trace(one + other - 2 * root))


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
