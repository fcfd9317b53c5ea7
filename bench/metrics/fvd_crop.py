"""FVD with frames cropped to a square before they are resized, so that nothing is squashed.

The same rows, distance and interval as `fvd`, except for the frames: the shorter side is brought
to 256 pixels (bilinear, antialiased), the centre square is cut out, rounded down to whole grey
levels and brought to 224 x 224. That is what cd-fvd does with video files. Its own numbers differ
from these still, by batch norm's epsilon (1e-5 there) and the divisor (`ddof=0` there).

Formula:
    that of `fvd`: ‖μ_x − μ_y‖² + tr Σ_x + tr Σ_y − 2 tr (Σ_x Σ_y)^½ on I3D's 400 logits, with
    Σ divided by n − 1 (`ddof=0`: by n). The interval is the infinitesimal jackknife's.

Source:
    Unterthiner et al. 2018 (arXiv 1812.01717); the crop as in Ge et al. 2024 (arXiv 2404.12391)
    and their package cd-fvd.

Range:
    0 to infinity; not 0 for two sets of one distribution, and higher the fewer the videos.

Direction:
    Lower is closer to the reference.

Unit:
    squared logits.

Blind to:
    whatever lies outside the centre square: in a video of 16:9, 44 % of the picture. Otherwise
    what `fvd` is blind to, except aspect ratio: weak damage to time (content bias, arXiv
    2404.12391), the prompt, all but 16 frames, fine detail, copies of the reference.

Golden value:
    rows (0), (2) against (1), (5): 6.
"""

from __future__ import annotations

from bench.metrics._expects import Expects
from bench.metrics._fvd import FrechetVideoDistance, distance_column


class FvdCrop(FrechetVideoDistance):
    """FVD with a centre crop. `ddof` is its own; `frames`, `seed`, `device` go to I3D."""

    name = "fvd_crop"
    version = "1"
    resize = "crop"
    columns = (distance_column("fvd_crop", "Fréchet distance of I3D logits, centre crop"),)
    expects = (
        Expects(
            column="fvd_crop",
            rises=("gaussian_blur", "noise", "h264"),
            blind=("shuffle", "freeze"),
        ),
    )
