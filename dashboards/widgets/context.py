"""What every page needs first: the folder of runs, the run in view, cached readings of both.

Caches are keyed on a file's sha256 (or, where a file may be large, on its size and the time it
was written in nanoseconds), so that a run that is written again is read again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from bench.cli.dashboard import ROOT_VARIABLE
from bench.errors import PrescreenError
from bench.runs import (
    GENERATION,
    PROMPTS,
    SCORES,
    SOURCES,
    SUMMARY,
    file_sha256,
    read_json,
    read_jsonl,
)
from dashboards import tables
from dashboards.catalogue import RunCard, State, find_runs, finished
from dashboards.widgets.plain import plain

RUN = "run"
Records = list[dict[str, Any]]


def runs_root() -> Path:
    """The folder of runs that the command was given."""
    return Path(os.environ.get(ROOT_VARIABLE, "runs"))


def all_runs() -> list[RunCard]:
    """The runs as they are now; where the folder cannot be read, the page ends with the reason."""
    try:
        return find_runs(runs_root())
    except PrescreenError as error:
        st.error(plain(error, 400))
        st.stop()


def pick_run(label: str = "Run", key: str = RUN) -> RunCard:
    """The finished run in view, chosen in the sidebar and kept in the page's address.

    Where there is none, the page ends with what to do.
    """
    cards = finished(all_runs())
    if not cards:
        st.info("No finished run here yet. Next: prescreen run --suite smoke --model cascade")
        st.stop()
    names = [card.name for card in cards]
    asked = st.query_params.get(key) or st.session_state.get(f"kept-{key}")
    index = names.index(asked) if asked in names else 0
    labels = {card.name: f"{card.name[:12]}  {card.suite}  {card.model}"[:80] for card in cards}
    name = st.sidebar.selectbox(label, names, index=index, format_func=labels.__getitem__)
    st.session_state[f"kept-{key}"] = name
    st.query_params[key] = name
    return next(card for card in cards if card.name == name)


def json_of(path: Path) -> Mapping[str, Any]:
    """A file of JSON, read again when its bytes change."""
    return _json(str(path), file_sha256(path))


def summary_of(card: RunCard) -> Mapping[str, Any]:
    """A run's summary."""
    return json_of(card.path / SUMMARY)


def scores_of(card: RunCard) -> pd.DataFrame:
    """The scores of a run's candidate videos."""
    return _scores(str(card.path), _stamp(card.path / SCORES))


def trials_of(card: RunCard) -> Records:
    """Every video that was asked for, candidates and references."""
    path = card.path / GENERATION
    return _jsonl(str(path), file_sha256(path))


def prompts_of(card: RunCard) -> dict[str, dict[str, Any]]:
    """The run's prompts by id."""
    path = card.path / PROMPTS
    return {record["id"]: record for record in _jsonl(str(path), file_sha256(path))}


def sources_of(card: RunCard) -> Mapping[str, str]:
    """Where the videos lie, by trial: below the run, or anywhere."""
    path = card.path / SOURCES
    return json_of(path) if path.exists() else {}


def show_state(card: RunCard) -> None:
    """A line about a run that is not finished."""
    tell = {State.BROKEN: st.error, State.RUNNING: st.info}.get(card.state, st.warning)
    tell(f"{plain(card.name)} is {card.state}: {plain(card.detail, 400)}")


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@st.cache_data(max_entries=200, show_spinner=False)
def _json(path: str, sha256: str) -> Mapping[str, Any]:
    del sha256
    record: Mapping[str, Any] = read_json(Path(path))
    return record


@st.cache_data(max_entries=50, show_spinner=False)
def _jsonl(path: str, sha256: str) -> Records:
    del sha256
    return read_jsonl(Path(path))


@st.cache_data(max_entries=20, show_spinner=False)
def _scores(path: str, stamp: tuple[int, int]) -> pd.DataFrame:
    del stamp
    return tables.score_table(Path(path))
