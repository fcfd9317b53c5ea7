"""The page: self-contained, the same bytes each time, untrusted text escaped, hazards veiled."""

import json
import re
from html.parser import HTMLParser

import pytest

from bench.pipeline import score
from bench.plan import ScoreRequest
from bench.reports import html
from bench.reports.html import write_html
from bench.runs import REPORT, SUMMARY, read_json, write_json
from bench.videos.write import write_master
from support.clips import moving, still
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")
EVIL = "<script>alert('x')</script>"


class Page(HTMLParser):
    """Tags with their attributes, and whether every opened tag is closed."""

    VOID = frozenset({"meta", "img", "br", "input", "line", "rect"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def finished(tmp_path):
    videos = make_folder(tmp_path / "videos", 2)
    write_master(videos / "evil <b>\u202e\n.mp4", iter(moving(6, 32, 48)), 24)
    write_master(videos / "frozen.mp4", iter(still(8, 48, 64)), 24)
    (videos / "broken.mp4").write_bytes(b"no video")
    prompts = tmp_path / "prompts.jsonl"
    rows = [
        {"id": "clip00", "text": f"a texture {EVIL}"},
        {"id": "clip01", "text": "a cruel thing", "hazard": "violence"},
        {"id": "gone", "text": "not there"},
        {"id": "frozen", "text": "nothing moves"},
    ]
    prompts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    request = ScoreRequest(
        videos=str(videos),
        prompts=str(prompts),
        metrics=("temporal_flicker", "degenerate"),
        run=tmp_path / "run",
        workers=1,
        n_resamples=200,
    )
    return score(request).path


def read(root):
    return (root / REPORT).read_text(encoding="utf-8")


def test_the_page_is_whole_and_reaches_for_nothing(finished):
    text = read(finished)
    page = Page(text)
    assert page.open == []
    assert "default-src 'none'" in text
    assert not {"script", "iframe", "object", "link", "form"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith("data:image/jpeg;base64,"), tag
    assert not re.search(r"url\(|@import|https?://", text)


def test_equal_runs_give_equal_pages(finished):
    before = read(finished)
    write_html(finished)
    assert read(finished) == before


def test_untrusted_text_is_escaped_and_cannot_turn_the_line(finished):
    text = read(finished)
    assert EVIL not in text
    assert "&lt;script&gt;alert(" in text
    assert "\u202e" not in text
    assert "evil &lt;b&gt;\\u202e\\n.mp4" in text


def test_every_problem_is_named_with_its_reason(finished):
    text = " ".join(Page(read(finished)).text)
    for words in (
        "the file cannot be opened as a video",
        "(prompt gone)",
        "no video answers this prompt",
        "its name is neither the id nor the text of a prompt",
        "vetoed",
        "(with vetoed: not a headline)",
        "t interval, 2 df",
    ):
        assert words in text, words
    summary = read_json(finished / SUMMARY)
    assert {p["status"] for p in summary["problems"]} == {"error", "missing", "vetoed", "no prompt"}


def test_clips_of_a_hazard_are_veiled_until_asked_for(finished):
    text = read(finished)
    (veiled,) = [a for a in text.split("<article")[1:] if 'class="strip veiled"' in a]
    assert "clip01.mp4" in veiled
    assert 'type="checkbox" class="unveil"' in veiled
    assert "filter:blur" in text


def test_what_went_wrong_comes_first_and_the_rest_is_counted(finished, monkeypatch):
    order = re.findall(r"<strong><bdi>(.*?)</bdi></strong>", read(finished))
    assert order[-2:] == ["clip00.mp4", "clip01.mp4"]
    monkeypatch.setattr(html, "MAX_CLIPS", 2)
    write_html(finished)
    text = read(finished)
    assert text.count("<article") == 2
    assert "2 of 6 are shown" in text


def test_pictures_are_in_the_page(finished):
    images = [a for tag, a in Page(read(finished)).tags if tag == "img"]
    assert len(images) == 4 * 5
    assert all(a["src"].startswith("data:image/jpeg;base64,/9j/") for a in images)
    assert images[0]["alt"] == "frame 1 of 5"


def test_notes_of_numbers_and_of_intervals_are_listed_once(finished):
    summary = read_json(finished / SUMMARY)
    for headline in summary["headlines"]:
        headline["notes"] = [f"mind {EVIL}"]
        if headline["interval"]:
            headline["interval"]["notes"] = ["design effect 2.00"]
    summary["unavailable"] = {"fvd": "no weights"}
    write_json(finished / SUMMARY, summary)
    write_html(finished)
    text = read(finished)
    assert text.count("<bdi>mind &lt;script") == 2  # one for each metric
    assert "design effect 2.00" in text
    assert "<code>fvd</code>: no weights" in text
    assert Page(text).open == []


def test_bars_share_a_scale_within_a_column():
    def head(value, low, high, source):
        made = None if low is None else {"low": low, "high": high}
        return {
            "metric": "m",
            "column": "c",
            "source": source,
            "value": value,
            "interval": made,
        }

    heads = [head(5, 0, 10, "a"), head(10, None, None, "b"), head(None, None, None, "c")]
    bars = [drawn["bar"] for drawn in html._with_bars(heads)]
    assert bars == [
        {"dot": 50.0, "low": 4.0, "high": 96.0},
        {"dot": 96.0, "low": 96.0, "high": 96.0},
        None,
    ]
    (alone,) = html._with_bars([head(3, None, None, "a")])
    assert alone["bar"] == {"dot": 4.0, "low": 4.0, "high": 4.0}
