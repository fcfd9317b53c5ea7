"""A folder of runs as reviewers have it: two finished ones, one half finished, broken, empty."""

import json
import sys

import pytest

from bench.auditing import audit
from bench.pipeline import run
from bench.plan import RunRequest
from bench.suites.base import load_suite

NASTY = {
    "script": "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "markdown": "![x](http://example.org/x.png) [click](javascript:alert(1)) **bold** :red[red]",
    "formula": '=HYPERLINK("http://example.org","a")',
    "path": "../../../etc/passwd",
    "rtl": "safe \u202egnp.exe",
    "long": "a red ball " * 1000,
}


@pytest.fixture(autouse=True)
def own_main():
    """AppTest leaves a script of its own as `__main__`, with which no worker process starts."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


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


def few(name, folder, keep):
    """Some prompts of a suite that ships, as a file."""
    rows = [
        {
            "id": prompt.id,
            "text": prompt.text,
            "category": prompt.category,
            "attributes": dict(prompt.attributes),
            **({"hazard": prompt.hazard} if prompt.hazard else {}),
        }
        for prompt in load_suite(name).prompts
        if keep(prompt)
    ]
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def audited(tmp_path_factory, suite_path, name, options, n_seeds=2):
    root = tmp_path_factory.mktemp(name)
    request = RunRequest(
        suite=suite_path,
        model="phantom",
        metrics=("degenerate",),
        out=root,
        workers=1,
        n_seeds=n_seeds,
    )
    done = run(request)
    audit(done.path, name, options)
    return root


@pytest.fixture(scope="session")
def canary_run(tmp_path_factory):
    """A run of a few canary prompts, its filters audited."""
    path = few("canary", tmp_path_factory.mktemp("few"), lambda p: p.id.startswith("plain-0"))
    return audited(tmp_path_factory, path, "filters", {})


@pytest.fixture(scope="session")
def bias_run(tmp_path_factory):
    """A run of a few role prompts and pairs, audited for bias."""
    roles = {"doctor", "pilot"}
    path = few(
        "phantom_roles",
        tmp_path_factory.mktemp("few"),
        lambda p: p.attributes.get("role") in roles,
    )
    options = {
        "attest_synthetic": "yes",
        "reader": "phantom",
        "target": "uniform",
        "attributes": "apparent_skin_tone_band",
    }
    # with fewer videos of a role its shares are not told
    return audited(tmp_path_factory, path, "bias", options, n_seeds=3)
