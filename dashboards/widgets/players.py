"""Two players that run in step: one set of controls, one clock.

They live in a frame of their own, made of two videos as data and a script of ours; nothing that a
run says (names, prompts) is part of it.
"""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

MAX_BYTES = 40_000_000
"""Of both files: they travel in the page."""
HEIGHT_PX = 380

_PAGE = """
<style>
  body { margin: 0; font-family: sans-serif; }
  .row { display: flex; gap: 12px; }
  video { width: 50%; image-rendering: pixelated; background: #000; }
  button { font-size: 15px; padding: 4px 14px; margin: 8px 8px 0 0; }
  input { width: 60%; vertical-align: middle; }
</style>
<div class="row">
  <video id="a" muted loop playsinline aria-label="run A" src="data:video/mp4;base64,@A@"></video>
  <video id="b" muted loop playsinline aria-label="run B" src="data:video/mp4;base64,@B@"></video>
</div>
<button id="play">Play</button>
<button id="step">Next frame</button>
<input id="at" type="range" min="0" max="1000" value="0" aria-label="time">
<script>
  const a = document.getElementById("a"), b = document.getElementById("b");
  const play = document.getElementById("play"), at = document.getElementById("at");
  const put = (t) => { a.currentTime = t; b.currentTime = Math.min(t, b.duration || t); };
  play.onclick = () => {
    if (a.paused) { b.currentTime = a.currentTime; a.play(); b.play(); play.textContent = "Pause"; }
    else { a.pause(); b.pause(); put(a.currentTime); play.textContent = "Play"; }
  };
  document.getElementById("step").onclick = () => {
    a.pause(); b.pause(); play.textContent = "Play"; put(a.currentTime + @STEP@);
  };
  at.oninput = () => put(at.value / 1000 * (a.duration || 0));
  a.ontimeupdate = () => {
    at.value = 1000 * a.currentTime / (a.duration || 1);
    if (!a.paused && Math.abs(a.currentTime - b.currentTime) > 0.1) b.currentTime = a.currentTime;
  };
</script>
"""


def page_of(a: bytes, b: bytes, fps: float) -> str:
    """The frame's HTML: two MP4 files as data, a step of one frame."""
    parts = {"@A@": base64.b64encode(a).decode(), "@B@": base64.b64encode(b).decode()}
    page = _PAGE.replace("@STEP@", f"{1 / fps:.6f}")
    for mark, data in parts.items():
        page = page.replace(mark, data)
    return page


def in_step(a: Path, b: Path, *, fps: float) -> None:
    """Draw two videos of one prompt and seed; too large ones are shown apart.

    Args:
        a: the baseline's file.
        b: the other's.
        fps: frames a second of the first, for steps of one frame.
    """
    first, second = a.read_bytes(), b.read_bytes()
    if len(first) + len(second) > MAX_BYTES:
        st.caption("These files are too large to run in step; each has a player of its own.")
        for column, data in zip(st.columns(2), (first, second), strict=True):
            column.video(data, loop=True, muted=True)
        return
    st.iframe(page_of(first, second, fps), height=HEIGHT_PX)
