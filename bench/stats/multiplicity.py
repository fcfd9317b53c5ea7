"""Many tests at once: adjusted p-values, rejected where `adjusted <= level`.

Holm (1979) holds the chance of even one false rejection and is for gates; Benjamini and Hochberg
(1995) hold the expected share of false rejections among the rejected, Benjamini and Yekutieli
(2001) hold it whatever the tests' dependence. A p that lies on its threshold is rejected, as in
the papers; textbooks that write `<` reject one less in McDonald's well-known example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError

F64 = npt.NDArray[np.float64]
Adjust: TypeAlias = Callable[[Sequence[float] | F64], F64]
TOLERANCE = 1e-12
"""Room for rounding in `adjusted <= level`: 25 * 0.06 / 6 is not 0.25 to the last digit."""


def holm(p_M: Sequence[float] | F64) -> F64:
    """Holm's adjusted p-values, in the order given."""
    p_M, order = _sorted(p_M)
    m = len(p_M)
    stepped = np.maximum.accumulate((m - np.arange(m)) * p_M[order])
    return _restored(stepped, order)


def benjamini_hochberg(p_M: Sequence[float] | F64) -> F64:
    """Benjamini and Hochberg's adjusted p-values: min over j >= i of `m p_(j) / j`."""
    p_M, order = _sorted(p_M)
    m = len(p_M)
    scaled = p_M[order] * (m / np.arange(1, m + 1))
    return _restored(np.minimum.accumulate(scaled[::-1])[::-1], order)


def benjamini_yekutieli(p_M: Sequence[float] | F64) -> F64:
    """As Benjamini and Hochberg's, times `1 + 1/2 + ... + 1/m`."""
    harmonic = float((1 / np.arange(1, len(p_M) + 1)).sum())
    p, order = _sorted(p_M)
    scaled = p[order] * (len(p) / np.arange(1, len(p) + 1) * harmonic)
    return _restored(np.minimum.accumulate(scaled[::-1])[::-1], order)


ADJUSTMENTS: dict[str, Adjust] = {
    "holm": holm,
    "bh": benjamini_hochberg,
    "by": benjamini_yekutieli,
}


def rejected(adjusted_M: F64, level: float) -> npt.NDArray[np.bool_]:
    """Which hypotheses are rejected at the level: `adjusted <= level`."""
    made: npt.NDArray[np.bool_] = adjusted_M <= level + TOLERANCE
    return made


def _sorted(p_M: Sequence[float] | F64) -> tuple[F64, npt.NDArray[np.intp]]:
    values = np.asarray(p_M, dtype=np.float64)
    if values.ndim != 1 or not bool(((values >= 0) & (values <= 1)).all()):
        raise UsageError("these are no p-values", seen=values.tolist(), legal="numbers from 0 to 1")
    return values, np.argsort(values, kind="stable")


def _restored(sorted_M: F64, order: npt.NDArray[np.intp]) -> F64:
    adjusted = np.empty_like(sorted_M)
    adjusted[order] = np.minimum(sorted_M, 1.0)
    return adjusted
