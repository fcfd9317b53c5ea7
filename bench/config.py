"""Reads `run.toml`: the arguments of `prescreen run` in a file, under the same words.

    suite = "smoke"
    model = "cascade:stage=base"
    seeds = 2
    metrics = ["clip_score", "degenerate"]

    [options]            # of the model, besides those in its spec
    steps = 8

Paths in it are taken from the folder in which the command runs, as on the command line.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.registry import Spec, parse_spec

FIELDS: Mapping[str, tuple[type, ...]] = {
    "suite": (str,),
    "model": (str,),
    "options": (dict,),
    "seeds": (int,),
    "generation_seed": (int,),
    "reference": (str,),
    "metrics": (list,),
    "attacks": (list,),
    "confidence": (int, float),
    "resamples": (int,),
    "seed": (int,),
    "run": (str,),
    "out": (str,),
    "workers": (int,),
}
"""What a file may say, and the types of it."""


def read_config(path: Path) -> dict[str, Any]:
    """The settings of a file, each checked for its name and its type.

    Raises:
        UsageError: when it cannot be read, or says what nobody understands.
    """
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path.name} cannot be read as TOML", seen=error, then="see bench/config.py"
        ) from error
    for name, value in held.items():
        _check(path.name, name, value)
    options = held.pop("options", {})
    if options:
        held["model"] = with_options(held.get("model", ""), options)
    return held


def with_options(model: str, options: Mapping[str, object]) -> str:
    """A model's spec with options added to those that it has; later ones win."""
    parsed = parse_spec(model)
    added = {name: _text(value) for name, value in options.items()}
    return str(Spec(name=parsed.name, options={**parsed.options, **added}))


def _text(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "," in text:
        raise UsageError("an option of a model cannot hold a comma", seen=text)
    return text


def _check(file: str, name: str, value: object) -> None:
    if name not in FIELDS:
        near = difflib.get_close_matches(name, FIELDS, n=1)
        raise UsageError(
            f"{file}: no such setting" + (f"; did you mean {near[0]}?" if near else ""),
            seen=name,
            legal=", ".join(FIELDS),
        )
    kinds = FIELDS[name]
    texts = not isinstance(value, list) or all(isinstance(item, str) for item in value)
    if not isinstance(value, kinds) or isinstance(value, bool) or not texts:
        legal = " or ".join(kind.__name__ for kind in kinds)
        raise UsageError(f"{file}: {name} has the wrong type", seen=value, legal=legal)
