"""Fréchet Video Distance: how far the videos' I3D logits are from those of real videos.

Each video gives one row: the 400 Kinetics-400 logits of I3D, averaged over time, of 16 consecutive
frames (the first one drawn by the extractor's seed and the video's hash) squashed to 224 x 224. The
metric is the squared Fréchet distance between Gaussians fitted to the candidate's and the
reference's rows. A video of fewer frames than the window is counted as an error, never padded. It
needs I3D's pinned weights; without them the metric is unavailable, and no other network stands in.
The published size is 2048 videos on each side. FVD falls as n grows, so two values compare only at
the same n and m, and then with their intervals. `fvd_tf1` and `fvd_crop` resize by other rules and
give other numbers.

Formula:
    FVD = ‖μ_x − μ_y‖² + tr Σ_x + tr Σ_y − 2 tr (Σ_x Σ_y)^½, with Σ divided by n − 1 (`ddof=0`: by
    n, as stylegan-v and cd-fvd do). With A and B the centred rows over √(n − 1) and √(m − 1), the
    last trace is the sum of the singular values of A Bᵀ: exact also for n < 400, in float64. The
    interval is the infinitesimal jackknife's, over clusters of videos of one prompt; it speaks of
    the mean FVD at these n and m. A percentile bootstrap never covered that at n = 64 where both
    sets came from one distribution (docs/decisions/0003-interval-of-fvd.md).

Source:
    Unterthiner et al. 2018 (arXiv 1812.01717); network: Carreira and Zisserman 2017 (arXiv
    1705.07750), batch norm with epsilon 1e-3; distance: Dowson and Landau 1982.

Range:
    0 to infinity. Not 0 for two sets of one distribution: on one and the same, n = m = 8, 16, 32,
    64 gave 965, 669, 412, 255. Below 400 videos on either side, the number of logits, covariances
    are singular and every value carries a warning; below 16 there is no value: it would be bias,
    with an interval that holds the truth in 88 cases of 100.

Direction:
    Lower is closer to the reference, which is better only where the reference is what is wanted.

Unit:
    squared logits.

Blind to:
    weak damage to time. Against other clips than their own originals, frames shuffled a little
    gave 252.7 and briefly frozen clips 245.0 where undamaged clips gave 254.8; blur of the least
    step gave 408. The network knows content better than motion (content bias, arXiv 2404.12391).
    Also blind to which prompt a video answers, to all but 16 frames of a video, to aspect ratio,
    to detail that is lost at 224 x 224, to a model that copies the reference, and to anything
    beyond means and covariances. It cannot judge a single video.

Golden value:
    rows (0), (2) against (1), (5): 6. The two sets of 64 clips in tests/golden: 254.770482 (with
    `ddof=0` 251.159162). 30 black frames against 30 white ones, twice each: 151.3925.
"""

from __future__ import annotations

from bench.metrics._expects import Expects
from bench.metrics._frechet import Moments, distance_of_moments, frechet_distance
from bench.metrics._fvd import FrechetVideoDistance, distance_column

__all__ = ["Fvd", "Moments", "distance_of_moments", "frechet_distance"]


class Fvd(FrechetVideoDistance):
    """FVD by the standard protocol. `ddof` is its own; `frames`, `seed`, `device` go to I3D."""

    name = "fvd"
    version = "1"
    columns = (distance_column("fvd", "Fréchet distance of I3D logits, frames squashed to 224"),)
    expects = (
        Expects(
            column="fvd",
            rises=("gaussian_blur", "noise", "h264"),
            blind=("shuffle", "freeze", "frame_duplicate", "reverse", "loop"),
        ),
    )
