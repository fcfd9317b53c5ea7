import pytest

from bench.errors import EXIT_USAGE, UsageError
from dashboards.app import PAGES
from dashboards.screenshots import addresses, main


def test_every_page_has_an_address_and_audited_runs_come_first(canary_run):
    made = addresses(canary_run)
    assert set(made) == {name for name, _, _ in PAGES}
    (run,) = canary_run.iterdir()
    assert made["filters"] == f"filters?run={run.name}"


def test_two_runs_of_a_suite_are_compared(runs_root):
    assert addresses(runs_root)["compare"].startswith("compare?a=")


def test_without_a_run_nothing_is_drawn(tmp_path, capsys):
    with pytest.raises(UsageError, match="no finished run"):
        addresses(tmp_path)
    assert main([str(tmp_path)]) == EXIT_USAGE
    assert "usage" in capsys.readouterr().err
