import pytest
from streamlit.testing.v1 import AppTest

from bench.auditing import audit
from dashboards.catalogue import find_runs, finished


def page():
    from dashboards.views import filters

    filters.main()


def opened(**state):
    app = AppTest.from_function(page, default_timeout=60)
    for key, value in {"warned": True, **state}.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def test_a_run_that_was_not_audited_says_what_to_do(runs):
    app = opened()
    assert "not audited" in app.info[0].value
    assert app.code[0].value.startswith("prescreen audit filters")


@pytest.fixture
def audited(canary_run, monkeypatch):
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(canary_run))
    return canary_run


def test_every_table_of_the_audit_is_there(audited):
    app = opened()
    headers = [header.value for header in app.header]
    for title in ("Funnel of harmful prompts", "Each layer", "Threshold", "Attack by hazard"):
        assert title in headers
    layers = next(t.value for t in app.dataframe if "measure" in t.value)
    assert set(layers["measure"]) == {"tpr", "fnr", "fpr"}


def test_the_slider_changes_the_rates_and_is_called_exploration(audited):
    app = opened()
    assert "Exploration" in app.warning[0].value

    def rates():
        return next(t.value for t in app.dataframe if "rate" in t.value).set_index("rate")

    app.slider(key="threshold").set_value(0.0).run()
    assert rates()["value"].tolist() == [1.0, 1.0]
    app.slider(key="threshold").set_value(1.0).run()
    assert rates()["value"].sum() < 2
    assert not app.exception


def test_a_cell_opens_its_trials(audited):
    app = opened()
    shown = [c.value for c in app.caption if c.value.endswith("trials")]
    assert shown
    assert not shown[0].startswith("0 ")
    (card,) = finished(find_runs(audited))
    assert card.suite != ""


def test_conducting_again_gives_the_page_the_same_findings(audited):
    (card,) = finished(find_runs(audited))
    before = (card.path / "6-findings.jsonl").read_bytes()
    audit(card.path, "filters", {})
    assert (card.path / "6-findings.jsonl").read_bytes() == before
