"""Pictures of every page, by a real browser: `python -m dashboards.screenshots RUNS_ROOT FOLDER`.

The runs decide what there is to see: the latest finished one is in view, and where one was audited
or gated the page of the audit or the gate shows that one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.cli.dashboard import ROOT_VARIABLE, server_arguments
from bench.errors import PrescreenError, Unavailable, UsageError
from bench.runs import AUDITS, GATE
from dashboards.app import PAGES
from dashboards.catalogue import RunCard, find_runs, finished

WIDTH_PX, HEIGHT_PX = 1400, 1000
PORT = 8597
SETTLE_S = 4.0
WAIT_MS = 120_000


def addresses(root: Path) -> dict[str, str]:
    """Page -> the part of its address after the host, with the run that it shows best.

    Raises:
        UsageError: when no run is finished.
    """
    cards = finished(find_runs(root))
    if not cards:
        raise UsageError("no finished run to draw", seen=root, then="prescreen run")
    best = {name: cards[0] for name, _, _ in PAGES}
    for name in ("filters", "bias"):
        best[name] = _first(cards, lambda card, n=name: (card.path / AUDITS / n).exists())
    best["gate"] = _first(cards, lambda card: (card.path / GATE).exists())
    made = {name: f"{name}?run={card.name}" for name, card in best.items()}
    made["overview"] = ""
    same = [card for card in cards[1:] if card.suite == cards[0].suite]
    if same:
        made["compare"] = f"compare?a={same[0].name}&b={cards[0].name}"
    return made


def _first(cards: Sequence[RunCard], holds: Any) -> RunCard:
    return next((card for card in cards if holds(card)), cards[0])


@contextmanager
def served(root: Path, port: int) -> Iterator[str]:
    """The address of a server of the dashboards.

    Raises:
        Unavailable: when it does not start within a minute.
    """
    command = server_arguments(host="127.0.0.1", port=port, headless=True)
    environment = {**os.environ, ROOT_VARIABLE: str(root.resolve())}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if _answers(address):
                break
            time.sleep(0.2)
        else:
            raise Unavailable("the server of the dashboards does not answer", seen=address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def draw(root: Path, folder: Path, port: int = PORT) -> list[Path]:
    """Draw each page; the pictures that were written.

    Raises:
        Unavailable: when Playwright or Chromium is not installed, or a page shows an error.
    """
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Unavailable("Playwright is not installed", then="make setup") from error
    if chromium is None:
        raise Unavailable("Chromium is not installed", then="apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with served(root, port) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
        page.set_default_timeout(WAIT_MS)
        for name, path in addresses(root).items():
            made.append(_picture(page, f"{address}/{path}", folder / f"dashboard-{name}.png"))
        browser.close()
    return made


def _picture(page: Any, address: str, path: Path) -> Path:
    page.goto(address)
    page.get_by_role("heading").first.wait_for()
    time.sleep(SETTLE_S)
    name = page.get_by_label("Your name")
    if name.count():
        name.fill("reviewer")
        name.press("Enter")
        time.sleep(SETTLE_S)
    accept = page.get_by_role("button", name="I understand")
    if accept.count():
        accept.first.click()
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    time.sleep(SETTLE_S)
    if page.get_by_test_id("stException").count():
        raise Unavailable("a page shows an error", seen=address)
    page.screenshot(path=str(path))
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; what goes wrong is one line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) != 2:
        sys.stderr.write("usage: python -m dashboards.screenshots RUNS_ROOT FOLDER\n")
        return 64
    try:
        for path in draw(Path(given[0]), Path(given[1])):
            sys.stdout.write(f"{path}\n")
    except PrescreenError as error:
        sys.stderr.write(f"dashboards.screenshots: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
