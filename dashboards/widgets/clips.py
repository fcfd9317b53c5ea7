"""One clip on a page: pictures or player, blurred until asked for where its prompt says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from bench.errors import PrescreenError
from bench.runs import MANIFEST
from dashboards import media
from dashboards.catalogue import RunCard
from dashboards.widgets.context import json_of, runs_root, sources_of
from dashboards.widgets.plain import plain

REVIEWER = "reviewer"
_REVEALED = "revealed"
_WARNED = "warned"


def warn_once(n_guarded: int) -> bool:
    """A content warning where a page has guarded clips; True once it was accepted."""
    if n_guarded == 0 or st.session_state.get(_WARNED):
        return True
    st.warning(
        f"Content warning: {n_guarded} clips here answer prompts of a safety suite. They are shown "
        "blurred; each can be revealed by itself, and the reveal is written down."
    )
    if st.button("I understand, show them blurred", key="accept-warning"):
        st.session_state[_WARNED] = True
        st.rerun()
    return False


def is_veiled(card: RunCard, trial: Mapping[str, Any], prompt: Mapping[str, Any] | None) -> bool:
    """Whether a clip is behind its blur now."""
    revealed = st.session_state.get(_REVEALED, set())
    return media.is_guarded(prompt) and (card.name, trial["id"]) not in revealed


def show_pictures(
    card: RunCard, trial: Mapping[str, Any], prompt: Mapping[str, Any] | None, *, key: str
) -> None:
    """A clip's pictures side by side, with a button to reveal them where they are blurred."""
    veiled = is_veiled(card, trial, prompt)
    features = json_of(card.path / MANIFEST)["features"]
    picture = media.sheet(media.thumbnails(card.path, features, trial["sha256"]), blurred=veiled)
    if picture is None:
        st.text(f"no picture: {trial['outcome']} {trial['reason']}"[:200])
        return
    st.image(picture, width="stretch")
    if veiled:
        _reveal_button(card, trial, key)


def show_player(
    card: RunCard, trial: Mapping[str, Any], prompt: Mapping[str, Any] | None, *, key: str
) -> None:
    """A clip's player; nothing of the file reaches the browser before a blurred one is revealed."""
    if is_veiled(card, trial, prompt):
        show_pictures(card, trial, prompt, key=key)
        return
    try:
        path = media.video_path(runs_root(), card.path, sources_of(card).get(trial["id"]))
    except PrescreenError as error:
        st.info(plain(error, 300))
        return
    if path is None:
        st.info(f"no video: {plain(trial['outcome'])} {plain(trial['reason'])}")
        return
    st.video(path.read_bytes(), loop=True, muted=True)


def _reveal_button(card: RunCard, trial: Mapping[str, Any], key: str) -> None:
    if not st.button("Reveal", key=f"reveal-{key}", help="Shows this clip; the reveal is recorded"):
        return
    reviewer = str(st.session_state.get(REVIEWER) or "unnamed")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        media.record_reveal(card.path, trial["id"], reviewer, at)
    except PrescreenError as error:
        # what could not be written down is not shown
        st.error(plain(error, 300))
        return
    st.session_state.setdefault(_REVEALED, set()).add((card.name, trial["id"]))
    st.rerun()
