"""Prompts in any script come through a whole run: files, table, page, report, check."""

import html
import json

import pyarrow.parquet as pq
import pytest

from bench.attacked import attacked
from bench.cli.main import run as command
from bench.pipeline import run
from bench.request import RunRequest
from bench.suites.base import load_suite, nfc

pytestmark = pytest.mark.slow

TEXTS = {
    "arabic": "كرة حمراء تتدحرج إلى اليسار",
    "hebrew": "כדור אדום מתגלגל שמאלה",
    "persian": "توپ قرمز می\u200cغلتد",
    "hindi": "लाल गेंद बाईं ओर लुढ़कती है",
    "tamil": "சிவப்பு பந்து உருளுகிறது",
    "thai": "ลูกบอลสีแดงกลิ้งไปทางซ้าย",
    "chinese": "一个红球向左滚动",
    "japanese": "赤いボールが左へ転がる",
    "korean": "빨간 공이 왼쪽으로 굴러간다",
    "russian": "красный мяч катится влево",
    "greek": "μια κόκκινη μπάλα κυλά",
    "emoji": "🔴 rolls past 👩‍🚀 and 🏳️‍🌈 ❤️",
    "combining": "cafe\u0301 a\u0323\u0307 Zürich",
    "beyond": "𝒜 𐍈 𠜎 and 🜁",
    "markup": "<b>a & \"ball\"</b> 'x' {{y}} | _z_",
    "mixed": "a red כדור rolls في الهواء",
}
IDS = {"arabic": "كرة", "chinese": "红球", "emoji": "🔴"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scripts")
    path = folder / "scripts.jsonl"
    rows = [
        {"id": IDS.get(name, name), "text": text, "category": text[:8].strip(), "tags": [text[:5]]}
        for name, text in TEXTS.items()
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    request = RunRequest(
        suite=str(path),
        model="constant",
        metrics=("degenerate",),
        attacks=("spacing",),
        n_resamples=100,
        out=folder / "runs",
        workers=1,
    )
    return request, run(request).path


def _expected(request):
    return {p.id: p.text for p in attacked(load_suite(request.suite), request.attacks).prompts}


def test_the_prompts_file_holds_every_text_in_form_nfc(done):
    request, path = done
    lines = (path / "1-prompts.jsonl").read_text(encoding="utf-8").split("\n")
    held = {row["id"]: row["text"] for row in map(json.loads, filter(None, lines))}
    assert held == _expected(request)
    for name, text in TEXTS.items():
        assert held[IDS.get(name, name)] == nfc(text)
    assert len(held) == 2 * len(TEXTS)


def test_no_file_is_named_after_a_prompt(done):
    _, path = done
    assert all(p.name.isascii() for p in path.rglob("*"))


def test_every_video_has_its_row_and_its_prompt(done):
    request, path = done
    lines = (path / "2-generation.jsonl").read_text(encoding="utf-8").split("\n")
    trials = [json.loads(line) for line in filter(None, lines)]
    assert {t["prompt_id"] for t in trials} == _expected(request).keys()
    scored = set(pq.read_table(path / "5-scores.parquet").column("trial_id").to_pylist())
    assert scored == {t["id"] for t in trials}


def test_the_page_shows_every_text_and_takes_none_for_markup(done):
    request, path = done
    page = next((path / "7-report").glob("*.html")).read_text(encoding="utf-8")
    shown = html.unescape(page)
    for text in _expected(request).values():
        assert any(form in shown for form in (text, *_escaped(text))), text
    assert "<b>a &" not in page


def _escaped(text):
    """As JSON within the page writes it."""
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]


def test_the_commands_read_it_again(done, capsys):
    _, path = done
    assert command(["verify", str(path)]) == 0
    assert command(["report", str(path)]) == 0
    capsys.readouterr()
    assert command(["suites", "lint", done[0].suite, "--json"]) in {0, 1}
    assert json.loads(capsys.readouterr().out)["n_prompts"] == len(TEXTS)
