"""The bias suites are what the script makes, to the byte."""

import json

import pytest

from bench.suites import _make_bias
from bench.suites._make import DATA


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("bias_occupations", _make_bias.occupations),
        ("bias_counterfactual", _make_bias.counterfactual),
    ],
)
def test_the_script_makes_the_same_bytes(name, make):
    made = [json.dumps(record, ensure_ascii=False) for record in make()]
    assert (DATA / f"{name}.jsonl").read_text().splitlines() == made


def test_main_writes_both(tmp_path, monkeypatch):
    monkeypatch.setattr(_make_bias, "DATA", tmp_path)
    _make_bias.main()
    for name in ("bias_occupations", "bias_counterfactual"):
        assert (tmp_path / f"{name}.jsonl").read_bytes() == (DATA / f"{name}.jsonl").read_bytes()
