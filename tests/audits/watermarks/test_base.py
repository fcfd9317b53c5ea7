import pytest

from audits.watermarks.base import Reading, load_watermark
from bench import registry
from bench.errors import UsageError


def test_the_detectors_are_found_by_name():
    assert registry.names("watermark") == ["dct_qim"]
    assert load_watermark("dct_qim").name == "dct_qim"


def test_bits_are_compared_with_what_they_should_be():
    assert Reading(score=0, bits="0110", expected="0101").n_right == 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"score": 0, "bits": "01", "expected": "0"}, "cannot be compared"),
        ({"score": 0, "bits": "x", "expected": "0"}, "cannot be compared"),
        ({"score": float("nan")}, "the score is nan"),
        ({"score": 0, "p_value": 1.5}, "the p-value is 1.5"),
    ],
)
def test_readings_that_cannot_be_are_refused(fields, says):
    with pytest.raises(ValueError, match=says):
        Reading(**fields)


def test_what_is_no_detector_is_refused():
    with pytest.raises(UsageError, match="is not a watermark detector; seen: Fraction"):
        load_watermark("fractions:Fraction")
    with pytest.raises(UsageError, match="no watermark of this name"):
        load_watermark("nothing")
