from streamlit.testing.v1 import AppTest

from dashboards.catalogue import find_runs, finished


def page():
    import streamlit as st

    from dashboards.widgets.context import pick_run, prompts_of, summary_of, trials_of

    card = pick_run()
    st.text(card.name)
    st.text(f"{len(trials_of(card))} {len(prompts_of(card))} {len(summary_of(card)['problems'])}")


def test_the_address_names_the_run_in_view(runs):
    names = [card.name for card in finished(find_runs(runs))]
    for name in names:
        app = AppTest.from_function(page, default_timeout=30)
        app.query_params["run"] = name
        app.run()
        assert app.text[0].value == name
        assert app.text[1].value.startswith("9 9 ")
        assert app.query_params["run"] in (name, [name])


def test_a_run_that_is_not_there_gives_the_latest(runs):
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["run"] = "../../etc"
    app.run()
    assert app.text[0].value == finished(find_runs(runs))[0].name
