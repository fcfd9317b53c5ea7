"""Weights that presets share: one file, pinned where it is read, stored once.

Three things are another preset's: a text adapter (`Preset.text_from`), a whole stage (one that is
grown and has no phases of its own), and all of a stage but its temporal layers (one that trains
nothing else). Folders of presets lie side by side; an index names the other preset, never a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from generator import presets
from generator.stages import Preset, StageConfig
from generator.store import ONTO, BadWeights, Weights, add_difference, load_weights

TEXT = "text"
STUDENT = "-student"
"""A distilled stage's file has this at the end of its stem; without it, it is the teacher's."""


def own_tensors(stage: StageConfig, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What is to be stored of a stage: all, or only what it trains."""
    only = stage.grown_from is not None and stage.trains == "temporal"
    return {name: v for name, v in tensors.items() if not only or "temporal" in name}


def text_path(folder: Path, preset: Preset) -> Path:
    """The adapter that training reads: the folder's own, or the one that the preset shares."""
    own = folder / f"{TEXT}.safetensors"
    if own.is_file() or preset.text_from is None:
        return own
    return folder.parent / preset.text_from / own.name


def shared_entry(folder: Path, preset: Preset, name: str) -> dict[str, object] | None:
    """The index's entry of what another preset's file holds whole; `None` when there is none."""
    if name == TEXT:
        return _reference(folder, preset.text_from, TEXT) if preset.text_from else None
    stage = preset.stage(name)
    return _reference(folder, *stage.grown_from) if stage.grown_from and stage.kin_whole else None


def rest_entry(
    folder: Path, stage: StageConfig, tensors: Mapping[str, Tensor]
) -> dict[str, object] | None:
    """Where the rest of a stage lies when its file holds temporal layers only."""
    if stage.grown_from is None or not all("temporal" in name for name in tensors):
        return None
    entry = _reference(folder, *stage.grown_from)
    if entry is None:
        kin, name = stage.grown_from
        raise FileNotFoundError(
            f"{stage.name} is stored without what it shares with {kin}'s {name}, which is not "
            f"beside {folder.name}; next: export {kin}'s {name}"
        )
    return entry


def as_listed(stage: StageConfig, entry: Mapping[str, Any]) -> StageConfig:
    """The stage with the steps, guidance and shift that its weights were made for."""
    return replace(
        stage,
        n_steps=int(entry.get("n_steps", stage.n_steps)),
        guidance=float(entry.get("guidance", stage.guidance)),
        noise=replace(stage.noise, shift=float(entry.get("shift", stage.noise.shift))),
    )


def tensors_of(folder: Path, entry: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors of an index's entry, each file checked.

    Raises:
        BadWeights: when a file is missing, not the pinned one, or not in a preset's folder.
    """
    named = str(entry["file"])
    if Path(named).name != named or "\\" in named:
        raise BadWeights(
            f"the index names a file outside its folder; seen: {named!r}; legal: a bare file name; "
            "next: do not use these weights"
        )
    path = _place(folder, entry) / named
    if not path.is_file():
        raise BadWeights(f"{path.name} is named by the index and is not there; next: restore it")
    weights = load_weights(path, sha256=str(entry["sha256"]))
    tensors = dict(weights.tensors)
    if ONTO in weights.about:
        tensors = add_difference(weights, _teacher(path))
    rest = entry.get("rest")
    return tensors if rest is None else {**tensors_of(folder, rest), **tensors}


def _teacher(student: Path) -> Weights:
    path = student.with_name(student.name.replace(STUDENT, ""))
    if not path.is_file():
        raise BadWeights(f"{student.name} needs {path.name}, which is not there; next: restore it")
    return load_weights(path)


def _place(folder: Path, entry: Mapping[str, Any]) -> Path:
    preset = entry.get("preset")
    if preset is None:
        return folder
    if preset not in presets.names():
        raise BadWeights(
            f"the index names a preset that is not known; seen: {preset!r}; "
            f"legal: {', '.join(presets.names())}"
        )
    return folder.parent / str(preset)


def _reference(folder: Path, kin: str, name: str) -> dict[str, object] | None:
    path = folder.parent / kin / f"{name}.safetensors"
    if not path.is_file():
        return None
    return {"preset": kin, "file": path.name, "sha256": load_weights(path).sha256}
