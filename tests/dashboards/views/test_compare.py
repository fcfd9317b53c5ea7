import shutil

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.catalogue import find_runs, finished


def page():
    from dashboards.views import compare

    compare.main()


@pytest.fixture
def pair(runs):
    by_model = {card.model: card.name for card in finished(find_runs(runs))}
    return by_model["phantom"], by_model["phantom:flicker=0.4"]


def opened(a, b):
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params["a"], app.query_params["b"] = a, b
    app.run()
    assert not app.exception
    return app


def test_differences_have_intervals_and_a_planted_flicker_shows(pair):
    app = opened(*pair)
    table = app.dataframe[0].value.set_index("column")
    row = table.loc["ssim"]
    assert row["B less A"] < 0
    assert row["low"] <= row["B less A"] <= row["high"]
    assert any("paired by prompt and seed" in caption.value for caption in app.caption)


def test_the_prompts_that_moved_are_named(pair):
    app = opened(*pair)
    moved = app.dataframe[1].value
    assert {"number", "prompt", "B less A"} <= set(moved.columns)
    assert len(moved) > 0


def test_players_come_after_the_warning(pair):
    app = opened(*pair)
    assert "Content warning" in app.warning[0].value
    app.button(key="accept-warning").click().run()
    assert not app.exception
    assert len(app.selectbox(key="pair").options) == 9
    app.selectbox(key="pair").select_index(8).run()
    assert not app.exception
    assert [b.label for b in app.button].count("Reveal") == 2


def test_one_run_alone_says_what_is_needed(runs_root, tmp_path, monkeypatch):
    source = finished(find_runs(runs_root))[0].path
    shutil.copytree(source, tmp_path / source.name)
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(tmp_path))
    app = AppTest.from_function(page, default_timeout=60).run()
    assert "Two finished runs" in app.info[0].value


def test_the_same_run_twice_is_no_comparison(pair):
    app = opened(pair[0], pair[0])
    assert "the same run" in app.info[0].value
