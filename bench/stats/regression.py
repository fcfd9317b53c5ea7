"""How shares follow reference shares: the slope of a logistic regression on counts.

Shares from few videos are noisy and may be 0, so the counts are fitted and never the logits of
shares: a binomial model with the logit link (McCullagh and Nelder 1989), by Newton's steps. The
counts may spread more than the binomial; the standard error is scaled by Pearson's X^2 over its
degrees of freedom where that is above 1 (quasi-likelihood, Wedderburn 1974), with a t quantile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats._checks import known_level, known_trials

F64 = npt.NDArray[np.float64]
_STEPS, _TOLERANCE, _FLAT = 60, 1e-10, 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """`logit(share) = intercept + slope * x`, the slope's standard error and degrees of freedom.

    `dispersion` is Pearson's X^2 over the degrees of freedom, and at least 1.
    """

    intercept: float
    slope: float
    standard_error: float
    df: int
    dispersion: float

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The slope's t interval."""
        from scipy.stats import t

        half = self.standard_error * float(
            t.ppf(0.5 + known_level("confidence", confidence) / 2, self.df)
        )
        return self.slope - half, self.slope + half

    def p(self, null: float) -> float:
        """Two-sided p that the slope is `null`."""
        from scipy.stats import t

        return float(2 * t.sf(abs(self.slope - null) / self.standard_error, self.df))


def logit(share: float) -> float:
    """`ln(p / (1 - p))` of a share strictly between 0 and 1."""
    known_level("share", share)
    return math.log(share) - math.log1p(-share)


def logit_slope(k_G: Sequence[float], n_G: Sequence[float], x_G: Sequence[float]) -> Slope:
    """The slope on `x_G` of the logits of G shares, from events `k_G` among trials `n_G`.

    Counts may be effective ones (over a design effect, behind a reader that errs).

    Raises:
        UsageError: for fewer than three groups, an x that does not vary, or counts that fix no
            slope because a line parts them fully.
    """
    for k, n in zip(k_G, n_G, strict=True):
        known_trials(k, n)
    x = np.asarray(x_G, dtype=np.float64)
    if len(x) != len(k_G) or len(x) < 3 or float(np.ptp(x)) == 0:
        raise UsageError("no slope without three groups that differ", seen=x.tolist())
    design_G2 = np.stack([np.ones_like(x), x], axis=1)
    events, trials = np.asarray(k_G, dtype=np.float64), np.asarray(n_G, dtype=np.float64)
    beta_2, information_22 = _fit(design_G2, events, trials)
    p_G = 1 / (1 + np.exp(-design_G2 @ beta_2))
    df = len(x) - 2
    pearson = float(((events - trials * p_G) ** 2 / (trials * p_G * (1 - p_G))).sum())
    dispersion = max(1.0, pearson / df)
    variance = float(np.linalg.inv(information_22)[1, 1]) * dispersion
    return Slope(
        intercept=float(beta_2[0]),
        slope=float(beta_2[1]),
        standard_error=math.sqrt(variance),
        df=df,
        dispersion=dispersion,
    )


def _fit(design_G2: F64, events_G: F64, trials_G: F64) -> tuple[F64, F64]:
    """Newton's steps from the common share; the estimate and its information."""
    share = min(max(float(events_G.sum() / trials_G.sum()), 1e-9), 1 - 1e-9)
    beta_2 = np.array([logit(share), 0.0])
    for _ in range(_STEPS):
        eta_G = design_G2 @ beta_2
        p_G = 1 / (1 + np.exp(-np.clip(eta_G, -_FLAT, _FLAT)))
        weights_G = trials_G * p_G * (1 - p_G)
        information_22 = design_G2.T @ (weights_G[:, None] * design_G2)
        if float(np.abs(eta_G).max()) >= _FLAT or np.linalg.cond(information_22) > 1e12:
            break
        step_2 = np.linalg.solve(information_22, design_G2.T @ (events_G - trials_G * p_G))
        beta_2 = beta_2 + step_2
        if float(np.abs(step_2).max()) < _TOLERANCE:
            return beta_2, information_22
    raise UsageError(
        "these counts fix no slope: a line parts events and others fully",
        seen=f"{events_G.tolist()} of {trials_G.tolist()}",
        then="more videos of each group",
    )
