"""Which frames of a video are looked at: all, spread evenly, a consecutive window, or by rate."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from fractions import Fraction

from bench.errors import TooFewFrames, UsageError

_LEGAL = "all, uniform:N, window:N, window:N@SEED or fps:RATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """A rule that picks frame indices; equal rules pick equal frames.

    `kind` is `all`, `uniform` (centres of n equal stretches), `window` (n consecutive frames, the
    offset drawn from `seed` and the video's hash) or `fps` (for each tick of a clock of `rate_fps`,
    the frame on show).
    """

    kind: str = "all"
    n: int = 0
    rate_fps: float = 0.0
    seed: int = 0

    def __str__(self) -> str:
        """The rule as :func:`parse_sampling` reads it."""
        match self.kind:
            case "uniform":
                return f"uniform:{self.n}"
            case "window":
                return f"window:{self.n}@{self.seed}"
            case "fps":
                return f"fps:{self.rate_fps:g}"
        return "all"

    def offset(self, n_frames: int, sha256: str) -> int:
        """First frame of the window in a video of `n_frames`: same bytes and seed, same offset."""
        room = n_frames - self.n + 1
        if room < 1:
            raise TooFewFrames(f"{self.n} consecutive frames are needed", seen=f"{n_frames} frames")
        draw = hashlib.sha256(f"{self.seed}:{sha256}".encode()).digest()
        return int.from_bytes(draw[:8], "big") % room

    def indices(self, n_frames: int, fps: float, sha256: str) -> range | tuple[int, ...]:
        """The picked frame indices, ascending and without repeats.

        Raises:
            TooFewFrames: when a window does not fit.
        """
        match self.kind:
            case "all":
                return range(n_frames)
            case "window":
                start = self.offset(n_frames, sha256)
                return range(start, start + self.n)
            case "uniform":
                picks = (((2 * i + 1) * n_frames) // (2 * self.n) for i in range(self.n))
                return tuple(sorted({pick for pick in picks if pick < n_frames}))
        if not fps > 0:
            raise TooFewFrames(
                "sampling by rate needs a video that states its frame rate", seen=fps
            )
        step = Fraction(fps) / Fraction(self.rate_fps)
        ticks = (math.floor(i * step) for i in range(math.ceil(n_frames / step)))
        return tuple(sorted({t for t in ticks if t < n_frames}))


def parse_sampling(text: str) -> Sampling:
    """Read a rule such as `all`, `uniform:8`, `window:16@0` or `fps:8`."""
    kind, _, rest = text.partition(":")
    try:
        if kind == "all" and not rest:
            return Sampling()
        if kind == "fps" and (rate := float(rest)) > 0 and math.isfinite(rate):
            return Sampling(kind="fps", rate_fps=rate)
        count, _, seed = rest.partition("@")
        if kind == "uniform" and not seed and int(count) > 0:
            return Sampling(kind="uniform", n=int(count))
        if kind == "window" and int(count) > 0:
            return Sampling(kind="window", n=int(count), seed=int(seed or 0))
    except ValueError:
        pass  # falls through to the one error below, which shows the text itself
    raise UsageError("a sampling rule cannot be read", seen=text, legal=_LEGAL)
