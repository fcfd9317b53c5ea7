from streamlit.testing.v1 import AppTest


def page():
    from dashboards.views import run

    run.main()


def numbers_of(app):
    return next(t.value for t in app.dataframe if "calibration" in t.value)


def test_every_main_number_has_its_interval_and_badge(runs):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    numbers = numbers_of(app)
    assert {"degenerate", "ssim_consecutive", "sharpness"} == set(numbers["metric"])
    badges = dict(zip(numbers["metric"], numbers["calibration"], strict=True))
    assert badges["sharpness"] == "pass"
    app.toggle(key="every").set_value(True).run()
    assert len(numbers_of(app)) > len(numbers)


def test_a_number_is_shown_by_category(runs):
    app = AppTest.from_function(page, default_timeout=30).run()
    app.selectbox(key="number").select("ssim_consecutive.ssim").run()
    assert not app.exception
    assert any("By category" in caption.value for caption in app.caption)


def test_without_a_finished_run_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(tmp_path))
    app = AppTest.from_function(page).run()
    assert "prescreen run" in app.info[0].value
