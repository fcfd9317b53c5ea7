"""Rows of a JSONL, CSV or TXT file with their line numbers; what is wrong names file and line."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError
from bench.types import Json, canonical_json

SUFFIXES = (".jsonl", ".csv", ".txt")
_WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_ONE_OBJECT = 'one JSON object a line, for instance {"id": "ball-1", "text": "a red ball rolls"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the file's name, the line on which the row begins, and its values by column."""

    file: str
    line: int
    values: Mapping[str, Json]

    def wrong(
        self, what: str, *, seen: object = None, legal: object = None, then: str | None = None
    ) -> UsageError:
        """The error to raise about this row."""
        return UsageError(
            f"{self.file} line {self.line}: {what}", seen=seen, legal=legal, then=then
        )


def read_rows(path: Path) -> list[Row]:
    """Every row of the file, in order; blank lines are passed over.

    A cell that is empty in CSV is not among the row's values. Text is left as it is written.

    Raises:
        UsageError: for a file that cannot be read, is not UTF-8, is empty, or has a bad row.
    """
    readers = {".jsonl": _jsonl, ".csv": _csv, ".txt": _txt}
    if (suffix := path.suffix.lower()) not in readers:
        raise UsageError(
            f"{path.name} is of no kind that can be read as rows",
            seen=suffix or "no suffix",
            legal=", ".join(SUFFIXES),
            then="write one JSON object a line and name the file .jsonl",
        )
    rows = list(readers[suffix](path.name, _read_text(path)))
    if not rows:
        raise UsageError(f"{path.name} is empty", seen="no rows", legal="at least one row")
    return rows


def pick(row: Row, columns: Sequence[str]) -> Json:
    """The value of the one column among `columns` that the row has; None where it has none."""
    held = [name for name in columns if row.values.get(name) is not None]
    if len(held) > 1:
        raise row.wrong(
            "two columns mean the same",
            seen=", ".join(held),
            legal=f"one of {', '.join(columns)}",
            then="keep one of them and rename the other",
        )
    return row.values[held[0]] if held else None


def parse_object(text: str) -> dict[str, Json]:
    """The text as one JSON object: no NaN, no infinity, no key twice, no half of a character.

    Raises:
        ValueError: when it is anything else; the message says where.
    """
    try:
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_no_twins,
        )
    except RecursionError as error:
        raise ValueError("brackets are nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError(f"a JSON {type(value).__name__}, not an object")
    if "\\u" in text:
        try:
            canonical_json(value).encode()
        except UnicodeEncodeError as error:
            raise ValueError("a \\u escape names half of a character (a surrogate)") from error
    return value


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path.name}: {error.strerror}", seen=path) from error
    if data.startswith(_WIDE_BOMS) or b"\0" in data:
        raise UsageError(
            f"{path.name} is not UTF-8",
            seen="UTF-16 or UTF-32" if data.startswith(_WIDE_BOMS) else "zero bytes, as in UTF-16",
            legal="UTF-8, with or without a byte order mark",
            then=f"iconv -f UTF-16 -t UTF-8 {path.name} > utf8{path.suffix}",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path.name} line {line}: not UTF-8",
            seen=f"byte 0x{data[error.start]:02x}",
            legal="UTF-8, with or without a byte order mark",
            then="save the file as UTF-8",
        ) from error
    if not text.strip():
        raise UsageError(
            f"{path.name} is empty", seen=f"{len(data)} bytes", legal="prompts or rows"
        )
    return text


def _jsonl(file: str, text: str) -> Iterator[Row]:
    # Only \n ends a line: str.splitlines would also cut at U+2028, which JSON strings may hold.
    for line, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            values = parse_object(raw)
        except ValueError as error:
            raise UsageError(
                f"{file} line {line}: bad JSON: {error}", seen=raw, legal=_ONE_OBJECT
            ) from error
        yield Row(file=file, line=line, values=values)


def _txt(file: str, text: str) -> Iterator[Row]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line, raw in enumerate(lines, 1):
        if raw.strip():
            yield Row(file=file, line=line, values={"text": raw})


def _csv(file: str, text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            row = Row(
                file=file,
                line=line,
                values={k: v for k, v in zip(header, cells, strict=False) if v},
            )
            line = reader.line_num + 1
            if not cells:
                continue
            if not header:
                header = _header(row, cells)
            elif len(cells) != len(header):
                raise row.wrong(
                    "the row does not have as many cells as the header",
                    seen=f"{len(cells)} cells",
                    legal=f"{len(header)} cells: {', '.join(header)}",
                    then='put text that holds commas or line breaks in "double quotes"',
                )
            else:
                yield row
    except csv.Error as error:
        raise UsageError(
            f"{file} line {reader.line_num}: bad CSV: {error}",
            then='put text that holds commas or line breaks in "double quotes"',
        ) from error


def _header(row: Row, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if "" in names or len(set(names)) < len(names):
        raise row.wrong(
            "a column of the header has no name or the name of another", seen=", ".join(names)
        )
    return names


def _refuse_constant(text: str) -> Json:
    raise ValueError(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large for a number")
    return value


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    counts = Counter(unicodedata.normalize("NFC", key) for key, _ in pairs)
    if len(counts) < len(pairs):
        raise ValueError(f"the key {counts.most_common(1)[0][0]} is there twice")
    return dict(pairs)
