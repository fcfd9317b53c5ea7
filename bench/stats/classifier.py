"""True shares behind a classifier that errs, with intervals that know its errors are estimates.

Rogan and Gladen (1978) for two classes, the interval of Lang and Reiczigel (2014), and for more
classes the constrained likelihood by EM (Saerens, Latinne and Decaestecker 2002), because inverting
the confusion matrix can give shares below 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats._checks import known_count, known_level, known_share, two_sided_z
from bench.stats.proportions import wilson

F64 = npt.NDArray[np.float64]
WORST_CONDITION = 10.0
LEAST_PER_CLASS = 50
"""Videos of known truth that each row of a confusion matrix needs."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueShares:
    """Corrected shares of K classes with their intervals, each (K,).

    `n_K` is the n whose binomial spread each share has: intervals of other levels follow from it.
    `n_degenerate` resamples of the confusion matrix could not be corrected and are left out.
    """

    shares_K: F64
    low_K: F64
    high_K: F64
    n_K: F64
    n_degenerate: int


def true_shares(
    counts_K: Sequence[int],
    confusion_KJ: npt.NDArray[np.int64],
    *,
    n_effective: float,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> TrueShares:
    """The likeliest true shares behind what a reader reported, which may have abstained.

    A reader abstains more about some classes than about others, so dropping abstentions tilts the
    shares. Each true class i is weighted by how often it is decided at all; how many videos were
    abstained about in the sample itself does not enter, because a video may be unreadable for
    reasons that have nothing to do with its class. The confusion matrix and the counts are both
    drawn anew; the interval is Wilson's with the n that has the resamples' spread.

    Args:
        counts_K: videos by reported class.
        confusion_KJ: videos of known truth i reported as j; J is K, or K + 1 with abstentions last.
        n_effective: what the videos are worth, at most their number (clusters).
        confidence: of each interval by itself.
        n_resamples: of both the matrix and the counts.
        seed: of the resampling's own generator (PCG64).

    Raises:
        UsageError: for a matrix that says too little to correct by.
    """
    k = len(counts_K)
    _known_counts(confusion_KJ, k)
    rng = np.random.Generator(np.random.PCG64(seed))
    rates_KJ = confusion_KJ / confusion_KJ.sum(axis=1, keepdims=True)
    reported_K = np.asarray(counts_K, dtype=np.float64) / sum(counts_K)
    square_KK, decided_K = _decided(rates_KJ)
    shares_K = np.clip(_undo(saerens_em(reported_K, square_KK)[None], decided_K[None])[0], 0, 1)
    drawn_BKJ = np.stack(
        [rng.multinomial(row.sum(), rates, n_resamples) for row, rates in _rows(confusion_KJ)],
        axis=1,
    )
    kept_B = (drawn_BKJ[:, :, :k].sum(axis=2) > 0).all(axis=1)
    square_BKK, decided_BK = _decided(drawn_BKJ[kept_B] / drawn_BKJ[kept_B].sum(2, keepdims=True))
    n_drawn = max(1, round(n_effective))
    reported_BK = rng.multinomial(n_drawn, reported_K, int(kept_B.sum())) / n_drawn
    made_BK = _undo(_em_of_many(reported_BK, square_BKK), decided_BK)
    n_K = _n_of_spread(shares_K, made_BK, n_effective)
    low_K, high_K = np.array(
        [wilson(float(p), float(n), confidence) for p, n in zip(shares_K, n_K, strict=True)]
    ).T
    return TrueShares(
        shares_K=shares_K,
        low_K=low_K,
        high_K=high_K,
        n_K=n_K,
        n_degenerate=n_resamples - int(kept_B.sum()),
    )


def reported_shares(true_K: F64, confusion_KJ: npt.NDArray[np.int64]) -> F64:
    """What a reader would report of these true shares, among what it decides: (K,)."""
    k = len(true_K)
    rates_KJ = confusion_KJ / confusion_KJ.sum(axis=1, keepdims=True)
    made_K: F64 = true_K @ rates_KJ[:, :k]
    return np.asarray(made_K / made_K.sum(), dtype=np.float64)


def _rows(confusion_KJ: npt.NDArray[np.int64]) -> list[tuple[npt.NDArray[np.int64], F64]]:
    return [(row, row / row.sum()) for row in confusion_KJ]


def _decided(rates_KJ: F64) -> tuple[F64, F64]:
    """Rates among decided videos (..., K, K), and how often each class is decided (..., K)."""
    k = rates_KJ.shape[-2]
    decided_K = rates_KJ[..., :k].sum(axis=-1)
    return rates_KJ[..., :k] / decided_K[..., None], decided_K


def _undo(shares_BK: F64, decided_BK: F64) -> F64:
    """Shares of all videos from shares of the decided ones."""
    weighted_BK = shares_BK / decided_BK
    made_BK: F64 = weighted_BK / weighted_BK.sum(axis=1, keepdims=True)
    return made_BK


def _em_of_many(reported_BK: F64, confusion_BKK: F64, n_steps: int = 1000) -> F64:
    """As :func:`saerens_em`, for many samples at once, to five digits."""
    shares_BK: F64 = np.full(reported_BK.shape, 1 / reported_BK.shape[1])
    for _ in range(n_steps):
        whole_BK = np.einsum("bk,bkj->bj", shares_BK, confusion_BKK)
        ratio_BK = np.divide(
            reported_BK, whole_BK, out=np.zeros_like(whole_BK), where=whole_BK > 1e-300
        )
        raised_BK = shares_BK * np.einsum("bkj,bj->bk", confusion_BKK, ratio_BK)
        after_BK: F64 = raised_BK / np.maximum(raised_BK.sum(axis=1, keepdims=True), 1e-300)
        if float(np.abs(after_BK - shares_BK).max()) < 1e-6:
            return after_BK
        shares_BK = after_BK
    return shares_BK


def _n_of_spread(shares_K: F64, made_BK: F64, n_effective: float) -> F64:
    """The n whose binomial spread is that of the resamples, at most the effective one: (K,)."""
    variances_K = made_BK.var(axis=0, ddof=1)
    # on the edge there is no spread to go by: as if half a video had been otherwise
    edge = min(0.5, 0.5 / n_effective)
    inside_K = np.clip(shares_K, edge, 1 - edge)
    n_K = np.divide(
        inside_K * (1 - inside_K),
        variances_K,
        out=np.full(len(shares_K), np.inf),
        where=variances_K > 0,
    )
    return np.asarray(np.minimum(n_K, n_effective), dtype=np.float64)


def _known_counts(confusion_KJ: npt.NDArray[np.int64], k: int) -> None:
    shape = confusion_KJ.shape
    if shape not in {(k, k), (k, k + 1)} or bool((confusion_KJ < 0).any()):
        raise UsageError(
            "no such confusion counts",
            seen=confusion_KJ.tolist(),
            legal=f"{k} rows of {k} counts, or {k + 1} with abstentions last",
        )
    least = int(confusion_KJ.sum(axis=1).min())
    if least < LEAST_PER_CLASS:
        raise UsageError(
            "too few videos of known truth to correct by",
            seen=f"{least} of one class",
            legal=f"at least {LEAST_PER_CLASS} of each",
        )
    for right, decided in zip(
        confusion_KJ.diagonal(), confusion_KJ[:, :k].sum(axis=1), strict=True
    ):
        low, _ = wilson(float(right / max(1, decided)), float(max(1, decided)))
        if low <= 1 / k:
            raise UsageError(
                "the reader may be guessing about one class",
                seen=f"{right} right of {decided} decided",
                legal=f"a recall whose interval lies above chance, {1 / k:.2f}",
            )


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
