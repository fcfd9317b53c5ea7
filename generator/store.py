"""Files of weights: safetensors with a header that says what they are, read with suspicion."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

ONTO = "onto"
"""In the header of a difference: the sha256 of the file that it is added to."""


class BadWeights(ValueError):
    """A file of weights is truncated, tampered with or for another network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Tensors by name and what the header says of them."""

    tensors: Mapping[str, Tensor]
    about: Mapping[str, str]
    sha256: str


def write_atomic(path: Path, data: bytes) -> None:
    """All of the file or nothing, whatever kills the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def save_weights(
    path: Path,
    tensors: Mapping[str, Tensor],
    about: Mapping[str, str],
    *,
    dtype: torch.dtype = torch.float16,
) -> str:
    """Write tensors as `dtype`; returns the file's sha256."""
    from safetensors.torch import save

    plain = {name: t.detach().to(dtype).contiguous() for name, t in tensors.items()}
    data = save(plain, metadata=dict(sorted(about.items())))
    write_atomic(path, data)
    return hashlib.sha256(data).hexdigest()


def load_weights(path: Path, *, sha256: str | None = None) -> Weights:
    """Read and check a file; tensors come back as float32.

    Raises:
        FileNotFoundError: when it is not there.
        BadWeights: when it is not whole, or not the file that `sha256` names.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    data = path.read_bytes()
    seen = hashlib.sha256(data).hexdigest()
    if sha256 is not None and seen != sha256:
        raise BadWeights(
            f"{path.name} is not the pinned file; seen: sha256 {seen[:16]}…; "
            f"legal: {sha256[:16]}…; next: restore it from git"
        )
    try:
        tensors = {name: t.float() for name, t in load(data).items()}
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
    except (SafetensorError, ValueError) as error:
        raise BadWeights(f"{path.name} is not whole: {error}; next: restore it") from error
    if not all(bool(t.isfinite().all()) for t in tensors.values()):
        raise BadWeights(f"{path.name} holds numbers that are not finite; next: restore it")
    return Weights(tensors=tensors, about=header.get("__metadata__", {}), sha256=seen)


def save_difference(
    path: Path, tensors: Mapping[str, Tensor], onto: Weights, about: Mapping[str, str]
) -> str:
    """Write how `tensors` differ from a file's, in eight bits; returns the file's sha256.

    A student is close to its teacher, so a difference that is right to 3 % costs nothing and needs
    half the room. The header names the other file by sha256 and holds a scale for each tensor.
    """
    moved = {name: tensors[name].detach().float() - base for name, base in onto.tensors.items()}
    largest = torch.finfo(torch.float8_e4m3fn).max
    scales = {name: float(d.abs().max()) / largest or 1.0 for name, d in moved.items()}
    scaled = {name: d / scales[name] for name, d in moved.items()}
    about = {**about, ONTO: onto.sha256, "scales": json.dumps(scales, sort_keys=True)}
    return save_weights(path, scaled, about, dtype=torch.float8_e4m3fn)


def add_difference(weights: Weights, onto: Weights) -> dict[str, Tensor]:
    """The tensors that `save_difference` was given.

    Raises:
        BadWeights: when the difference is not to that file.
    """
    try:
        scales = json.loads(weights.about["scales"])
        if weights.about[ONTO] != onto.sha256:
            raise BadWeights(
                f"a student is of another teacher; seen: sha256 {onto.sha256[:16]}…; "
                f"legal: {weights.about[ONTO][:16]}…; next: restore both from git"
            )
        return {k: base + scales[k] * weights.tensors[k] for k, base in onto.tensors.items()}
    except (KeyError, RuntimeError) as error:
        raise BadWeights(f"not a difference to this file: {error!r}; next: restore it") from error


def fill(module: nn.Module, tensors: Mapping[str, Tensor], what: str) -> None:
    """Put tensors into a module; every name and shape must fit.

    Raises:
        BadWeights: when they are of another network.
    """
    own = module.state_dict()
    odd = sorted(own.keys() ^ tensors.keys())
    odd += sorted(k for k in own.keys() & tensors.keys() if own[k].shape != tensors[k].shape)
    if odd:
        raise BadWeights(
            f"these weights are not of {what}: {len(odd)} names or shapes differ, first {odd[0]!r}"
        )
    module.load_state_dict(dict(tensors))
