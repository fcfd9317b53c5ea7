"""Fréchet distance of two sets of feature rows, and how far it or a difference can be trusted.

The distance is that of two Gaussians with the sets' means and covariances (Dowson and Landau 1982):
`|m_x - m_y|^2 + tr S_x + tr S_y - 2 tr (S_x S_y)^(1/2)`. With `S_x = A'A` and `S_y = B'B` the last
trace is the sum of the singular values of `A B'`, which needs no root of a D x D matrix; general
matrix roots are off by 1e-6 of the value or far more when there are fewer rows than columns.

Shapes: N candidate rows, M reference rows, D features, K = min(rows, D). All float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.metrics.base import F64
from bench.stats.clusters import jackknife_interval
from bench.types import Interval

Rows = npt.ArrayLike

_INTERVAL_NOTES = (
    "it covers the mean of the number at these n and m, not the number at unlimited n",
    "it takes the two sets as independent of each other",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What the distance needs of a set of rows; sums of shards add up to the sums of the whole.

    Args:
        n: number of rows.
        sum_D: their sum (D,).
        outer_DD: the sum of their outer products (D, D). Of the digits of a covariance made from
            it, about `log10(mean^2 / variance)` are lost; I3D's logits lose one or two of fifteen.
    """

    n: int
    sum_D: F64
    outer_DD: F64

    @classmethod
    def of(cls, x_ND: Rows) -> Moments:
        """The moments of one or more rows (N, D).

        Raises:
            UsageError: when they are no such table or hold a value that is not finite.
        """
        rows_ND = _table("the rows", x_ND, least=1)
        return cls(n=len(rows_ND), sum_D=rows_ND.sum(axis=0), outer_DD=rows_ND.T @ rows_ND)

    def merge(self, other: Moments) -> Moments:
        """The moments of both sets of rows together.

        Raises:
            UsageError: when the rows of the two differ in length.
        """
        _same_width(len(self.sum_D), len(other.sum_D))
        return Moments(
            n=self.n + other.n,
            sum_D=self.sum_D + other.sum_D,
            outer_DD=self.outer_DD + other.outer_DD,
        )

    def mean(self) -> F64:
        """Mean of the rows (D,)."""
        mean_D: F64 = self.sum_D / self.n
        return mean_D

    def covariance(self, ddof: int = 1) -> F64:
        """Covariance of the rows (D, D), divided by `n - ddof`."""
        mean_D = self.mean()
        covariance_DD: F64 = (self.outer_DD - self.n * np.outer(mean_D, mean_D)) / (self.n - ddof)
        return covariance_DD

    def root(self, ddof: int = 1) -> F64:
        """Rows whose products sum to the covariance, (K, D), one for each eigenvalue above 0.

        Eigenvalues within rounding of 0 are 0: their roots would be 1e-8 of the largest, and
        hundreds of those add up to the error that general matrix roots make for fewer rows than
        columns. The rounding is that of the outer products, which are larger than the covariance
        where the rows' mean is.
        """
        values_D, vectors_DD = np.linalg.eigh(self.covariance(ddof))
        largest = float(np.trace(self.outer_DD)) / (self.n - ddof)
        keep = values_D > largest * len(values_D) * np.finfo(np.float64).eps
        root_KD: F64 = np.sqrt(values_D[keep])[:, None] * vectors_DD[:, keep].T
        return root_KD


def frechet_distance(x_ND: Rows, y_MD: Rows, ddof: int = 1) -> float:
    """Fréchet distance between the Gaussians fitted to two sets of rows, in float64.

    With at most D rows on one side it is worked out from the rows themselves, to about 1e-12 of
    its terms; otherwise from :class:`Moments`. Where both apply they agree to 1e-9 of the value.

    Args:
        x_ND: candidate rows, N >= 2.
        y_MD: reference rows, M >= 2.
        ddof: covariances are divided by `N - ddof` and `M - ddof`; 1 is the original's, 0 that of
            stylegan-v and cd-fvd.

    Returns:
        The squared distance, at least 0, in squared units of the features.

    Raises:
        UsageError: for fewer than two rows, rows of different lengths, a value that is not finite.
    """
    x, y = _two_tables(x_ND, y_MD, ddof)
    if min(len(x), len(y)) > x.shape[1]:
        return distance_of_moments(Moments.of(x), Moments.of(y), ddof)
    return _distance_of_rows(x, y, ddof)


