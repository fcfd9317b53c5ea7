"""A suite: a named list of prompts with a hash, read from JSONL, CSV, TXT or HF metadata.

A bundled suite is a module of this folder with `load() -> Suite`, beside its `data/<name>.jsonl`.
Text and ids are kept in Unicode's form NFC, so that the hash is of exactly what a model is given.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bench import registry
from bench.errors import UsageError
from bench.suites._lint import Problem, lint_prompts
from bench.suites._rows import SUFFIXES, Row, parse_object, pick, read_rows
from bench.types import Json, Prompt, canonical_json

__all__ = [
    "FILE_COLUMNS",
    "ID_COLUMNS",
    "TEXT_COLUMNS",
    "Problem",
    "Row",
    "Suite",
    "lint",
    "load_prompts",
    "load_suite",
    "nfc",
    "pick",
    "read_rows",
    "text_id",
]

FILE_COLUMNS = ("file_name", "path", "file", "video")
TEXT_COLUMNS = ("text", "prompt", "caption")
ID_COLUMNS = ("id", "prompt_id")
_OTHERS = ("category", "tags", "lang", "attributes", "hazard")
_LEGAL = "text|prompt|caption, id|prompt_id, category, tags, lang, attributes, hazard"
_EXAMPLE = '{"id": "ball-1", "text": "a red ball rolls to the left", "category": "motion"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A list of prompts with unique ids.

    `sha256` is of the prompts alone, sorted by id: neither the suite's name nor the order of its
    file enters it. `source` is the name of the file it was read from; `version` is empty for files,
    which state none.
    """

    name: str
    prompts: tuple[Prompt, ...]
    version: str = ""
    source: str = ""
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        if not self.prompts:
            raise UsageError(f"the suite {self.name} is empty", legal="at least one prompt")
        ids = [prompt.id for prompt in self.prompts]
        if len(set(ids)) < len(ids):
            twice = Counter(ids).most_common(1)[0][0]
            raise UsageError(f"two prompts of the suite {self.name} have one id", seen=twice)
        object.__setattr__(self, "sha256", _sha256(self.prompts))


def load_suite(name_or_path: str) -> Suite:
    """A bundled or installed suite by its name, else the prompts in the file of this name."""
    path = Path(name_or_path)
    is_name = name_or_path in registry.names("suite")
    if not is_name and (path.suffix.lower() in SUFFIXES or os.path.exists(path)):
        return load_prompts(path)
    suite = registry.load("suite", name_or_path).load()
    if not isinstance(suite, Suite):
        raise UsageError(
            f"the suite {name_or_path} does not give a Suite", seen=type(suite).__name__
        )
    return suite


def load_prompts(path: str | Path, *, name: str = "", version: str = "") -> Suite:
    """Read a suite from a file: JSONL, CSV, TXT (one prompt a line) or Hugging Face metadata.

    Where no row has an id, ids are made from the text, so that they stay when rows are moved. A
    file with a column of file names (as `metadata.jsonl` has) lists videos: there a prompt may come
    back on several rows, and columns that are not ours are left unread. Elsewhere they are refused,
    because a misspelt column would be lost unseen.

    Raises:
        UsageError: with the file, the line, what was seen and what is legal.
    """
    path = Path(path)
    rows = read_rows(path)
    lists_videos = any(column in row.values for row in rows for column in FILE_COLUMNS)
    has_ids = any(pick(row, ID_COLUMNS) is not None for row in rows)
    held: dict[str, tuple[Prompt, Row]] = {}
    for row in rows:
        if not lists_videos:
            _check_columns(row)
        prompt = _prompt(row, has_ids)
        other, first = held.setdefault(prompt.id, (prompt, row))
        if first is not row and not (lists_videos and other == prompt):
            raise _twice(row, first, prompt, has_ids)
    prompts = tuple(prompt for prompt, _ in held.values())
    return Suite(name=name or path.stem, version=version, prompts=prompts, source=path.name)


def bundled(name: str, *, version: str) -> Suite:
    """The suite that ships as `data/<name>.jsonl`."""
    path = Path(__file__).parent / "data" / f"{name}.jsonl"
    return load_prompts(path, name=name, version=version)


