"""Where a CLIP checkpoint lies, what its files are, and how it wants its images prepared.

Nothing here is heavy and nothing reaches the network: a checkpoint is a local folder, one that
`prescreen weights fetch` made, or a repository in the Hugging Face cache.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import weights
from bench.errors import Unavailable, UsageError, WeightsMismatch

ALIASES: Mapping[str, str] = {
    "b32": "openai/clip-vit-base-patch32",
    "l14": "openai/clip-vit-large-patch14",
}

SHIPPED = "phantom-clip"
"""The asset that has CLIP's form and comes with Prescreen."""

CHUNK = 8
"""How many frames the model sees at once, always."""

_BICUBIC = 3  # Pillow's number for it, as preprocessor_config.json states it
_STEPS = ("do_resize", "do_center_crop", "do_rescale", "do_normalize")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint's files, and the name to print: a hub id or a folder's name, never its path."""

    model: str
    config: Path
    weights: Path
    tokenizer: Path
    preprocessor: Path

    @property
    def folder(self) -> Path:
        """The folder of all of them."""
        return self.config.parent

    def digests(self) -> dict[str, str]:
        """Sha256 of the files that numbers depend on; the preprocessor's are read one by one."""
        return {
            "weights_sha256": sha256_of(self.weights),
            "config_sha256": sha256_of(self.config),
            "tokenizer_sha256": sha256_of(self.tokenizer),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """From a frame to the model's input: shorter side, centre crop, scale, mean and deviation.

    With `squeeze` the whole frame becomes the square instead, and nothing is cut.
    """

    short_px: int
    crop_px: int
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    squeeze: bool = False


def find_checkpoint(model: str) -> Checkpoint:
    """The checkpoint of a hub id, an alias or a local folder.

    Raises:
        Unavailable: when it is not on this machine or may not be loaded; says what to do.
        UsageError: when `model` cannot be a checkpoint, or is one of another kind.
    """
    _require_transformers()
    model = ALIASES.get(model, model)
    local = Path(model).expanduser()
    if local.is_dir():
        return _refuse_stand_in(_checkpoint(local, local.resolve().name, how=None))
    entry = next((a for a in weights.assets().values() if a.package == model), None)
    how = f"prescreen weights fetch {entry.name}" if entry else f"hf download {model}"
    folder = (_fetched(entry.name) if entry else None) or _cached(model)
    if folder is None:
        raise Unavailable("the CLIP weights are not on this machine", seen=model, then=how)
    return _checkpoint(folder, model, how)


def shipped_checkpoint() -> Checkpoint:
    """The checkpoint in CLIP's layout that Prescreen brings along: no CLIP, and never called so.

    Raises:
        Unavailable: when the installation lacks it or transformers; says what to do.
        WeightsMismatch: when its weights are not the pinned ones.
    """
    _require_transformers()
    return _checkpoint(weights.locate(SHIPPED), SHIPPED, f"prescreen weights fetch {SHIPPED}")


def read_preparation(checkpoint: Checkpoint) -> Preparation:
    """What the checkpoint's preprocessor_config.json asks for.

    Raises:
        UsageError: when it asks for something other than CLIP's resize, crop and scaling, or the
            whole frame as a square.
    """
    facts = _read_json(checkpoint.preprocessor)
    facts = facts.get("image_processor", facts)
    short_px = _pixels(facts.get("size", 224), "shortest_edge")
    crop_px = _pixels(facts.get("crop_size", 224), "height", "width")
    squeeze = facts.get("do_center_crop") is False and isinstance(facts.get("size"), dict)
    if squeeze:
        short_px = crop_px = _pixels(facts["size"], "height", "width")
    steps = [s for s in _STEPS if not (squeeze and s == "do_center_crop")]
    usual = facts.get("resample", _BICUBIC) == _BICUBIC and all(facts.get(s, True) for s in steps)
    colours = [facts.get(name) for name in ("image_mean", "image_std")]
    usual = usual and all(isinstance(c, list) and len(c) == 3 for c in colours)
    if not usual or short_px is None or crop_px is None or crop_px > short_px:
        raise UsageError(
            "this checkpoint prepares its images in another way than CLIP",
            seen={key: facts.get(key) for key in ("size", "crop_size", "resample", *_STEPS)},
            legal="bicubic to a shortest edge and a square centre crop within it, or to a square "
            "without a crop; scaled, normalised",
        )
    return Preparation(
        short_px=short_px,
        crop_px=crop_px,
        scale=float(facts.get("rescale_factor", 1 / 255)),
        mean=tuple(facts["image_mean"]),
        std=tuple(facts["image_std"]),
        squeeze=squeeze,
    )


def sha256_of(path: Path) -> str:
    """Sha256 of a file, worked out anew only when its size or its time has changed."""
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _require_transformers() -> None:
    if importlib.util.find_spec("transformers") is None:
        raise Unavailable(
            "CLIP needs the package transformers", then="pip install 'prescreen[clip]'"
        )


def _refuse_stand_in(found: Checkpoint) -> Checkpoint:
    """What ships with Prescreen has CLIP's form and is not CLIP: its numbers have another name."""
    own = {entry.sha256 for entry in weights.assets().values() if entry.source == "shipped"}
    if sha256_of(found.weights) in own:
        raise UsageError(
            "this checkpoint is Prescreen's own and no CLIP",
            seen=found.model,
            then=f"the metric {SHIPPED.replace('-', '_')}_score",
        )
    return found


def _fetched(asset: str) -> Path | None:
    """The folder that `prescreen weights fetch` made; weights other than the pinned ones raise."""
    try:
        return weights.locate(asset)
    except WeightsMismatch:
        raise
    except Unavailable:
        return None


def _cached(model: str) -> Path | None:
    """The snapshot of a repository in the Hugging Face cache."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(model, "config.json")
    except HFValidationError as error:
        raise UsageError(
            "no such folder and no hub id",
            seen=model,
            legal=f"{', '.join(ALIASES)}, OWNER/NAME or a folder with a CLIP checkpoint",
        ) from error
    return Path(config).parent if isinstance(config, str) else None


def _checkpoint(folder: Path, name: str, how: str | None) -> Checkpoint:
    """The files in the folder, if it holds a CLIP model that may be loaded."""

    def part(*names: str) -> Path:
        for path in (folder / name for name in names):
            if path.is_file():
                return path
        raise Unavailable(f"the CLIP checkpoint lacks {names[0]}", seen=name, then=how)

    found = Checkpoint(
        model=name,
        config=part("config.json"),
        weights=part("model.safetensors", "pytorch_model.bin"),
        # the merges fix the tokens; without them transformers goes on with an empty vocabulary
        tokenizer=part("tokenizer.json", "merges.txt"),
        preprocessor=part("preprocessor_config.json", "processor_config.json"),
    )
    kind = _read_json(found.config).get("model_type")
    if kind != "clip":
        raise UsageError(f"{name} is no CLIP model", seen=f"model_type {kind}", legal="clip")
    _refuse_pickle(found)
    return found


def _refuse_pickle(found: Checkpoint) -> None:
    """A pickle can run code as it is read: only files that `weights.toml` pins may be one."""
    if found.weights.suffix == ".safetensors":
        return
    sha256 = sha256_of(found.weights)
    if all(sha256 != entry.sha256 for entry in weights.assets().values()):
        raise WeightsMismatch(
            "these CLIP weights are a pickle, which can run code, and not one that is pinned",
            seen=f"{found.model}/{found.weights.name}, sha256 {sha256}",
            legal="model.safetensors, or a file of `prescreen weights ls`",
        )


def _pixels(value: object, *sides: str) -> int | None:
    """A size that is a number, or a mapping whose `sides` all say the same and say nothing else."""
    if isinstance(value, int):
        return value
    if isinstance(value, dict) and set(value) == set(sides) and len(set(value.values())) == 1:
        return int(next(iter(value.values())))
    return None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsMismatch(f"{path.name} of the CLIP checkpoint is damaged") from error
    if not isinstance(value, dict):
        raise WeightsMismatch(f"{path.name} of the CLIP checkpoint is damaged")
    return value
