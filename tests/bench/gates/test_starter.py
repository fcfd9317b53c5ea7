"""The starter policy: from the run's numbers, lenient, and never used unseen."""

import numpy as np
import pytest

from bench.gates.policy import parse_policy
from bench.gates.starter import _outward, starter_policy
from support.gated import certify, gated_run

SHARP, FLICKER = ("sharpness", "sharpness"), ("temporal_flicker", "compensated")


@pytest.fixture
def text(private_cache, tmp_path, monkeypatch):
    monkeypatch.setattr("bench.certificates.PACKAGED", tmp_path / "none")
    certify(private_cache, "sharpness")
    values = np.random.default_rng(0).normal(10, 1, size=(24, 1))
    return starter_policy(gated_run(tmp_path / 'a "run"', {SHARP: values, FLICKER: values / 30}))


def test_a_line_for_each_main_number_with_a_margin_from_its_value(text):
    policy = parse_policy(text)
    (line,) = [line for line in policy.lines if line.metric]
    assert (line.metric, line.column, line.rule) == ("sharpness", "sharpness", "min")
    assert 8 < line.limit < 10
    assert text.count("DECIDE") >= 5
    assert {line.coverage for line in policy.lines if line.counted} == {"ok", "error", "suppressed"}


def test_what_may_not_gate_is_written_and_not_used(text):
    assert "# not used yet: " in text
    assert '# metric = "temporal_flicker"' in text


def test_a_name_of_a_folder_cannot_end_its_string(text):
    assert parse_policy(text).name == "from a run"


@pytest.mark.parametrize(
    ("value", "down", "expected"),
    [(0.4776, True, 0.47), (0.4776, False, 0.48), (-1.23, True, -1.3), (1234, False, 1300)],
)
def test_limits_are_rounded_to_the_lenient_side(value, down, expected):
    assert _outward(value, down=down) == pytest.approx(expected)
