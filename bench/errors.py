"""What can go wrong, as one tree; the command line turns each branch into an exit code.

::

    PrescreenError            3  could not run
    ├── UsageError           64  the command, a manifest, a suite or a setting is wrong
    ├── VideoError            -  one video cannot be scored: recorded, the run goes on
    │   ├── NotAVideo            no decodable video stream, or no such file
    │   ├── NoFrames             a video stream without a single decodable frame
    │   └── TooFewFrames         fewer frames than an extractor needs
    ├── Unavailable           3  weights or an optional package are missing
    │   └── WeightsMismatch      the file is there and is not the file that was pinned
    ├── RunLocked             3  another process writes this run
    ├── RunDamaged            3  the run's hash chain or a file in it does not hold
    └── StorageError          3  the disk refused a write (full, read-only)

Every message is one line made by :func:`explain`: what is wrong, the value seen, the legal values
and what to do next.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_FAIL = 1
EXIT_INCONCLUSIVE = 2
EXIT_COULD_NOT_RUN = 3
EXIT_INCOMPLETE = 4
EXIT_USAGE = 64


def printable(value: object, limit: int = 120) -> str:
    """Untrusted text for a terminal or a message: control characters escaped, cut at `limit`."""
    text = str(value)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def explain(
    what: str, *, seen: object = None, legal: object = None, then: str | None = None
) -> str:
    """One line for a person: what is wrong, what was seen, what is legal, what to do next."""
    parts = [printable(what, 400)]
    if seen is not None:
        parts.append(f"seen: {printable(seen, 400)}")
    if legal is not None:
        parts.append(f"legal: {printable(legal, 400)}")
    if then is not None:
        parts.append(f"next: {printable(then, 400)}")
    return "; ".join(parts)


class PrescreenError(Exception):
    """Base of everything that Prescreen raises on purpose."""

    exit_code = EXIT_COULD_NOT_RUN

    def __init__(
        self, what: str, *, seen: object = None, legal: object = None, then: str | None = None
    ) -> None:
        super().__init__(explain(what, seen=seen, legal=legal, then=then))


class UsageError(PrescreenError):
    """The command, a manifest, a suite or a setting is wrong."""

    exit_code = EXIT_USAGE


class VideoError(PrescreenError):
    """One video cannot be scored; the trial is recorded as an error and the run goes on."""


class NotAVideo(VideoError):
    """The file is missing, unreadable or holds no video stream."""


class NoFrames(VideoError):
    """The video stream holds no frame that can be decoded."""


class TooFewFrames(VideoError):
    """The clip is shorter than an extractor needs."""


class Unavailable(PrescreenError):
    """Weights or an optional package are missing: the metric is unavailable, never zero."""


class WeightsMismatch(Unavailable):
    """A weights file is present and is not the one that was pinned."""


class RunLocked(PrescreenError):
    """Another process is writing this run folder."""


class RunDamaged(PrescreenError):
    """A run folder does not hold what its journal says."""


class StorageError(PrescreenError):
    """The disk refused a write."""
