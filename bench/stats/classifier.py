"""True shares behind a classifier that errs, with intervals that know its errors are estimates.

Rogan and Gladen (1978) for two classes, the interval of Lang and Reiczigel (2014), and for more
classes the constrained likelihood by EM (Saerens, Latinne and Decaestecker 2002), because inverting
the confusion matrix can give shares below 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats._checks import known_count, known_level, known_share, two_sided_z

F64 = npt.NDArray[np.float64]
WORST_CONDITION = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A corrected share and its delta-method standard error; `clipped` where it left 0 to 1."""

    share: float
    standard_error: float
    clipped: bool


def rogan_gladen(
    p: float, n: float, *, se: float, n_se: float, sp: float, n_sp: float
) -> Corrected:
    """The true share behind a reported one: `(p + Sp - 1) / (Se + Sp - 1)`.

    Args:
        p: share that the classifier reported in `n` videos.
        n: those videos.
        se: sensitivity, measured on `n_se` true cases.
        n_se: those cases.
        sp: specificity, measured on `n_sp` true non-cases.
        n_sp: those non-cases.
    """
    youden = _youden(se, sp)
    known_share("reported share", p)
    for name, count in (("n", n), ("n of Se", n_se), ("n of Sp", n_sp)):
        known_count(name, count, least=1)
    share = (p + sp - 1) / youden
    variance = p * (1 - p) / n + share**2 * se * (1 - se) / n_se
    variance += (1 - share) ** 2 * sp * (1 - sp) / n_sp
    kept = min(1.0, max(0.0, share))
    return Corrected(share=kept, standard_error=math.sqrt(variance) / youden, clipped=kept != share)


def lang_reiczigel(
    p: float, n: float, *, se: float, n_se: float, sp: float, n_sp: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of the true share that knows that Se and Sp are estimates too.

    All three counts are drawn towards the middle (z^2/2 added trials for the share, one of each
    outcome for Se and Sp) before the delta method; cut to 0 to 1.
    """
    known_level("confidence", confidence)
    z = two_sided_z(confidence)
    p2, n2 = (n * p + z * z / 2) / (n + z * z), n + z * z
    se2, sp2 = (n_se * se + 1) / (n_se + 2), (n_sp * sp + 1) / (n_sp + 2)
    youden = _youden(se2, sp2)
    share = (p2 + sp2 - 1) / youden
    variance = p2 * (1 - p2) / n2 + share**2 * se2 * (1 - se2) / (n_se + 2)
    variance += (1 - share) ** 2 * sp2 * (1 - sp2) / (n_sp + 2)
    shift = (
        2
        * z
        * z
        * (share * se2 * (1 - se2) / (n_se + 2) - (1 - share) * sp2 * (1 - sp2) / (n_sp + 2))
    )
    half = z * math.sqrt(variance) / youden
    low, high = share + shift - half, share + shift + half
    return max(0.0, low), min(1.0, high)


def invert_confusion(reported_K: F64, confusion_KK: F64) -> F64:
    """The shares that solve `reported = C' shares` exactly; some may lie below 0.

    Args:
        reported_K: shares of the reported classes.
        confusion_KK: `C[i, j]`, the chance that a true i is reported as j; rows add up to 1.

    Raises:
        UsageError: where C is no such matrix or too close to one that says nothing.
    """
    _known_confusion(reported_K, confusion_KK)
    return np.asarray(np.linalg.solve(confusion_KK.T, reported_K), dtype=np.float64)


def saerens_em(
    reported_K: F64, confusion_KK: F64, *, n_steps: int = 100_000, tolerance: float = 1e-12
) -> F64:
    """The likeliest shares, none below 0, by EM; arguments as :func:`invert_confusion`."""
    _known_confusion(reported_K, confusion_KK)
    shares_K: F64 = np.full(len(reported_K), 1 / len(reported_K))
    for _ in range(n_steps):
        joint_KK = shares_K[:, None] * confusion_KK
        whole_K = joint_KK.sum(axis=0)
        weights_KK = np.divide(joint_KK, whole_K, out=np.zeros_like(joint_KK), where=whole_K > 0)
        after_K: F64 = weights_KK @ reported_K
        if float(np.abs(after_K - shares_K).max()) < tolerance:
            return after_K
        shares_K = after_K
    return shares_K


def _youden(se: float, sp: float) -> float:
    known_share("sensitivity", se)
    known_share("specificity", sp)
    if se + sp <= 1:
        raise UsageError(
            "this classifier says nothing of the truth",
            seen=f"Se {se:g} and Sp {sp:g}",
            legal="Se + Sp above 1",
        )
    return se + sp - 1


def _known_confusion(reported_K: F64, confusion_KK: F64) -> None:
    k = len(reported_K)
    if confusion_KK.shape != (k, k) or not np.allclose(confusion_KK.sum(axis=1), 1):
        raise UsageError(
            "no such confusion matrix", seen=confusion_KK.tolist(), legal="K rows that add up to 1"
        )
    condition = float(np.linalg.cond(confusion_KK.T))
    if condition > WORST_CONDITION:
        raise UsageError(
            "the classes are confused too much to be corrected",
            seen=f"condition number {condition:.3g}",
            legal=f"at most {WORST_CONDITION:g}",
        )
