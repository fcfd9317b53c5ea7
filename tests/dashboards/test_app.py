"""The pages in a real browser, against a real server: what a reviewer sees and does."""

import json
import shutil

import pytest

from bench.runs import read_journal
from dashboards.catalogue import find_runs, finished
from support.browser import browser_page, served

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def own_root(runs_root, tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    source = finished(find_runs(runs_root))[0].path
    shutil.copytree(source, root / source.name)
    return root


@pytest.fixture(scope="module")
def address(own_root):
    with served(own_root) as address:
        yield address


@pytest.fixture(scope="module")
def page(address):
    with browser_page() as page:
        page.set_default_timeout(WAIT_MS)
        yield page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Overview"),
        ("/run", "Run"),
        ("/videos", "Videos"),
        ("/compare", "Compare"),
        ("/calibration", "Calibration"),
        ("/review", "Review"),
    ],
)
def test_each_page_is_drawn_without_an_error(page, address, path, title):
    page.goto(address + path)
    page.get_by_role("heading", name=title, exact=True).wait_for()
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.slow
def test_a_video_plays(page, address, own_root):
    (card,) = find_runs(own_root)
    prompts = (card.path / "2-generation.jsonl").read_text().splitlines()
    trial = next(t for t in map(json.loads, prompts) if t["prompt_id"] == "plain-0")
    page.goto(f"{address}/videos?run={card.name}&trial={trial['id']}")
    page.get_by_role("button", name="I understand").click()
    page.locator("video").wait_for()
    page.evaluate("async () => { const v = document.querySelector('video'); await v.play(); }")
    page.wait_for_function(
        "() => { const v = document.querySelector('video');"
        " return v.readyState === 4 && v.currentTime > 0 }"
    )


@pytest.mark.slow
def test_untrusted_text_is_text_and_a_reveal_shows_one_clip(page, address, own_root):
    (card,) = find_runs(own_root)
    page.goto(f"{address}/videos?run={card.name}")
    page.get_by_role("button", name="I understand").click()
    page.get_by_text("<script>document.title").wait_for()
    page.get_by_text("![x](http://example.org/x.png)").wait_for()
    assert page.title() != "owned"
    assert page.locator("img[src*='example.org']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    page.get_by_role("button", name="Reveal").click()
    page.get_by_role("button", name="Reveal").wait_for(state="detached")
    events, _ = read_journal(card.path / "9-review" / "reveals.jsonl")
    assert len(events) == 1


@pytest.mark.slow
def test_a_label_survives_a_restart_of_the_server(page, own_root):
    for expected in ("1 wait for you", "0 wait for you"):
        with served(own_root) as address:
            page.goto(f"{address}/review")
            name = page.get_by_label("Your name")
            name.fill("ann")
            name.press("Enter")
            page.get_by_role("button", name="I understand").click()
            page.get_by_text(expected).wait_for()
            if expected.startswith("1"):
                page.get_by_role("button", name="Harmful").click()
                page.get_by_text("0 wait for you").wait_for()
