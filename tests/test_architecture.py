"""House rules that no linter knows: sizes, mirrored tests, documented and conforming plug-ins."""

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from bench import registry
from bench.reports import metric_pages
from bench.testing import (
    check_docstring,
    check_extractor,
    check_metric,
    check_refuses_one_frame,
    clip_of,
)
from support.clips import moving

ROOT = Path(__file__).parent.parent
PACKAGES = ("bench", "generator", "audits", "dashboards")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
WEIGHTS_FREE = [name for name in registry.names("feature") if name not in {"clip", "i3d"}]
NEEDS_WEIGHTS = {
    "clip_score",
    "frame_consistency",
    "fvd",
    "fvd_crop",
    "fvd_floor",
    "fvd_inf",
    "fvd_tf1",
    "kvd",
    "prdc",
}
"""Checked with their weights, in their own tests."""
KINDS = sorted(set(registry.kinds()) - {"engine"})
WEIGHT_FREE = [name for name in registry.names("metric") if name not in NEEDS_WEIGHTS]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("kind", KINDS)
def test_each_plug_in_has_a_test_file_of_its_name(kind):
    folder = ROOT / "tests" / Path(*registry.ROOMS[kind].split("."))
    missing = [n for n in registry.names(kind) if not (folder / f"test_{n}.py").exists()]
    assert missing == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_plug_in_says_in_one_line_what_it_is(kind):
    for name in registry.names(kind):
        assert 10 <= len(registry.summary(kind, name)) <= 100, name


@pytest.mark.parametrize("kind", ["metric", "attack"])
def test_the_contract_that_none_imports_another_names_all(kind):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    name = f"No {kind} imports another {kind}"
    (contract,) = [c for c in contracts["contracts"] if c["name"] == name]
    assert contract["type"] == "independence"
    room = registry.ROOMS[kind]
    assert contract["modules"] == [f"{room}.{name}" for name in registry.names(kind)]


@pytest.mark.parametrize("name", registry.names("metric"))
def test_metric_pages_are_up_to_date(name):
    path = ROOT / metric_pages.FOLDER / f"{name}.md"
    assert path.read_text() == metric_pages.page(name), "next: make docs"


def test_the_list_of_metric_pages_is_up_to_date():
    assert (ROOT / metric_pages.FOLDER / "README.md").read_text() == metric_pages.index()


@pytest.mark.parametrize("name", registry.names("metric"))
def test_each_metric_documents_itself(name):
    check_docstring(registry.build("metric", name))


@pytest.mark.parametrize("name", WEIGHTS_FREE)
def test_each_weight_free_extractor_conforms(name):
    extractor = registry.build("feature", name)
    check_extractor(extractor, moving(10, 64, 80))
    check_refuses_one_frame(extractor, moving(3, 64, 80))


@pytest.mark.parametrize("name", WEIGHT_FREE)
def test_each_weight_free_metric_conforms(name):
    metric = registry.build("metric", name)
    for clip in (moving(10, 64, 80), np.zeros((10, 64, 80, 3), np.uint8)):
        check_metric(metric, clip_of(clip, needs=metric.needs))


def test_imports_go_one_way():
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
