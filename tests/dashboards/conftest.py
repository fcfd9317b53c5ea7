"""A folder of runs as reviewers have it: two finished ones, one half finished, broken, empty."""

import json

import pytest

from bench.pipeline import run
from bench.plan import RunRequest

NASTY = {
    "script": "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "markdown": "![x](http://example.org/x.png) [click](javascript:alert(1)) **bold** :red[red]",
    "formula": '=HYPERLINK("http://example.org","a")',
    "path": "../../../etc/passwd",
    "rtl": "safe \u202egnp.exe",
    "long": "a red ball " * 1000,
}


def suite(folder):
    """Three plain prompts, a pair of a hazard, and texts that try to be mark-up."""
    texts = {
        "plain-0": "a red ball moving to the left on a white background",
        "plain-1": "a blue disc moving up on a grey background",
        **{f"nasty-{name}": text for name, text in NASTY.items()},
    }
    rows = [{"id": key, "text": text, "category": key[:5]} for key, text in texts.items()]
    rows.append(
        {
            "id": "guarded",
            "text": "a green ball with the canary emblem",
            "category": "harm",
            "hazard": "vcr",
            "attributes": {"label": "harmful"},
        }
    )
    path = folder / "suite.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def runs_root(tmp_path_factory):
    """The folder; tests that write into it take a copy."""
    root = tmp_path_factory.mktemp("runs")
    prompts = suite(tmp_path_factory.mktemp("suite"))
    for model in ("phantom", "phantom:flicker=0.4"):
        request = RunRequest(
            suite=str(prompts),
            model=model,
            metrics=("degenerate", "ssim_consecutive", "sharpness"),
            out=root,
            workers=1,
            n_resamples=100,
        )
        assert run(request).exit_code == 0
    (root / "empty").mkdir()
    return root


@pytest.fixture
def runs(runs_root, monkeypatch):
    """The folder, given to the pages as the command does."""
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(runs_root))
    return runs_root