def distance_of_moments(x: Moments, y: Moments, ddof: int = 1) -> float:
    """As :func:`frechet_distance`, from moments that were summed up elsewhere.

    Raises:
        UsageError: for moments of fewer than two rows, or of rows of different lengths.
    """
    known_ddof(ddof)
    _same_width(len(x.sum_D), len(y.sum_D))
    for moments in (x, y):
        if moments.n < 2:
            raise UsageError("a covariance needs more rows", seen=moments.n, legal="2 or more")
    cross_KK = x.root(ddof) @ y.root(ddof).T
    traces = float(np.trace(x.covariance(ddof)) + np.trace(y.covariance(ddof)))
    gap_D = x.mean() - y.mean()
    return max(0.0, float(gap_D @ gap_D) + traces - 2 * _nuclear_norm(cross_KK))


def influence(x_ND: Rows, y_MD: Rows, ddof: int = 1) -> tuple[F64, F64]:
    """How each row moves the distance: its derivative by the row's share of its set, (N,) and (M,).

    Each has mean 0. With A and B the centred rows over `sqrt(N - ddof)`, `sqrt(M - ddof)` and
    `A B' = U s V'`, the derivative of the singular values' sum by a row's weight is half of
    `sum_k s_k U_ik^2`; the means and traces give the rest. For `x is y` all are 0.

    Raises:
        UsageError: as :func:`frechet_distance`.
    """
    x, y = _two_tables(x_ND, y_MD, ddof)
    gap_D = x.mean(axis=0) - y.mean(axis=0)
    a_ND, b_MD = _centred(x, ddof), _centred(y, ddof)
    (basis_x, short_x), (basis_y, short_y) = _shortened(a_ND), _shortened(b_MD)
    u, s_K, vt = np.linalg.svd(short_x @ short_y.T, full_matrices=False)
    pairs = ((a_ND, basis_x @ u, gap_D), (b_MD, basis_y @ vt.T, -gap_D))
    x_side, y_side = (_influence_of_side(a, left, s_K, gap, ddof) for a, left, gap in pairs)
    return x_side, y_side


def frechet_interval(
    x_ND: Rows,
    y_MD: Rows,
    *,
    x_clusters: Sequence[str],
    y_clusters: Sequence[str],
    confidence: float = 0.95,
    ddof: int = 1,
) -> Interval | None:
    """Interval of the mean distance at these N and M; None with fewer than two clusters on a side.

    The infinitesimal jackknife (Jaeckel 1972; Efron 1982, chapter 6): the standard error that
    :func:`influence` gives with whole clusters as the unit, times t with Welch and Satterthwaite's
    degrees of freedom. It holds the value itself and draws nothing at random. A bootstrap cannot
    stand here: its resamples repeat rows, which alone raises the distance far beyond the value.
    docs/decisions/0003-interval-of-fvd.md has the measurements.
    """
    if min(len(set(x_clusters)), len(set(y_clusters))) < 2:
        return None  # before the costly part
    value = frechet_distance(x_ND, y_MD, ddof)
    sides = zip(influence(x_ND, y_MD, ddof), (x_clusters, y_clusters), strict=True)
    made = jackknife_interval(
        value, list(sides), confidence=confidence, unit="clusters", notes=_INTERVAL_NOTES
    )
    return None if made is None else replace(made, low=max(0.0, made.low))


