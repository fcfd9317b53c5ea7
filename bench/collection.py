"""Features of videos without a run: what `prescreen extract` writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import registry
from bench.engines.local import Local
from bench.errors import PrescreenError, UsageError
from bench.extraction import Notify
from bench.features.base import Extractor
from bench.features.cache import FeatureCache
from bench.features.feed import Job
from bench.home import write_atomic
from bench.models.folder import Folder, ListedVideo
from bench.types import Arrays
from bench.videos.read import sha256 as video_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Arrays by name, and why some videos gave none."""

    arrays: Mapping[str, np.ndarray]
    errors: Mapping[str, str]
    n_videos: int


def collect(sources: Sequence[str], spec: str, *, workers: int | None, notify: Notify) -> Collected:
    """Read one extractor's features of all videos that the sources name, through the cache."""
    extractor: Extractor = registry.build("feature", spec)
    key, cache = extractor.key(), FeatureCache()
    videos = [video for source in sources for video in Folder().list_videos(source).videos]
    _refuse_twins(videos)
    errors: dict[str, str] = {}
    hashes = {v.name: sha for v in videos if (sha := _hash(v, errors))}
    held = {sha: cache.get(sha, key) for sha in hashes.values()}
    paths = {hashes[v.name]: v.path for v in videos if v.name in hashes}
    jobs = [
        Job(path=path, sha256=sha, specs=(spec,))
        for sha, path in paths.items()
        if held[sha] is None and path is not None
    ]
    size = extractor.batch_size
    shards = [jobs[i : i + size] for i in range(0, len(jobs), size)]
    reasons: dict[str, str] = {}
    for job, reading in zip(jobs, Local(workers).read(shards, [spec]), strict=True):
        arrays = reading.features.get(spec)
        if arrays is None:
            reasons[job.sha256] = reading.error or reading.problems[spec]
        else:
            cache.put(job.sha256, key, arrays)
            held[job.sha256] = dict(arrays)
        notify(len(jobs), job.path.name)
    errors |= {name: reasons[sha] for name, sha in hashes.items() if sha in reasons}
    named: dict[str, np.ndarray] = {}
    for name, sha in hashes.items():
        named |= _named(name, held[sha] or {}, extractor.primary)
    return Collected(arrays=named, errors=errors, n_videos=len(hashes) - len(reasons))


def _refuse_twins(videos: Sequence[ListedVideo]) -> None:
    """Arrays are named by file, so two files of one name cannot go into one archive."""
    seen: dict[str, ListedVideo] = {}
    for video in videos:
        twin = seen.setdefault(video.name, video)
        if twin is not video:
            raise UsageError(
                f"two videos are called {video.name}",
                seen=f"{twin.path} and {video.path}",
                then="extract them into two files, or give the folder above both",
            )


def _hash(video: ListedVideo, errors: dict[str, str]) -> str:
    if video.problem or video.path is None:
        errors[video.name] = video.problem or "missing"
        return ""
    try:
        return video_sha256(video.path)
    except (OSError, PrescreenError) as error:
        errors[video.name] = str(error)
        return ""


def _named(name: str, arrays: Arrays, primary: str) -> dict[str, np.ndarray]:
    """The primary array under the video's own name, every other under `name/array`."""
    return {
        name if array == primary else f"{name}/{array}": np.asarray(value)
        for array, value in arrays.items()
    }


def write_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a NumPy archive, whole or not at all; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    # not np.savez(**arrays): a video may be called `file`
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, value in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, value, allow_pickle=False)
    write_atomic(path, buffer.getvalue())
