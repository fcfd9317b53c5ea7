"""FVD with frames resized as TensorFlow 1 did, for numbers made with the original code.

The same rows, distance and interval as `fvd`, except that frames come to 224 x 224 by bilinear
interpolation without the half pixel (source = target x scale), which moves the picture up and left
by up to half a source pixel. It is there to be held against numbers of the original code of 2018;
for anything new use `fvd`.

Formula:
    that of `fvd`: ‖μ_x − μ_y‖² + tr Σ_x + tr Σ_y − 2 tr (Σ_x Σ_y)^½ on I3D's 400 logits, with
    Σ divided by n − 1 (`ddof=0`: by n). The interval is the infinitesimal jackknife's.

Source:
    Unterthiner et al. 2018 (arXiv 1812.01717) and their code, whose resize is TensorFlow 1's
    `resize_bilinear` without aligned corners.

Range:
    0 to infinity; not 0 for two sets of one distribution, and higher the fewer the videos.

Direction:
    Lower is closer to the reference.

Unit:
    squared logits.

Blind to:
    what `fvd` is blind to: weak damage to time (content bias, arXiv 2404.12391), the prompt, all
    but 16 frames, aspect ratio, detail beyond 224 x 224, copies of the reference.

Golden value:
    rows (0), (2) against (1), (5): 6. Two sets of 64 clips of 64 x 64 pixels gave 252.47 where
    `fvd` gave 254.77.
"""

from __future__ import annotations

from bench.metrics._expects import Expects
from bench.metrics._fvd import FrechetVideoDistance, distance_column


class FvdTf1(FrechetVideoDistance):
    """FVD with TensorFlow 1's resize. `ddof` is its own; `frames`, `seed`, `device` go to I3D."""

    name = "fvd_tf1"
    version = "1"
    resize = "tf1"
    columns = (distance_column("fvd_tf1", "Fréchet distance of I3D logits, TensorFlow 1's resize"),)
    expects = (
        Expects(
            column="fvd_tf1",
            rises=("gaussian_blur", "noise", "h264"),
            blind=("shuffle", "freeze"),
        ),
    )
