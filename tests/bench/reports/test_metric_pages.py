"""Pages of the metrics: made from docstring and columns, and from nothing else."""

import inspect
import re

import pytest

from bench import registry
from bench.reports import metric_pages
from bench.testing import HEADINGS


@pytest.mark.parametrize("name", registry.names("metric"))
def test_a_page_has_every_heading_and_every_column(name):
    text = metric_pages.page(name)
    assert text.startswith(f"# `{name}`\n\n")
    for heading in HEADINGS:
        assert f"\n## {heading[:-1]}\n\n" in text
    plugin = registry.load("metric", name)
    for column in plugin.columns:
        assert f"\n| `{column.name}`" in text
    assert f"Version {plugin.version}." in text


def test_a_page_loses_no_word_of_the_docstring():
    for name in registry.names("metric"):
        doc = inspect.getdoc(inspect.getmodule(registry.load("metric", name)))
        words, shown = re.findall(r"\w+", doc), re.findall(r"\w+", metric_pages.page(name))
        assert words == shown[len(re.findall(r"\w+", name)) :][: len(words)]


def test_sections_are_headed_and_unindented():
    body = "First.\n\nFormula:\n    a = b,\n      where b\n\nUnit:\n    px"
    assert list(metric_pages._sections(body)) == (
        ["First.", "", "## Formula", "", "a = b,", "  where b", "", "## Unit", "", "px"]
    )


def test_a_sentence_that_ends_in_a_colon_is_no_heading():
    body = "What follows is a list of things that were all measured:\n    one\n    Two:"
    assert "##" not in "".join(metric_pages._sections(body))


def test_columns_say_their_range_and_direction():
    text = metric_pages.page("motion_amount")
    assert "| `top5` | px of a 256-px side per s | 0 to inf | neither way is better |" in text
    assert "| `mean` (not a headline) |" in text
    assert "| lower is better |" in metric_pages.page("warping_error")


def test_the_index_lists_every_metric_with_its_first_line():
    lines = metric_pages.index().splitlines()
    assert lines[:2] == ["# Metrics", ""]
    assert [re.match(r"- \[`(\w+)`\]", line)[1] for line in lines[2:]] == registry.names("metric")
    assert f"- [`sharpness`](sharpness.md): {registry.summary('metric', 'sharpness')}" in lines


def test_pages_are_written_once_each(tmp_path):
    written = metric_pages.write_pages(tmp_path)
    names = {*registry.names("metric"), "README"}
    assert {path.stem for path in written} == names
    assert {path.stem for path in tmp_path.iterdir()} == names
    assert (tmp_path / "sharpness.md").read_text() == metric_pages.page("sharpness")
