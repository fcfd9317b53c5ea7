import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import StorageError, UsageError
from dashboards.labels import HARM, MAX_CHARS, PAIR, Label, LabelStore, checked, latest, store_url
from support.postgres import postgres

ONE = Label(kind=HARM, item="run/trial", question="", value="harmful", reviewer="ann")


@pytest.fixture(scope="module")
def server():
    # not below pytest's own folder: the server's user may not enter that
    with tempfile.TemporaryDirectory(dir="/tmp") as name, postgres(Path(name)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'labels.sqlite'}"
    return request.getfixturevalue("server")


def test_a_label_is_there_for_the_next_connection(url):
    before = len(LabelStore(url).labels())
    LabelStore(url).add(ONE)
    held = LabelStore(url).labels(HARM)[before:]
    assert [replace(label, at="") for label in held] == [ONE]
    assert held[0].at.endswith("+00:00")


def test_texts_of_any_script_come_back(url):
    store = LabelStore(url)
    text = "हिन्दी \u202e عربى 🎬 '; DROP TABLE prescreen_labels; --"
    store.add(replace(ONE, reviewer=text))
    assert store.labels()[-1].reviewer == text


def test_reviewers_at_once_lose_nothing(url):
    before = len(LabelStore(url).labels())

    def work(name):
        for i in range(15):
            LabelStore(url).add(replace(ONE, reviewer=name, item=f"run/{i}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, ["r0", "r1", "r2", "r3"]))
    assert len(LabelStore(url).labels()) == before + 60


def test_the_last_of_a_persons_labels_counts():
    later = replace(ONE, value="benign")
    other = replace(ONE, reviewer="bob")
    assert latest([ONE, other, later]) == [later, other]
    settled = replace(ONE, adjudicates=True)
    assert latest([ONE, settled]) == [ONE, settled]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "mood"}, "no such kind"),
        ({"value": "bad"}, "no such answer"),
        ({"kind": PAIR, "value": "left"}, "no such answer"),
        ({"reviewer": " "}, "reviewer is empty"),
        ({"item": "x" * (MAX_CHARS + 1)}, "item is empty or too long"),
    ],
)
def test_what_cannot_be_a_label_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        checked(replace(ONE, **change))


def test_an_address_that_is_none_and_a_database_that_is_away(tmp_path):
    with pytest.raises(UsageError, match=r"not the address.*legal: sqlite"):
        LabelStore("no address")
    with pytest.raises(StorageError, match=r"does not answer.*PRESCREEN_LABELS"):
        LabelStore(f"sqlite:///{tmp_path / 'gone' / 'labels.sqlite'}")
    with pytest.raises(StorageError) as caught:
        LabelStore("postgresql+psycopg://ann:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


def test_the_usual_place_is_a_file_beside_the_runs(tmp_path, monkeypatch):
    monkeypatch.delenv("PRESCREEN_LABELS", raising=False)
    assert store_url(tmp_path) == f"sqlite:///{tmp_path / 'labels.sqlite'}"
    monkeypatch.setenv("PRESCREEN_LABELS", "postgresql+psycopg://h/x")
    assert store_url(tmp_path) == "postgresql+psycopg://h/x"
