from streamlit.testing.v1 import AppTest


def page():
    from dashboards.views import overview

    overview.main()


def test_runs_states_and_a_number_with_intervals_are_there(runs):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    table = app.dataframe[0].value
    assert sorted(table["state"]) == ["empty", "finished", "finished"]
    assert [box.value for box in app.metric] == ["3", "0", "0", "0", "2"]
    assert any("empty is empty" in line.value for line in app.warning)
    app.selectbox[0].select("ssim_consecutive.ssim").run()
    assert not app.exception
    assert len(app.dataframe[1].value) == 2


def test_a_folder_without_runs_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(tmp_path))
    app = AppTest.from_function(page).run()
    assert "prescreen run" in app.info[0].value
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(tmp_path / "gone"))
    app = AppTest.from_function(page).run()
    assert "no folder of runs" in app.error[0].value
