"""The suites that ship are what the script makes, to the byte, and each has its data card."""

import json

import pytest

from bench.suites import _make
from bench.suites.base import load_suite


@pytest.mark.parametrize("name", ["phantom", "smoke", "imagen_video"])
def test_the_script_makes_the_same_bytes(name):
    made = [json.dumps(r, ensure_ascii=False) for r in getattr(_make, name)()]
    assert (_make.DATA / f"{name}.jsonl").read_text().splitlines() == made


@pytest.mark.parametrize("name", ["phantom", "smoke", "imagen_video"])
def test_each_suite_has_a_card_with_licence_and_count(name):
    card = (_make.DATA / f"{name}.md").read_text()
    assert f"# Suite `{name}`" in card
    assert "**Licence.** Apache-2.0" in card
    suite = load_suite(name)
    assert f"{len(suite.prompts)} " in card
    assert f"Version {suite.version}" in card.replace("\n", " ")
    assert suite.name == name
