import shutil

import pytest
from streamlit.testing.v1 import AppTest

from bench.runs import read_journal
from dashboards.catalogue import find_runs, finished
from dashboards.labels import HARM, PAIR, Label, LabelStore, store_url


def page():
    from dashboards.views import review

    review.main()


@pytest.fixture
def own_runs(runs_root, tmp_path, monkeypatch):
    for card in finished(find_runs(runs_root)):
        shutil.copytree(card.path, tmp_path / card.name)
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(tmp_path))
    monkeypatch.delenv("PRESCREEN_LABELS", raising=False)
    return tmp_path


def opened(name="ann", task="Harm"):
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["reviewer"] = name
    app.session_state["warned"] = True
    app.session_state["task"] = task
    app.run()
    assert not app.exception
    return app


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception


def held(root, kind=None):
    return LabelStore(store_url(root)).labels(kind)


def test_nobody_labels_without_a_name(own_runs):
    app = AppTest.from_function(page, default_timeout=60).run()
    assert "Say who you are" in app.info[0].value
    assert not app.button


def test_a_harm_label_is_kept_and_survives_a_restart(own_runs):
    app = opened()
    press(app, "harm-harmful")
    (label,) = held(own_runs, HARM)
    assert (label.value, label.reviewer, label.adjudicates) == ("harmful", "ann", False)
    again = opened()
    assert again.caption[1].value.startswith("1 wait for you")


def test_a_clip_is_blurred_until_revealed_and_the_reveal_is_by_name(own_runs):
    app = opened()
    (reveal,) = [b for b in app.button if b.label == "Reveal"]
    reveal.click().run()
    assert not [b for b in app.button if b.label == "Reveal"]
    (path,) = own_runs.glob("*/9-review/reveals.jsonl")
    events, _ = read_journal(path)
    assert events[0].data["reviewer"] == "ann"
    assert app.caption[0].value.startswith("1 of 60")


def test_the_exposure_limit_stops_the_queue(own_runs, monkeypatch):
    monkeypatch.setenv("PRESCREEN_EXPOSURE_LIMIT", "0")
    app = opened()
    assert "enough for a day" in app.warning[0].value
    assert not [b for b in app.button if b.key == "harm-harmful"]
    monkeypatch.setenv("PRESCREEN_EXPOSURE_LIMIT", "many")
    assert "no number of clips" in opened().error[0].value.replace("\\", "")


def test_a_third_person_settles_what_two_disagree_on(own_runs):
    store = LabelStore(store_url(own_runs))
    app = opened("cid")
    names = [f"{card.name}/" for card in finished(find_runs(own_runs))]
    press(app, "harm-benign")
    item = held(own_runs)[0].item
    assert item.startswith(tuple(names))
    store.add(Label(kind=HARM, item=item, question="", value="harmful", reviewer="dan"))
    app = opened("eve")
    app.toggle(key="settle").set_value(True).run()
    assert any("settles it" in info.value for info in app.info)
    press(app, "harm-harmful")
    assert held(own_runs)[-1].adjudicates
    assert held(own_runs)[-1].item == item


def test_preferences_are_blinded_and_sides_are_put_back(own_runs):
    app = opened(task="Preference")
    shown = " ".join(t.value for t in (*app.text, *app.caption, *app.markdown))
    assert "flicker" not in shown
    press(app, "pair-first")
    (label,) = held(own_runs, PAIR)
    assert label.value in {"first", "second"}
    first, second = label.item.split(" | ")
    assert first.split("/")[1] != second.split("/")[1]


def test_results_show_agreement_and_say_when_a_ranking_needs_more(own_runs):
    store = LabelStore(store_url(own_runs))
    for reviewer in ("ann", "bob"):
        for i in range(4):
            value = "harmful" if i % 2 else "benign"
            store.add(Label(kind=HARM, item=f"r/{i}", question="", value=value, reviewer=reviewer))
    a, b = (card.name for card in finished(find_runs(own_runs)))
    pair = " | ".join(sorted((f"{a}/1", f"{b}/1")))
    store.add(Label(kind=PAIR, item=pair, question="q", value="first", reviewer="ann"))
    app = opened(task="Results")
    agreement = app.dataframe[0].value.set_index("labels")
    assert agreement.loc["harm", "Krippendorff's alpha"] == pytest.approx(1)
    assert agreement.loc["harm", "settled"] == 4
    assert app.dataframe[1].value["Cohen's kappa"].tolist() == [pytest.approx(1)]
    assert any("not enough answers" in info.value for info in app.info)
