import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.widgets.plain import csv_bytes, plain

MEANING = set("*_`[]()<>#$:!")


@given(st.text(max_size=100))
def test_no_character_that_means_something_in_markdown_stands_alone(text):
    shown = plain(text)
    for at, char in enumerate(shown):
        if char in MEANING:
            behind = shown[:at]
            assert (len(behind) - len(behind.rstrip("\\"))) % 2 == 1


def test_overrides_are_seen_and_long_texts_cut():
    assert "\u202e" not in plain("safe \u202egnp.exe")
    assert len(plain("a" * 10_000)) < 1_000


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_no_cell_of_a_csv_starts_a_formula(text):
    data = csv_bytes(pd.DataFrame({"text": [text, "plain"], "value": [-1.5, 2.0]}))
    back = pd.read_csv(io.BytesIO(data))
    assert back["text"].tolist() == [f"'{text}", "plain"]
    assert back["value"].tolist() == [-1.5, 2.0]
