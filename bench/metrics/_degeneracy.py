"""What tells a degenerate clip from a plain one: pure functions on the arrays of `pixels`.

`x_TD` are frames as vectors; `hash_T` are hashes of whole frames, equal where frames are equal;
pairs are consecutive frames. What is a near repeat is judged against the clip's own movement, since
a codec's noise on a still picture is as large as the slowest movement of real ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
U64 = npt.NDArray[np.uint64]

DARK_LEVEL = 25.0
"""A frame is black when 98 % of its luma lies within a tenth of the range."""
PLAIN_STD = 4.0
"""A frame is blank when no channel varies by more than this."""
EMPTY_SHARE = 0.5
"""A clip is black or blank when more than this share of its frames is: a fade-in is a video."""
FROZEN_RANGE = 0.8
"""A clip is frozen when its blocks stay within this range: unseen, or a codec's noise."""
STILL_CHANGE = 1.0
"""A pair can be a near repeat only if its blocks change by less than this, ..."""
STILL_RATIO = 0.4
"""... and by less than this share of the largest change within two pairs on either side."""
DUPLICATED_SHARE = 0.28
"""One step in four may be a repeat: frame rates are converted so (24 to 30 fps), and shown well."""
MIN_REPEATS = 5
"""Below this many frames, one step is too large a share of them."""
LOOP_SIMILARITY = 0.65
"""A loop comes back at least so much nearer than it went away."""
LOOP_RESIDUAL = 1.0
"""Frames a period apart may differ by this much (rms of the thumbnail), not more."""
SAME_LOOP = 0.05
"""Periods whose similarities differ by no more are multiples of one; the shortest is named."""
MAX_PERIOD = 600
MIN_LOOP = 4
"""Frames of the shortest clip with a period: 2 frames, twice."""
SHUFFLE_DETOUR = 1.7
SHUFFLE_NEARNESS = 0.5
"""A clip is shuffled when both of its ratios are at least these."""
BRIGHTNESS_SHARE = 0.7
"""Where brightness is as much of the steps, or more, nothing is said of the order. Shuffled film
has 0.02 to 0.44, film whose order flicker seemed to spoil, since levels had clipped, 0.95 to 1."""
WINDOW = 64
"""Frames put in order at a time."""
MIN_ORDERED = 8
"""Below this many frames, chance alone puts shuffled ones in order too often."""
_FLAT_STD = 4.0


def black_share(luma_quantiles_TQ: F64) -> float:
    """Share of frames that are black; the last quantile is the one of 98 %."""
    return float(np.mean(luma_quantiles_TQ[:, -1] <= DARK_LEVEL))


def blank_share(std_TC: F64) -> float:
    """Share of frames of a single colour."""
    return float(np.mean(std_TC.max(axis=1) <= PLAIN_STD))


def duplicated_share(hash_T: U64, change_P: F64) -> float:
    """Share of pairs whose second frame repeats the first, exactly or but for a codec's noise.

    A near repeat stands between real changes (frames held at a lower rate): a slow clip has none,
    and one that starts or stops has them on one side only.
    """
    near_P = change_P < np.minimum(STILL_CHANGE, STILL_RATIO * _beside(change_P))
    return float(np.mean((hash_T[1:] == hash_T[:-1]) | near_P))


def _beside(change_P: F64) -> F64:
    """The largest change within two pairs on the quieter side; at either end, of the one there."""
    pad_P = np.pad(change_P, 2, constant_values=-1.0)
    before_P = np.maximum(pad_P[:-4], pad_P[1:-3])
    after_P = np.maximum(pad_P[3:-1], pad_P[4:])
    quieter_P = np.where(before_P < 0, after_P, np.where(after_P < 0, before_P, 0))
    inner_P = (before_P >= 0) & (after_P >= 0)
    return np.where(inner_P, np.minimum(before_P, after_P), quieter_P)


