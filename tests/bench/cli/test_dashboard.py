from itertools import pairwise

import pytest

from bench.cli import dashboard
from bench.cli.main import run
from bench.errors import EXIT_USAGE, UsageError


def test_a_root_that_is_not_there_is_refused(capsys, tmp_path):
    assert run(["dashboard", str(tmp_path / "gone")]) == EXIT_USAGE
    assert "no folder of runs" in capsys.readouterr().err


def test_it_serves_this_machine_alone_without_telemetry(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    arguments = dashboard.server_arguments(host="127.0.0.1", port=8600, headless=True)
    pairs = dict(pairwise(arguments))
    assert pairs["--server.address"] == "127.0.0.1"
    assert pairs["--browser.gatherUsageStats"] == "false"


def test_others_are_refused_until_a_login_is_set_up(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match=r"login.*docs/dashboards.md"):
        dashboard.server_arguments(host="0.0.0.0", port=8600, headless=True)
    (tmp_path / ".streamlit").mkdir()
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.write_text("not toml [")
    assert not dashboard.has_login()
    secrets.write_text('[auth]\nredirect_uri = "http://localhost/oauth2callback"\n')
    assert dashboard.has_login()
    assert "0.0.0.0" in dashboard.server_arguments(host="0.0.0.0", port=8600, headless=True)
