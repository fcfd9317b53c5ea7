"""Folders of small videos, and the bytes of run folders."""

from pathlib import Path

from bench.videos.write import write_master
from support.clips import moving

UNCHAINED = {".lock", "sources.json"}
"""Files of a run that say where it ran, not what it found."""

LIGHT = ("sharpness", "degenerate", "warping_error", "temporal_flicker")
"""Metrics without torch in the workers, for quick runs."""


def make_folder(folder: Path, n: int = 4, *, seed: int = 0, frames: int = 8) -> Path:
    """A folder of n clips that slide at different speeds."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n):
        clip = moving(frames, 48, 64, dx=1.0 + i % 3, dy=0.5, seed=seed + i)
        write_master(folder / f"clip{i:02d}.mp4", iter(clip), 24)
    return folder


def run_bytes(root: Path) -> dict[str, bytes]:
    """Every file of a run that must not depend on how it was made, by name."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in UNCHAINED
    }
