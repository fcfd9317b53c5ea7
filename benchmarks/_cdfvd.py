"""cd-fvd 0.1.1 in a virtual environment of its own, with our pinned I3D weights.

What it needed to run today (November 2026, Python 3.11):

- It asks for any torchvision and reads files with `torchvision.datasets.video_utils.VideoClips`.
  The newest torchvision hands files to torchcodec, which wants FFmpeg's shared libraries. 0.23.0 is
  installed without its dependencies (it pins another torch): it decodes with PyAV, as torchvision
  did when cd-fvd was published.
- Its C++ library does not load beside another torch: see `_cdfvd_side.let_torchvision_load`.
- cd-fvd downloads its checkpoint from an address on the web. It is given ours instead, in the
  layout of its network. Its batch norm adds 1e-5 to the variance where the original adds 1e-3; the
  difference is put into the variances, so that both networks are one function.
- scipy before 1.18, which takes away the option `disp` of `sqrtm`; constraints.txt pins such a one.
- Its number of generated videos is set to all there are; the default draws them again up to 2048.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._result import BenchmarkFailed

HERE = Path(__file__).parent
VENV = HERE / ".venv"
TORCHVISION = "0.23.0"
EPS_SHIFT = 1e-3 - 1e-5
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_BRANCHES = {
    "Branch_0/Conv3d_0a_1x1": "b0",
    "Branch_1/Conv3d_0a_1x1": "b1a",
    "Branch_1/Conv3d_0b_3x3": "b1b",
    "Branch_2/Conv3d_0a_1x1": "b2a",
    "Branch_2/Conv3d_0b_3x3": "b2b",
    "Branch_3/Conv3d_0b_1x1": "b3b",
}


def python() -> Path:
    """The interpreter of the environment, which is made when it is not there."""
    ready = VENV / ".ready"
    if not ready.exists():
        _make()
        ready.touch()
    return VENV / "bin" / "python"


def _make() -> None:
    print(f"making {VENV.name} with cd-fvd 0.1.1 (about a minute)", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet"]
    pins = ["-c", HERE.parent / "constraints.txt"]
    torch = f"torch=={metadata.version('torch').partition('+')[0]}"
    needs = ["numpy", "scipy", "tqdm", "pillow", "requests", "einops==0.8.2", "av"]
    subprocess.run([*pip, *pins, torch, *needs], check=True)
    wheels = [f"torchvision=={TORCHVISION}", "cd-fvd==0.1.1"]
    subprocess.run([*pip, "--no-deps", *wheels], check=True)


def write_checkpoint(path: Path) -> None:
    """Our pinned checkpoint as cd-fvd's network class loads it."""
    import torch

    from bench import weights
    from bench.features import _i3d_weights as i3d

    source = weights.locate(i3d.NAME)
    tree = i3d.read_checkpoint(source.read_bytes(), weights.asset(i3d.NAME).sha256)
    state: dict[str, Any] = {}
    for unit in i3d._units(tree["params"]):
        params, statistics = tree["params"], tree["batch_stats"]
        for part in unit:
            params, statistics = params[part], statistics.get(part, {})
        state |= _unit(_their_name(unit), params, statistics)
    torch.save({k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in state.items()}, path)


def _their_name(unit: tuple[str, ...]) -> str:
    outer, _, inner = "/".join(unit).partition("/")
    if outer == "Logits":
        return "logits"
    return f"{outer}.{_BRANCHES[inner]}" if inner else outer


def _unit(name: str, params: dict[str, Any], statistics: dict[str, Any]) -> dict[str, Any]:
    kernel_THWIO = params["Conv_0"]["kernel"]
    made = {f"{name}.conv3d.weight": kernel_THWIO.transpose(4, 3, 0, 1, 2)}
    if not statistics:
        return {**made, f"{name}.conv3d.bias": params["Conv_0"]["bias"].ravel()}
    bias = params["BatchNorm_0"]["bias"].ravel()
    norm = statistics["BatchNorm_0"]
    return {
        **made,
        f"{name}.bn.weight": np.ones_like(bias),
        f"{name}.bn.bias": bias,
        f"{name}.bn.running_mean": norm["mean"].ravel(),
        f"{name}.bn.running_var": norm["var"].ravel() + np.float32(EPS_SHIFT),
        f"{name}.bn.num_batches_tracked": np.array(0),
    }


def command(real: Path, fake: Path, checkpoint: Path) -> list[str]:
    """The call that measures cd-fvd, from an empty state: it keeps a file in each folder."""
    for folder in (real, fake):
        for kept in folder.glob("metadata_*.pkl"):
            kept.unlink()
    return [str(p) for p in (python(), HERE / "_cdfvd_side.py", real, fake, checkpoint)]


def environment() -> dict[str, str]:
    """Ours without limits on threads: cd-fvd gets every core, as torch gives them by default."""
    return {k: v for k, v in os.environ.items() if k not in _THREADS}


def answer(output: str) -> dict[str, Any]:
    """What `_cdfvd_side.py` printed last."""
    last = output.strip().splitlines()[-1:]
    try:
        record: dict[str, Any] = json.loads(last[0])
    except (IndexError, ValueError) as error:
        raise BenchmarkFailed(f"cd-fvd gave no number: {output[-400:]}") from error
    return record
