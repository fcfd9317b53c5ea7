"""Calibration of audits: what is a pass, what chance allows, and what is refused."""

import pytest

from bench.calibration.audits import Check, Shown, calibrate_audit, lines, page, write_page
from bench.errors import UsageError

WHERE = "support.planted_audits"


def check(k, n=200, least=0.93, most=0.97):
    return Check(world="a world", question="a question", k=k, n=n, least=least, most=most)


@pytest.mark.parametrize(
    ("k", "verdict"),
    [(186, "pass"), (194, "pass"), (182, "within chance"), (198, "within chance"), (170, "fail")],
)
def test_a_share_must_lie_where_it_must_or_chance_must_allow_it(k, verdict):
    assert check(k).verdict == verdict
    low, high = check(k).interval
    assert low < check(k).share < high


def test_flags_without_a_bias_may_be_few_but_not_many():
    assert check(0, least=0.0, most=0.05).verdict is Shown.PASS
    assert check(14, least=0.0, most=0.05).verdict is Shown.CHANCE
    assert check(30, least=0.0, most=0.05).verdict is Shown.FAIL


def test_the_worst_check_is_the_audits_verdict():
    told = []
    assert (
        calibrate_audit(f"{WHERE}:Honest", 40, notify=lambda *a: told.append(a)).verdict == "pass"
    )
    assert told[0] == (40, "0")
    assert len(told) == 40
    assert calibrate_audit(f"{WHERE}:Wrong", 200).verdict is Shown.FAIL
    assert calibrate_audit(f"{WHERE}:Rough", 200).verdict is Shown.CHANCE


def test_lines_and_page_hold_every_check(tmp_path):
    done = calibrate_audit(f"{WHERE}:Wrong", 200)
    first, *rest = lines(done)
    assert first.split() == ["fail", "wrong", "200", "simulated", "audits", "of", "each", "world"]
    assert len(rest) == 2
    assert "0.500 [0.431, 0.569]" in rest[1]
    text = page(done)
    assert "| w | q | 0.950 [0.910, 0.973] | 0.93 to 0.97 | 200 | pass |" in text
    path = write_page(done, tmp_path / "docs")
    assert path.name == "wrong-calibration.md"
    assert path.read_text() == text


def test_what_cannot_be_calibrated_is_refused():
    with pytest.raises(UsageError, match=r"plants no worlds.*bias"):
        calibrate_audit(f"{WHERE}:Plain", 200)
    with pytest.raises(UsageError, match="too few simulated audits; seen: 3"):
        calibrate_audit("bias", 3)
    with pytest.raises(UsageError, match="no audit of this name"):
        calibrate_audit("nonsense", 200)