def difference_interval(
    x_ND: Rows,
    z_ND: Rows,
    y_MD: Rows,
    *,
    clusters: Sequence[str],
    y_clusters: Sequence[str],
    confidence: float = 0.95,
    ddof: int = 1,
) -> Interval | None:
    """Interval of the distance of `z` to the reference `y` less that of `x`.

    Row i of `x` and of `z` are a pair. As :func:`frechet_interval`, from the differences of the
    pairs' influences: what a clip and its twin share (their content) drops out, and what remains
    is what was done to one of them.
    """
    if min(len(set(clusters)), len(set(y_clusters))) < 2:
        return None
    value = frechet_distance(z_ND, y_MD, ddof) - frechet_distance(x_ND, y_MD, ddof)
    before, after = influence(x_ND, y_MD, ddof), influence(z_ND, y_MD, ddof)
    moved = zip(before, after, (clusters, y_clusters), strict=True)
    return jackknife_interval(
        value,
        [(b - a, labels) for a, b, labels in moved],
        confidence=confidence,
        unit="paired clusters",
        notes=_INTERVAL_NOTES,
    )


def _influence_of_side(a_ND: F64, left_NK: F64, s_K: F64, gap_D: F64, ddof: int) -> F64:
    n = len(a_ND)
    of_mean_N = 2 * math.sqrt(n - ddof) * (a_ND @ gap_D)
    of_spread_N = n * ((a_ND**2).sum(axis=1) - (left_NK**2 * s_K).sum(axis=1))
    moved_N: F64 = of_mean_N + of_spread_N - of_spread_N.mean()
    return moved_N


def _distance_of_rows(x_ND: F64, y_MD: F64, ddof: int) -> float:
    gap_D = x_ND.mean(axis=0) - y_MD.mean(axis=0)
    a_ND, b_MD = _centred(x_ND, ddof), _centred(y_MD, ddof)
    traces = float((a_ND**2).sum() + (b_MD**2).sum())
    return max(0.0, float(gap_D @ gap_D) + traces - 2 * _nuclear_norm(a_ND @ b_MD.T))


def _centred(x_ND: F64, ddof: int) -> F64:
    """Rows A of which A'A is the covariance."""
    centred_ND: F64 = (x_ND - x_ND.mean(axis=0)) / math.sqrt(len(x_ND) - ddof)
    return centred_ND


def _shortened(a_ND: F64) -> tuple[F64, F64]:
    """An orthonormal basis and at most D rows whose product is `a_ND`."""
    if len(a_ND) <= a_ND.shape[1]:
        return np.eye(len(a_ND)), a_ND
    basis_NK, short_KD = np.linalg.qr(a_ND)
    return basis_NK, short_KD


def _nuclear_norm(matrix: F64) -> float:
    """Sum of the singular values."""
    return float(np.linalg.svd(matrix, compute_uv=False).sum())


def _two_tables(x_ND: Rows, y_MD: Rows, ddof: int) -> tuple[F64, F64]:
    known_ddof(ddof)
    x = _table("the candidate's rows", x_ND, least=2)
    y = _table("the reference's rows", y_MD, least=2)
    _same_width(x.shape[1], y.shape[1])
    return x, y


def _table(what: str, rows: Rows, *, least: int) -> F64:
    table = np.asarray(rows, dtype=np.float64)
    if table.ndim != 2 or len(table) < least or table.shape[1] == 0:
        raise UsageError(
            f"{what} are not a table that the distance can use",
            seen=f"shape {table.shape}",
            legal=f"(n, D) with n >= {least} and D >= 1",
        )
    if not np.isfinite(table).all():
        bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
        raise UsageError(
            f"{what} hold values that are not finite",
            seen=f"{len(bad)} such rows, the first is row {bad[0]}",
            legal="finite numbers",
        )
    return table


def _same_width(x_width: int, y_width: int) -> None:
    if x_width != y_width:
        raise UsageError(
            "candidate and reference have rows of different lengths",
            seen=f"D={x_width} and D={y_width}",
            legal="features of one extractor",
        )


def known_ddof(ddof: int | str) -> int:
    if str(ddof) not in {"0", "1"}:
        raise UsageError("no such ddof", seen=ddof, legal="1 (the original) or 0")
    return int(ddof)
