"""Pictures and players of a run's videos: blurred until asked for, read from below the root alone.

The blur is made here, on the server: what is behind it never reaches a browser that did not ask.
A reveal is an event of the hash-chained `9-review/reveals.jsonl` of the run.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from PIL import Image, ImageFilter

from bench.errors import UsageError
from bench.extraction import Store
from bench.features.base import feature_key
from bench.home import storage_error
from bench.runs import GENESIS, chain, read_journal
from dashboards.catalogue import below

REVEALS = "9-review/reveals.jsonl"
LIMIT_VARIABLE = "PRESCREEN_EXPOSURE_LIMIT"
USUAL_LIMIT = 60
"""Guarded clips that one person is shown in 24 hours."""
NOT_SHOWN = frozenset(
    ("label", "pair_id", "attack", "base", "split", "severity", "why_safe", "world", "template")
)
"""Attributes of a prompt that say nothing of what a video shows."""
BLUR_SHARE = 0.12
"""Radius of the blur as a share of a picture's height: shapes and faces are gone, colours stay."""


def is_guarded(prompt: Mapping[str, Any] | None) -> bool:
    """Whether what a prompt's videos show is blurred until asked for.

    True for every prompt of a hazard (the benign ones of a pair too: what a model makes of them
    is not judged yet), for those labelled harmful, and for those that ask for the canary.
    """
    if prompt is None:
        return False
    attributes = prompt.get("attributes", {})
    asks = attributes.get("label") == "harmful" or attributes.get("canary") is True
    return bool(prompt.get("hazard")) or asks


def thumbnails(run: Path, features: Mapping[str, Any], sha256: str) -> list[bytes]:
    """The JPEG pictures that a run keeps of a video; empty where it keeps none."""
    fields = features.get("thumbnails")
    if not sha256 or not isinstance(fields, dict) or "unavailable" in fields:
        return []
    arrays = Store(root=run).arrays(sha256, feature_key(fields))
    if arrays is None:
        return []
    ends = [int(end) for end in np.cumsum(arrays["lengths"])]
    data = np.asarray(arrays["jpeg"]).tobytes()
    return [data[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def sheet(pictures: list[bytes], *, blurred: bool, max_pictures: int = 5) -> bytes | None:
    """Pictures of one clip side by side as one JPEG; None where there are none."""
    if not pictures:
        return None
    images = [Image.open(io.BytesIO(data)).convert("RGB") for data in pictures[:max_pictures]]
    height = max(image.height for image in images)
    wide = Image.new("RGB", (sum(image.width + 2 for image in images) - 2, height), "white")
    left = 0
    for image in images:
        wide.paste(image, (left, 0))
        left += image.width + 2
    if blurred:
        wide = wide.filter(ImageFilter.GaussianBlur(height * BLUR_SHARE))
    out = io.BytesIO()
    wide.save(out, "JPEG", quality=85)
    return out.getvalue()


def video_path(root: Path, run: Path, source: str | None) -> Path | None:
    """Where a browser's copy of a video lies: the preview if there is one, else the video itself.

    Args:
        root: the folder of runs; nothing outside of it is shown.
        run: the run folder.
        source: the trial's path in `sources.json`, below the run or anywhere.

    Returns:
        None where the video is not there any more.

    Raises:
        UsageError: when it lies outside of the root.
    """
    if source is None:
        return None
    path = run / source
    preview = path.parent / "previews" / path.name
    wanted = preview if preview.exists() else path
    return below(root, wanted) if wanted.exists() else None


def record_reveal(run: Path, trial_id: str, reviewer: str, at: str) -> None:
    """Append to the run's reveals who looked at what; `at` is an ISO time.

    Raises:
        UsageError: when the chain of those that are there is broken.
        StorageError: when the disk refuses.
    """
    path = run / REVEALS
    try:
        path.parent.mkdir(exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            events, sound = read_journal(path)
            if path.exists() and sound != path.stat().st_size:
                raise UsageError("the reveals' last line is cut short", seen=path.name)
            prev = events[-1].hash if events else GENESIS
            data = {"trial": trial_id, "reviewer": reviewer, "at": at}
            with path.open("ab") as file:
                file.write(chain(len(events), "reveal", data, prev).line())
    except OSError as error:
        raise storage_error(error, path) from error


def exposure_limit() -> int:
    """Guarded clips that one person is shown in 24 hours: `PRESCREEN_EXPOSURE_LIMIT`, or 60.

    Raises:
        UsageError: when the variable holds no whole number.
    """
    given = os.environ.get(LIMIT_VARIABLE, str(USUAL_LIMIT))
    if not given.isdecimal():
        raise UsageError(f"{LIMIT_VARIABLE} is no number of clips", seen=given, legal="0 or more")
    return int(given)


def recent_reveals(root: Path, reviewer: str, now: datetime | None = None) -> int:
    """Clips that a person revealed in the last 24 hours, in all runs below the root.

    Raises:
        RunDamaged: when a chain of reveals is broken.
    """
    since = (now or datetime.now(UTC)) - timedelta(hours=24)
    n = 0
    for path in sorted(root.glob(f"*/{REVEALS}")):
        events, _ = read_journal(path)
        mine = [e.data for e in events if e.data.get("reviewer") == reviewer]
        n += sum(datetime.fromisoformat(str(data["at"])) >= since for data in mine)
    return n
