"""Numbers as the page of real filters prints them."""

import json

import numpy as np
import pytest

from audits._survey import p_value, percent, rounded, short, table, write_results


def test_results_are_sorted_rounded_and_whole(tmp_path):
    write_results(tmp_path / "r.json", {"b": 1.23456, "a": [(1, 0.00004)], "c": {"d": None}})
    text = (tmp_path / "r.json").read_text()
    assert json.loads(text) == {"a": [[1, 0.0]], "b": 1.2346, "c": {"d": None}}
    assert text.index('"a"') < text.index('"b"')
    with pytest.raises(ValueError, match="JSON"):
        write_results(tmp_path / "nan.json", {"a": float("nan")})
    assert not (tmp_path / "nan.json").exists()


def test_whole_numbers_and_words_stay():
    assert rounded({"a": 3, "b": "x", "c": [0.12345]}) == {"a": 3, "b": "x", "c": [0.1235]}
    assert rounded(np.float64(0.5)) == 0.5


def test_rates_carry_their_interval_and_n():
    rate = {"k": 3, "n": 10, "low": 0.1078, "high": 0.6032}
    assert percent(rate) == "30 % [11, 60] of 10"
    assert short(rate) == "3/10"
    nothing = {"k": 0, "n": 0, "low": 0.0, "high": 1.0}
    assert (percent(nothing), short(nothing)) == ("–", "–")
    assert (p_value(0.0004), p_value(0.0213)) == ("< .001", "0.021")


def test_a_bar_in_a_cell_ends_no_cell():
    assert list(table(["a", "b"], [["x|y", "z"]])) == [
        "| a | b |",
        "| --- | --- |",
        "| x\\|y | z |",
        "",
    ]
