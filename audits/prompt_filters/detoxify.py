"""Detoxify: toxicity of wording by a transformer, with the released checkpoints, offline.

Toxicity is not harm: comments were its training data, so swearing and mentions of identities raise
the score and a plain description of violence does not. Scores are no probabilities of harm.

Five models: `original`, `unbiased`, `multilingual`, `original-small`, `unbiased-small`. Their
checkpoints are pickles that Detoxify itself reads with code execution on. Here the sha256 is
checked first, the file is read as plain tensors only, and Detoxify is given a copy written by us,
which names a local folder for configuration and tokenizer, so that no hub is asked. Weights that
are missing in the checkpoint are refused: transformers would draw them at random.

A long prompt is read in overlapping windows and the highest score counts; Detoxify alone drops what
follows its 512th token.

Options: `model`; `checkpoint` (a file, in place of `prescreen weights fetch detoxify-MODEL`);
`sha256` (of that file, or its first digits); `config` (a folder with config.json and the
tokenizer's files, in place of the Hugging Face cache); `label` (`any` for the highest of all);
`window` in tokens; `threshold` (0.7 is its author's starting point), `leak`, `false_alarm`,
`dial_seed`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from audits._filter_parts import check_pinned, digest_of, require, sha256_of
from audits._windows import windows
from audits.prompt_filters.base import FilterFailed, TextFilter, readable
from bench import weights
from bench.errors import Unavailable, UsageError
from bench.features._quiet import quiet
from bench.models._options import choice, whole

MODELS = ("original", "unbiased", "multilingual", "original-small", "unbiased-small")
LONGEST = 510
_LAYOUT = 'a dict with "state_dict" and "config" of arch and dataset, as Detoxify releases them'


class Detoxify(TextFilter):
    """Toxicity of a prompt by one of Detoxify's models."""

    name = "detoxify"
    version = "1"

    def __init__(
        self,
        *,
        model: str = "original",
        checkpoint: str = "",
        sha256: str = "",
        config: str = "",
        label: str = "toxicity",
        window: int | str = LONGEST,
        threshold: float | str = 0.7,
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        require("detoxify", adapter=self.name)
        choice("model", model, MODELS)
        file = _checkpoint(model, checkpoint)
        found = check_pinned(file, sha256, adapter=self.name)
        self._model, folder = _load(file, config)
        self.labels: tuple[str, ...] = tuple(self._model.class_names)
        self.label = choice("label", label, ("any", *self.labels))
        self.window = whole("window", window, 8, LONGEST)
        self._parts = digest_of([found, _tokenizer_parts(folder), self.label, self.window])

    def parts(self) -> str:
        """A hash of checkpoint, configuration, tokenizer, label and window."""
        return self._parts

    def scores(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        """For each text every label's score, 0..1, the highest of its windows.

        Texts go through the model one at a time: a score does not depend on its neighbours.
        """
        return [self._highest(readable(text)) for text in texts]

    def score(self, content: str) -> tuple[float, str]:
        """The label's score, or the highest of all with its name."""
        by_label = self.scores([content])[0]
        name = max(by_label, key=lambda n: by_label[n]) if self.label == "any" else self.label
        return by_label[name], name

    def _highest(self, text: str) -> Mapping[str, float]:
        pieces = windows(self._model.tokenizer, text, self.window)
        made = [self._model.predict(piece) for piece in pieces]
        return {label: max(_number(one[label]) for one in made) for label in self.labels}


def _number(value: object) -> float:
    """A score that Detoxify gave: a number for one text, in some versions a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, float):
        raise FilterFailed(f"Detoxify gave {value!r:.60} for one text")
    return value


def _checkpoint(model: str, named: str) -> Path:
    if named:
        return Path(named).expanduser()
    asset = weights.asset(f"detoxify-{model}")
    return weights.locate(asset.name)


def _load(file: Path, config: str) -> tuple[Any, Path]:
    """The model, loaded by Detoxify from a copy that names a local folder; and that folder.

    Raises:
        Unavailable: when the checkpoint or the configuration cannot be used; says why.
    """
    import torch
    from detoxify import Detoxify as Released

    held = _read(file)
    arguments = held["config"]["arch"]["args"]
    folder = _config_folder(str(arguments["model_type"]), config)
    local = {**arguments, "model_type": str(folder)}
    copy = {
        "state_dict": held["state_dict"],
        "config": {"arch": {"args": local}, "dataset": held["config"]["dataset"]},
    }
    with tempfile.TemporaryDirectory(prefix="prescreen-detoxify-") as place, quiet():
        torch.save(copy, Path(place) / "local.ckpt")
        try:
            model = Released(checkpoint=str(Path(place) / "local.ckpt"))
        except Exception as error:  # transformers raises anything for weights that do not fit
            raise Unavailable(
                f"Detoxify cannot load the checkpoint: {error}", seen=file.name, legal=_LAYOUT
            ) from error
    _check_whole(model.model, held["state_dict"])
    # a folder without tokenizer_config.json does not say where to cut
    model.tokenizer.model_max_length = min(LONGEST + 2, model.tokenizer.model_max_length)
    return model, folder


def _read(file: Path) -> dict[str, Any]:
    """A checkpoint's tensors and configuration, read without running code from the file."""
    import pickle

    import torch

    try:
        held = torch.load(file, map_location="cpu", weights_only=True)
        arguments = held["config"]["arch"]["args"]
        whole_ = {"num_classes", "model_type", "model_name", "tokenizer_name"} <= set(arguments)
        whole_ = whole_ and bool(held["state_dict"])
        whole_ = whole_ and bool(held["config"]["dataset"]["args"]["classes"])
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError) as error:
        raise Unavailable(
            "the checkpoint cannot be read as plain tensors", seen=file.name, legal=_LAYOUT
        ) from error
    if not whole_:
        raise Unavailable("the checkpoint lacks parts", seen=file.name, legal=_LAYOUT)
    return dict(held)


def _check_whole(model: Any, state_dict: Mapping[str, Any]) -> None:
    absent = sorted(name for name, _ in model.named_parameters() if name not in state_dict)
    if absent:
        raise Unavailable(f"the checkpoint lacks {len(absent)} weights", seen=absent[0])


def _config_folder(model_type: str, named: str) -> Path:
    """The folder of configuration and tokenizer: the named one, else that of the hub's cache.

    Raises:
        Unavailable: when it is not on this machine; says what gets it.
        UsageError: when the named one has no config.json.
    """
    if named:
        folder = Path(named).expanduser().resolve()
        if not (folder / "config.json").is_file():
            raise UsageError("no config.json in the folder", seen=named, legal="config=FOLDER")
        return folder
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    then = f"hf download {model_type} --include '*.json' '*.txt' '*.model'"
    try:
        found = try_to_load_from_cache(model_type, "config.json")
    except HFValidationError as error:
        raise Unavailable("the checkpoint names no hub repository", seen=model_type) from error
    if not isinstance(found, str):
        raise Unavailable(
            "Detoxify's configuration and tokenizer are not on this machine",
            seen=model_type,
            then=f"{then}, or the option config=FOLDER",
        )
    return Path(found).parent


def _tokenizer_parts(folder: Path) -> str:
    files = sorted(f for p in ("*.json", "*.txt", "*.model") for f in folder.glob(p))
    return digest_of([(file.name, sha256_of(file)) for file in files])
