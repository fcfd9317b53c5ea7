"""A classifier in the Hugging Face form, from a local folder: what it is made of, what it says.

Only safetensors are read and no code from the folder is run; nothing reaches the network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audits._filter_parts import digest_of, require, sha256_of, words
from bench.errors import Unavailable, UsageError
from bench.features._quiet import quiet

_TRANSFORMERS = "pip install 'prescreen[clip]'"
_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")


def model_folder(folder: str, *, adapter: str) -> Path:
    """The folder of a model, when it can be read without running code.

    Raises:
        Unavailable: when transformers, the folder or a file in it is missing.
    """
    require("transformers", adapter=adapter, then=_TRANSFORMERS)
    path = Path(folder).expanduser()
    if not (path / "config.json").is_file():
        raise Unavailable(
            f"the filter {adapter} finds no model",
            seen=folder,
            legal="a folder with config.json and model.safetensors",
            then="hf download OWNER/NAME --local-dir FOLDER",
        )
    if not list(path.glob("*.safetensors")):
        raise Unavailable(
            f"the filter {adapter} reads no pickles, which can run code",
            seen=path.name,
            legal="a folder with model.safetensors",
        )
    return path


def folder_parts(path: Path) -> str:
    """A hash over the files of a model that its numbers follow from."""
    files = sorted({file for pattern in _FILES for file in path.glob(pattern)})
    return digest_of([(file.name, sha256_of(file)) for file in files])


def load(auto: str, path: Path, **options: Any) -> Any:
    """`transformers.<auto>` of a folder, quietly and offline.

    Raises:
        Unavailable: when it cannot be loaded; says why.
    """
    import transformers

    with quiet():
        try:
            return getattr(transformers, auto).from_pretrained(
                path, local_files_only=True, trust_remote_code=False, **options
            )
        except Exception as error:  # transformers raises anything for a damaged folder
            raise Unavailable(
                f"the model cannot be loaded: {error}", seen=path.name, legal=f"an {auto}"
            ) from error


def load_classifier(auto: str, path: Path) -> Any:
    """A classifier in evaluation mode, float32, every weight from the file.

    Raises:
        Unavailable: when weights are missing: transformers would draw them at random.
    """
    import torch

    model, loading = load(
        auto, path, use_safetensors=True, dtype=torch.float32, output_loading_info=True
    )
    if absent := sorted(loading["missing_keys"]):
        raise Unavailable(
            f"the model lacks {len(absent)} weights", seen=absent[0], legal=f"an {auto}"
        )
    return model.eval().requires_grad_(False)


def harmful_ids(labels: dict[int, str], harmful: str) -> tuple[int, ...]:
    """Which of a classifier's labels count as harmful: `a+b`, by name.

    Raises:
        UsageError: for a label that it does not have, or all of them.
    """
    ids = {name.casefold(): at for at, name in labels.items()}
    wanted = words("harmful", harmful)
    unknown = [name for name in wanted if name.casefold() not in ids]
    if unknown or len(set(map(str.casefold, wanted))) == len(ids) > 1:
        raise UsageError(
            "the option harmful does not name some of the model's labels",
            seen=harmful,
            legal="+".join(labels[at] for at in sorted(labels)),
        )
    return tuple(sorted(ids[name.casefold()] for name in wanted))


def harmful_prob(logits_NK: Any, ids: tuple[int, ...], *, several: bool) -> Any:
    """Score (N,) of logits: summed softmax of the labels, or the highest sigmoid of them.

    `several` says that labels do not exclude each other (`multi_label_classification`), which a
    single logit is too.
    """
    if several or logits_NK.shape[-1] == 1:
        return logits_NK[:, list(ids)].sigmoid().amax(dim=-1)
    return logits_NK.softmax(dim=-1)[:, list(ids)].sum(dim=-1).clamp(0, 1)
