"""The app: `prescreen dashboard [RUNS_ROOT]` starts it. It knows the pages and their order."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import streamlit as st

from bench.cli.dashboard import has_login

# module below `dashboards.views`, title, icon; the first is the one that is opened
PAGES = (
    ("overview", "Overview", ":material/dashboard:"),
    ("run", "Run", ":material/science:"),
    ("videos", "Videos", ":material/movie:"),
    ("compare", "Compare", ":material/compare:"),
    ("filters", "Filters audit", ":material/filter_alt:"),
    ("bias", "Bias audit", ":material/diversity_3:"),
    ("calibration", "Calibration", ":material/straighten:"),
    ("gate", "Gate", ":material/gavel:"),
    ("review", "Review", ":material/how_to_vote:"),
)


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Prescreen", layout="wide")
    if has_login() and not st.user.is_logged_in:
        st.title("Prescreen")
        st.button("Log in", on_click=st.login)
        st.stop()
    pages = [
        st.Page(_drawer(name), title=title, icon=icon, url_path=name, default=name == PAGES[0][0])
        for name, title, icon in PAGES
    ]
    st.navigation(pages).run()


def _drawer(name: str) -> Callable[[], None]:
    """What draws a page; its module is imported when it is first opened, since some are heavy."""

    def draw() -> None:
        importlib.import_module(f"dashboards.views.{name}").main()

    return draw


if __name__ == "__main__":
    main()
