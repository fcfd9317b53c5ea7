"""Untrusted text on a page: shown as the characters that it is made of, never as Markdown or HTML.

Streamlit reads Markdown in labels, captions and expanders. What comes from prompts, captions, file
names or other people's plug-ins goes through :func:`plain` there; longer texts go into `st.text`,
`st.code` or a table's cells, which show text as it is.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from bench.errors import printable

MAX_CHARS = 200
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain(text: object, max_chars: int = MAX_CHARS) -> str:
    """Text for a place where Streamlit reads Markdown: no mark-up in it means anything.

    Control characters and bidirectional overrides are made visible, long texts are cut.
    """
    return _MARKDOWN.sub(r"\\\1", printable(text, max_chars))


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as CSV, UTF-8, in which no cell of text starts a spreadsheet's formula."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [_harmless(value) for value in safe[name]]
    data: bytes = safe.to_csv(index=False).encode("utf-8")
    return data


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
