"""The app: `prescreen dashboard [RUNS_ROOT]` starts it. It knows the pages and their order."""

from __future__ import annotations

import streamlit as st

from bench.cli.dashboard import has_login
from dashboards.pages import overview, run, videos

PAGES = (
    ("Overview", overview, ":material/dashboard:"),
    ("Run", run, ":material/science:"),
    ("Videos", videos, ":material/movie:"),
)


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Prescreen", layout="wide")
    if has_login() and not st.user.is_logged_in:
        st.title("Prescreen")
        st.button("Log in", on_click=st.login)
        st.stop()
    pages = [
        st.Page(
            page.main,
            title=title,
            icon=icon,
            url_path=page.__name__.rpartition(".")[2],
            default=page is overview,
        )
        for title, page, icon in PAGES
    ]
    st.navigation(pages).run()


if __name__ == "__main__":
    main()
