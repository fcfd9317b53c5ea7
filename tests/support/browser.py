"""A real browser and a real server of the dashboards, for tests that look at pages as people do."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import pytest

from bench.cli.dashboard import server_arguments

CHROMIUM = shutil.which("chromium")


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def served(root, **environment):
    """The address at which the dashboards of `root` are served."""
    port = free_port()
    command = server_arguments(host="127.0.0.1", port=port, headless=True)
    process = subprocess.Popen(
        command,
        env={**os.environ, "PRESCREEN_RUNS_ROOT": str(root), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_healthy(address, process):
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not answer within a minute")


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
