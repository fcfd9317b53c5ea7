"""Every suite that ships has its data card: its name, count, version and licence."""

import re
from pathlib import Path

import pytest

import bench.suites
from bench import registry
from bench.suites.base import load_suite

COUNTED_IN_PARTS = {"canary"}
DATA = Path(bench.suites.__file__).parent / "data"


@pytest.mark.parametrize("name", registry.names("suite"))
def test_the_card_states_what_is_in_the_suite(name):
    card = (DATA / f"{name}.md").read_text()
    suite = load_suite(name)
    assert card.startswith(f"# Suite `{name}`\n")
    n = len(suite.prompts)
    assert name in COUNTED_IN_PARTS or re.search(rf"\b{n} (?:\w+ )?prompts", card)
    assert f"Version {suite.version}" in card.replace("\n", " ")
    assert re.search(r"\*\*Licence\.\*\* (Apache-2\.0|CC-BY-4\.0)", card)
