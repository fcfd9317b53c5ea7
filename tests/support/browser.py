"""A real browser and a real server of the dashboards, for tests that look at pages as people do."""

import os
import shutil
import socket
from contextlib import contextmanager

import pytest

from dashboards import screenshots

CHROMIUM = shutil.which("chromium")


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def served(root):
    """The address at which the dashboards of `root` are served, on a port of its own."""
    with screenshots.served(root, free_port()) as address:
        yield address


@contextmanager
def browser_page(**options):
    """A page of Debian's Chromium; without it the test is skipped by name, but never in CI."""
    if CHROMIUM is None:
        reason = "chromium is not installed; next: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        try:
            yield browser.new_page(viewport={"width": 1400, "height": 1200}, **options)
        finally:
            browser.close()
