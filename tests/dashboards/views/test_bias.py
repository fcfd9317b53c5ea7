import pytest
from streamlit.testing.v1 import AppTest


def page():
    from dashboards.views import bias

    bias.main()


@pytest.fixture
def audited(bias_run, monkeypatch):
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(bias_run))
    return bias_run


def opened():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


def test_a_run_that_was_not_audited_says_what_to_do(runs):
    app = opened()
    assert "not audited" in app.info[0].value
    assert "--i-attest-synthetic" in app.code[0].value


def test_shares_abstention_and_pairs_are_there(audited):
    app = opened()
    headers = [header.value for header in app.header]
    for title in ("Shares against the target", "What the reader would not tell"):
        assert title in headers
    abstention = next(t.value for t in app.dataframe if "share not told" in t.value)
    assert "apparent_skin_tone_band" in set(abstention["attribute"])
    assert app.selectbox(key="pair").options


def test_a_bar_opens_its_clips(audited):
    app = opened()
    counts = {}
    for value in app.selectbox(key="value").options:
        app.selectbox(key="value").select(value).run()
        assert not app.exception
        counts[value] = next(c.value for c in app.caption if "trials" in c.value)
    assert len(set(counts.values())) > 1 or len(counts) == 1


def test_every_finding_can_be_listed(audited):
    app = opened()
    app.toggle(key="bias-main").set_value(False).run()
    table = app.dataframe[-1].value
    assert {"share", "gap", "total_variation"} <= set(table["measure"])