def lint(suite: Suite) -> list[Problem]:
    """What is wrong or doubtful in the suite's prompts: errors first, then warnings."""
    return lint_prompts(suite.prompts)


def text_id(text: str) -> str:
    """The id of a prompt that has none: `p` and 12 hex digits of the sha256 of its text in NFC."""
    return "p" + hashlib.sha256(cast("str", nfc(text)).encode()).hexdigest()[:12]


def nfc(value: Json) -> Json:
    """The value with every string in it, keys too, in Unicode's form NFC."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case list():
            return [nfc(item) for item in value]
        case dict():
            return {unicodedata.normalize("NFC", key): nfc(item) for key, item in value.items()}
    return value


def _sha256(prompts: Iterable[Prompt]) -> str:
    rows: list[Json] = [
        {
            "id": prompt.id,
            "text": prompt.text,
            "category": prompt.category,
            "tags": list(prompt.tags),
            "lang": prompt.lang,
            "attributes": dict(prompt.attributes),
            "hazard": prompt.hazard,
        }
        for prompt in sorted(prompts, key=lambda prompt: prompt.id)
    ]
    try:
        return hashlib.sha256(canonical_json(nfc(rows)).encode()).hexdigest()
    except (ValueError, TypeError) as error:
        raise UsageError("a prompt holds what JSON cannot", seen=error) from error


def _prompt(row: Row, has_ids: bool) -> Prompt:
    values = cast("Mapping[str, Json]", nfc(dict(row.values)))
    row = Row(file=row.file, line=row.line, values=values)
    text = pick(row, TEXT_COLUMNS)
    if not isinstance(text, str):
        raise row.wrong(
            "no text of a prompt",
            seen=", ".join(values) if text is None else text,
            legal=_LEGAL,
            then=f"write for instance {_EXAMPLE}",
        )
    return Prompt(
        id=_id(row) if has_ids else text_id(text),
        text=text,
        category=_string(row, "category"),
        tags=_tags(row),
        lang=_string(row, "lang"),
        attributes=_attributes(row),
        hazard=_string(row, "hazard") or None,
    )


def _id(row: Row) -> str:
    value = pick(row, ID_COLUMNS)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise row.wrong(
            "the prompt has no id, and other rows have one",
            seen=value,
            legal="a short text such as ball-1, in every row or in none",
            then="give every prompt an id",
        )
    return value


def _string(row: Row, column: str) -> str:
    value = row.values.get(column)
    if value is not None and not isinstance(value, str):
        raise row.wrong(f"the column {column} is not text", seen=value, legal="text")
    return value or ""


def _tags(row: Row) -> tuple[str, ...]:
    value = row.values.get("tags")
    if value is None:
        return ()
    tags = value.split(";") if isinstance(value, str) else value
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise row.wrong("tags are not texts", seen=value, legal='["a", "b"], or a;b in CSV')
    return tuple(tag.strip() for tag in cast("list[str]", tags) if tag.strip())


def _attributes(row: Row) -> Mapping[str, Json]:
    value = row.values.get("attributes")
    try:
        held = parse_object(value) if isinstance(value, str) else value
    except ValueError as error:
        raise row.wrong(f"attributes: {error}", seen=value, legal='{"count": 2}') from error
    if held is not None and not isinstance(held, dict):
        raise row.wrong("attributes are not a JSON object", seen=value, legal='{"count": 2}')
    return cast("dict[str, Json]", nfc(held or {}))


def _check_columns(row: Row) -> None:
    legal = {*TEXT_COLUMNS, *ID_COLUMNS, *_OTHERS}
    if strange := [name for name in row.values if name not in legal]:
        raise row.wrong(
            "a column that prompts do not have",
            seen=", ".join(strange),
            legal=_LEGAL,
            then="rename it, or move it into attributes",
        )


def _twice(row: Row, first: Row, prompt: Prompt, has_ids: bool) -> UsageError:
    if has_ids:
        return row.wrong(
            f"line {first.line} has this id too",
            seen=prompt.id,
            legal="an id of its own for every prompt",
            then="rename one of the two",
        )
    return row.wrong(
        f"line {first.line} has this text too",
        seen=prompt.text,
        legal="a text once, or an id for every prompt",
        then="remove one of the two, or write JSONL or CSV with ids",
    )
