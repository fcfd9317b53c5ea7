"""Finds plug-ins by name: lists folders without importing, loads one file when it is asked for.

A plug-in's file stem is its name, and the class in it is the stem in CamelCase: `metric:fvd` is
`bench/metrics/fvd.py`, class `Fvd`. Others come by entry point (`prescreen.metrics`, ...) or as
`package.module:Attribute`. A spec is a name with options: `i3d:resize=tf1,frames=16`.
"""

from __future__ import annotations

import ast
import difflib
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import UsageError

ROOMS: Mapping[str, str] = {
    "metric": "bench.metrics",
    "feature": "bench.features",
    "suite": "bench.suites",
    "model": "bench.models",
    "engine": "bench.engines",
    "audit": "audits",
    "attack": "audits.attacks",
    "prompt_filter": "audits.prompt_filters",
    "frame_filter": "audits.frame_filters",
    "judge": "audits.judges",
    "reader": "audits.readers",
    "watermark": "audits.watermarks",
    "command": "bench.cli",
}
"""Kind of plug-in -> the package whose files are the plug-ins of that kind."""

_NOT_PLUGINS = {
    "metric": {"base"},
    "feature": {"base", "cache", "feed"},
    "suite": {"base"},
    "model": {"base"},
    "command": {"main"},
    "audit": {"base", "outcomes", "hazards"},
    "attack": {"base"},
    "prompt_filter": {"base"},
    "frame_filter": {"base"},
    "judge": {"base"},
    "reader": {"base"},
    "watermark": {"base"},
}
"""The files of a room that are its own workings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A plug-in's name with the options to build it with."""

    name: str
    options: Mapping[str, str]

    def __str__(self) -> str:
        """The spec as it is written: `name:key=value,...` with sorted keys."""
        pairs = ",".join(f"{k}={v}" for k, v in sorted(self.options.items()))
        return f"{self.name}:{pairs}" if pairs else self.name


def parse_spec(text: str) -> Spec:
    """`name[:key=value,...]` as a :class:`Spec`. `package.module:Attribute` stays one name."""
    name, _, rest = text.partition(":")
    if rest and "=" not in rest.partition(":")[0]:
        attribute, _, rest = rest.partition(":")
        name = f"{name}:{attribute}"
    options: dict[str, str] = {}
    for pair in filter(None, rest.split(",")):
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise UsageError(
                "an option of a plug-in is not key=value",
                seen=text,
                legal="NAME or NAME:KEY=VALUE,KEY=VALUE",
            )
        options[key] = value
    return Spec(name=name, options=options)


def kinds() -> list[str]:
    """The kinds of plug-in there are."""
    return sorted(ROOMS)


def names(kind: str) -> list[str]:
    """Every plug-in of a kind, ours and installed ones, sorted; imports none of them."""
    return sorted({*_files(kind), *_entry_points(kind)})


def summary(kind: str, name: str) -> str:
    """First line of a plug-in's docstring, read without importing it (empty for foreign ones)."""
    path = _files(kind).get(name)
    if path is None:
        return ""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return doc.partition("\n")[0]


def class_name(stem: str) -> str:
    """The class that a plug-in's file must define: `clip_score` -> `ClipScore`."""
    return "".join(part.capitalize() for part in stem.split("_"))


def load(kind: str, name: str) -> Any:
    """Import one plug-in and return its class (its module for suites and commands)."""
    if name in _files(kind):
        module = importlib.import_module(f"{ROOMS[kind]}.{name}")
        return module if kind in {"suite", "command"} else getattr(module, class_name(name))
    if name in (points := _entry_points(kind)):
        return points[name].load()
    if ":" in name:
        module_name, _, attribute = name.partition(":")
        try:
            return getattr(importlib.import_module(module_name), attribute)
        except (ImportError, AttributeError) as error:
            raise UsageError(
                f"cannot load the {kind} {name}: {error}",
                legal="MODULE:ATTRIBUTE of a module that Python finds",
                then="install the module, or put its folder into PYTHONPATH",
            ) from error
    raise unknown(kind, name)


def fingerprint(kind: str, name: str) -> str:
    """Hash of a foreign plug-in's source file; empty for ours, and where there is no file.

    A module that a user edits between two runs must not pass for the one that was run before.
    """
    if name in _files(kind):
        return ""
    points = _entry_points(kind)
    module = points[name].module if name in points else name.partition(":")[0]
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return ""
    origin = Path(spec.origin) if spec and spec.origin else None
    if origin is None or not origin.is_file():
        return ""
    return hashlib.sha256(origin.read_bytes()).hexdigest()[:16]


def code_of(folder: Path) -> str:
    """Hash of the Python sources below a folder: other code may give other results."""
    hasher = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        hasher.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()[:16]


def build(kind: str, spec: str | Spec) -> Any:
    """Load a plug-in and construct it with its spec's options (all values are text)."""
    parsed = parse_spec(spec) if isinstance(spec, str) else spec
    plugin = load(kind, parsed.name)
    try:
        return plugin(**parsed.options)
    except (TypeError, ValueError) as error:
        what = "refuses its options" if parsed.options else "cannot be built"
        raise UsageError(f"the {kind} {parsed.name} {what}", seen=error) from error


def unknown(kind: str, name: str) -> UsageError:
    """The error for a name that no plug-in has, with the nearest names."""
    known = names(kind)
    near = difflib.get_close_matches(name, known, n=1)
    return UsageError(
        f"no {kind} of this name" + (f"; did you mean {near[0]}?" if near else ""),
        seen=name,
        legal=", ".join(known) or "none installed",
        then=f"prescreen ls {kind}s",
    )


@functools.cache
def _files(kind: str) -> dict[str, Path]:
    if kind not in ROOMS:
        raise UsageError("no such kind of plug-in", seen=kind, legal=", ".join(kinds()))
    spec = importlib.util.find_spec(ROOMS[kind])
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = (path for folder in folders for path in Path(folder).glob("*.py"))
    return {
        path.stem: path
        for path in files
        if not path.stem.startswith("_") and path.stem not in _NOT_PLUGINS.get(kind, ())
    }


@functools.cache
def _entry_points(kind: str) -> dict[str, importlib.metadata.EntryPoint]:
    points = importlib.metadata.entry_points(group=f"prescreen.{kind}s")
    return {point.name: point for point in points}
