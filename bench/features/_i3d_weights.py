"""I3D's checkpoint: read without running it, batch norm folded in, kept as safetensors.

The published checkpoint is a pickle. Its bytes are compared with the pinned sha256 before they are
unpickled, and the unpickler knows three names of numpy and nothing else. What the network needs
(one kernel and one bias a unit) is then kept in the cache, from where every process maps the same
pages into its memory.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench import weights
from bench.errors import WeightsMismatch
from bench.features.cache import arrays_digest
from bench.home import write_atomic
from bench.types import Arrays

if TYPE_CHECKING:
    import torch

NAME = "i3d-kinetics-400"
BATCH_NORM_EPS = 1e-3
"""Of the original (Sonnet); ports that took torch's default of 1e-5 give other numbers."""

_LAYOUT = "1"  # part of the file's name: raise it when the conversion changes
_RECONSTRUCT = np.empty(0).__reduce__()[0]
_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def load() -> dict[str, torch.Tensor]:
    """The folded network: `UNIT/kernel` (O, I, T, H, W), channels last in memory, and `UNIT/bias`.

    Raises:
        Unavailable: when the checkpoint is not on this machine.
        WeightsMismatch: when it is not the pinned one.
    """
    source = weights.locate(NAME)
    converted = weights.asset(NAME).folder / f"folded-{_LAYOUT}.safetensors"
    tensors = _open(converted)
    if tensors is None:
        write_atomic(converted, _convert(source))
        tensors = _open(converted)
    if tensors is None:
        raise WeightsMismatch("the converted weights do not read back", seen=converted)
    return {
        name: tensor.permute(0, 4, 1, 2, 3) if tensor.ndim == 5 else tensor
        for name, tensor in tensors.items()
    }


def read_checkpoint(data: bytes, sha256: str) -> dict[str, Any]:
    """The checkpoint's nested dictionaries of arrays.

    Raises:
        WeightsMismatch: when the bytes are not those with this sha256, or want more than arrays.
    """
    seen = hashlib.sha256(data).hexdigest()
    if seen != sha256:
        raise WeightsMismatch("the I3D checkpoint is not the pinned one", seen=seen, legal=sha256)
    try:
        tree: dict[str, Any] = _ArraysOnly(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, EOFError) as error:
        raise WeightsMismatch("the I3D checkpoint cannot be read", seen=error) from error
    return tree


def fold(tree: Mapping[str, Any]) -> Arrays:
    """Kernels (O, T, H, W, I) and biases (O,) with batch norm folded in, in float64, by unit."""
    folded: dict[str, npt.NDArray[np.float32]] = {}
    for path in _units(tree["params"]):
        unit, statistics = tree["params"], tree["batch_stats"]
        for part in path:
            unit, statistics = unit[part], statistics.get(part, {})
        kernel = unit["Conv_0"]["kernel"].astype(np.float64)
        if statistics:
            scale = 1 / np.sqrt(_vector(statistics["BatchNorm_0"]["var"]) + BATCH_NORM_EPS)
            kernel = kernel * scale
            bias = _vector(unit["BatchNorm_0"]["bias"])
            bias = bias - _vector(statistics["BatchNorm_0"]["mean"]) * scale
        else:
            bias = _vector(unit["Conv_0"]["bias"])
        name = "/".join(path)
        folded[f"{name}/kernel"] = np.ascontiguousarray(np.moveaxis(kernel, -1, 0), np.float32)
        folded[f"{name}/bias"] = bias.astype(np.float32)
    return folded


class _ArraysOnly(pickle.Unpickler):
    """Builds numpy arrays and Python's own containers; every other name is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no array")
        return _ALLOWED[module, name]


def _units(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of the dictionaries that hold a convolution."""
    if "Conv_0" in tree:
        return [path]
    return [unit for key, below in tree.items() for unit in _units(below, (*path, key))]


def _vector(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return values.astype(np.float64).ravel()


def _convert(source: Path) -> bytes:
    from safetensors.numpy import save

    folded = fold(read_checkpoint(source.read_bytes(), weights.asset(NAME).sha256))
    data: bytes = save(dict(folded), metadata={"digest": arrays_digest(folded)})
    return data


def _open(path: Path) -> dict[str, torch.Tensor] | None:
    """The tensors in a file, mapped into memory; None when it is absent or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            digest = (file.metadata() or {}).get("digest")
    except (OSError, SafetensorError):
        return None
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    return tensors if digest == arrays_digest(arrays) else None
