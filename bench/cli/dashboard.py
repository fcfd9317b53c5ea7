"""Open the dashboards of a folder of runs in a browser, on this machine alone by default."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import click

from bench.errors import Unavailable, UsageError

ROOT_VARIABLE = "PRESCREEN_RUNS_ROOT"


@click.command()
@click.argument("root", type=click.Path(path_type=Path), default=Path("runs"))
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at. Others than this machine's need a login: docs/dashboards.md.",
)
@click.option("--no-browser", is_flag=True, help="Only serve; open no browser.")
def command(root: Path, port: int, host: str, no_browser: bool) -> int:
    """Serve the dashboards of the runs below ROOT until interrupted."""
    if not root.is_dir():
        raise UsageError(
            "no folder of runs here", seen=root, then="prescreen run --suite smoke --model cascade"
        )
    arguments = server_arguments(host=host, port=port, headless=no_browser)
    environment = {**os.environ, ROOT_VARIABLE: str(root.resolve())}
    click.echo(f"dashboards of {root} at http://{host}:{port}; stop with Ctrl-C", err=True)
    return subprocess.run(arguments, env=environment, check=False).returncode


def server_arguments(*, host: str, port: int, headless: bool) -> list[str]:
    """The command that serves the app, without telemetry and without watching the code.

    Raises:
        Unavailable: when Streamlit is not installed.
        UsageError: when it would be open to others without a login.
    """
    if importlib.util.find_spec("streamlit") is None:
        raise Unavailable(
            "the dashboards need Streamlit", then="pip install 'prescreen[dashboard]'"
        )
    if host not in {"127.0.0.1", "localhost", "::1"} and not has_login():
        raise UsageError(
            "harmful content would be open to everyone who reaches this machine",
            seen=f"--host {host}, and no [auth] in .streamlit/secrets.toml",
            legal="127.0.0.1, or a login",
            then="docs/dashboards.md says how to set a login up",
        )
    package = importlib.util.find_spec("dashboards")
    if package is None or not package.submodule_search_locations:
        raise Unavailable("the dashboards are not installed", then="pip install prescreen")
    app = Path(next(iter(package.submodule_search_locations))) / "app.py"
    settings = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": str(headless).lower(),
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        "runner.magicEnabled": "false",
        "theme.primaryColor": "#0072B2",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(app), *options]


def has_login() -> bool:
    """Whether Streamlit's own authentication is set up where it looks for it."""
    import tomllib

    for folder in (Path.cwd(), Path.home()):
        path = folder / ".streamlit" / "secrets.toml"
        try:
            if "auth" in tomllib.loads(path.read_text(encoding="utf-8")):
                return True
        except (OSError, tomllib.TOMLDecodeError):
            continue
    return False