def lag_means(x_TD: F64, n_lags: int) -> F64:
    """Mean rms distance of frames 1, 2, ... `n_lags` apart, (n_lags,)."""
    root = x_TD.shape[1] ** 0.5
    gaps = (x_TD[lag:] - x_TD[:-lag] for lag in range(1, n_lags + 1))
    return np.array([np.linalg.norm(gap, axis=1).mean() / root for gap in gaps])


def loop(hash_T: U64, x_TD: F64) -> tuple[int, float]:
    """The period p (2 frames to half the clip) that comes back nearest, and its similarity.

    The similarity is 1 - D(p) / max over q < p of D(q), where D(q) is the mean distance of frames q
    apart; (0, 0.0) where no period has a D(p) within the noise. A clip that runs back along the
    same frames, byte for byte, has no period and a similarity of 1: (0, 1.0).
    """
    if _mirrored(hash_T):
        return 0, 1.0
    distance_L = lag_means(x_TD, min(len(x_TD) // 2, MAX_PERIOD))
    if len(distance_L) < 2:
        return 0, 0.0
    away_L, back_L = np.maximum.accumulate(distance_L)[:-1], distance_L[1:]
    near_L = (back_L <= LOOP_RESIDUAL) & (away_L > 0)
    similar_L = np.where(near_L, 1 - back_L / np.where(away_L > 0, away_L, 1.0), 0.0)
    best = float(similar_L.max())
    if best <= 0:
        return 0, 0.0
    # a multiple of the period comes back as near, but for the noise
    return 2 + int(np.argmax(similar_L >= best - SAME_LOOP)), best


def shuffle_ratios(x_TD: F64) -> tuple[float, float]:
    """How far the frames' order is from a short way through them: (detour, nearness).

    `detour` is the length of the way from frame to frame over that of the shortest tree that joins
    the frames, which no order can beat. `nearness` is the mean distance of frames at the best lag
    over that of any two frames: near 0 where neighbours (or frames a beat apart) are alike, 1 where
    the order says nothing. Both are medians over windows of at most 64 frames.
    """
    windows = np.array_split(_standardised(x_TD), -(-len(x_TD) // WINDOW))
    detour, nearness = np.median([_window_ratios(window) for window in windows], axis=0)
    return float(detour), float(nearness)


def brightness_share(x_TD: F64) -> float:
    """How much of the step from frame to frame is brightness as a whole, 0 to 1.

    The mean step of the frames' means over the mean rms distance of neighbours. Where it is near 1,
    what is left beside brightness is what clipped levels have lost, and orders nothing.
    """
    whole = float(lag_means(x_TD, 1)[0])
    return float(np.abs(np.diff(x_TD.mean(axis=1))).mean()) / whole if whole > 0 else 0.0


def _window_ratios(x_TD: F64) -> tuple[float, float]:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import pdist, squareform

    pairs = pdist(x_TD, "cityblock")
    distance_TT = squareform(pairs)
    # single linkage joins frames along their minimum spanning tree
    tree = float(linkage(pairs, "single")[:, 2].sum())
    if tree == 0:
        return 1.0, 0.0
    path = float(np.diagonal(distance_TT, 1).sum())
    lags = range(1, len(x_TD) // 2 + 1)
    nearest = min(float(np.diagonal(distance_TT, lag).mean()) for lag in lags)
    return path / tree, nearest / float(pairs.mean())


def _standardised(x_TD: F64) -> F64:
    """Frames without brightness and contrast: a flicker is not a change of order."""
    centred = x_TD - x_TD.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(centred.std(axis=1, keepdims=True), _FLAT_STD))


def _mirrored(hash_T: U64) -> bool:
    """Whether at least three quarters of the clip mirror, byte for byte, about one instant."""
    n = len(hash_T)
    for ends in range(n - 1 - n // 4, n + n // 4):
        i = np.arange(max(0, ends - n + 1), (ends + 1) // 2)
        # a picture that is held mirrors about its middle too, and runs nowhere
        if len(set(hash_T[i].tolist())) > 2 and bool(np.all(hash_T[i] == hash_T[ends - i])):
            return True
    return False
