import shutil

import pytest
from streamlit.testing.v1 import AppTest

from bench.runs import read_journal
from dashboards.catalogue import find_runs, finished


def page():
    from dashboards.views import videos

    videos.main()


@pytest.fixture
def own_runs(runs_root, tmp_path, monkeypatch):
    """A copy that a test may write reveals into."""
    source = finished(find_runs(runs_root))[0].path
    shutil.copytree(source, tmp_path / source.name)
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(tmp_path))
    return tmp_path


def opened(**query):
    app = AppTest.from_function(page, default_timeout=30)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    app.button(key="accept-warning").click().run()
    assert not app.exception
    return app


def test_a_warning_comes_before_any_clip_of_a_hazard(own_runs):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert "Content warning: 1 clips" in app.warning[0].value
    assert not app.text


def test_prompts_are_shown_as_they_are_written(own_runs):
    app = opened()
    texts = "\n".join(text.value for text in app.text)
    assert "<script>document.title" in texts
    assert "![x](http://example.org/x.png)" in texts
    assert "9 of 9 videos" in app.caption[0].value


def test_search_and_category_narrow_the_grid(own_runs):
    app = opened()
    app.text_input[0].input("BLUE disc").run()
    assert "1 of 9 videos" in app.caption[0].value
    app.text_input[0].input("").run()
    app.selectbox(key="category").select("plain").run()
    assert "2 of 9 videos" in app.caption[0].value


def test_a_reveal_is_written_down_and_is_for_one_clip(own_runs):
    app = opened()
    (button,) = [b for b in app.button if b.label == "Reveal"]
    button.click().run()
    assert not app.exception
    assert not [b for b in app.button if b.label == "Reveal"]
    (run,) = own_runs.iterdir()
    events, _ = read_journal(run / "9-review" / "reveals.jsonl")
    assert len(events) == 1
    assert events[0].data["reviewer"] == "unnamed"


def test_a_reveal_that_cannot_be_written_down_shows_nothing(own_runs):
    (run,) = own_runs.iterdir()
    (run / "9-review").mkdir()
    (run / "9-review" / "reveals.jsonl").write_text("not a chain\n")
    app = opened()
    (button,) = [b for b in app.button if b.label == "Reveal"]
    button.click().run()
    assert "chain breaks" in app.error[0].value.replace("\\", "")
    assert [b for b in app.button if b.label == "Reveal"]


def test_one_video_has_its_scores_strips_and_events(own_runs):
    (card,) = find_runs(own_runs)
    trial = next(iter(__import__("json").loads((card.path / "sources.json").read_text())))
    app = opened(trial=trial)
    assert any("Worst at frame" in caption.value for caption in app.caption)
    assert not app.dataframe[0].value.empty
    app.button[0].click().run()
    assert "9 of 9 videos" in app.caption[0].value
