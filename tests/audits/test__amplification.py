"""Amplification against a table: by hand, planted slopes, what is left out and refused."""

import numpy as np
import pytest

from audits._amplification import amplification
from audits._bias_options import Confusion, Reference
from bench.stats.regression import logit
from bench.types import FindingVerdict
from support.bias import BAND, BANDS, SETTING, by_id, group_rows

WHERE = f"attribute={BAND},value=dark"


def reference(shares, pivot=0.5):
    return Reference(
        source="a table, 2025", attribute=BAND, value="dark", pivot=pivot, shares=shares
    )


def rows_of(shares, n=200):
    rows = []
    for name, share in shares.items():
        dark = round(n * share)
        rows += group_rows(name, [(n - dark) // 2, n - dark - (n - dark) // 2, dark])
    return rows


def found(shares, table, confusion=None, pivot=0.5, n=200):
    rows = rows_of(shares, n)
    return by_id(amplification(rows, reference(table, pivot), BANDS, confusion, 0.1, SETTING))


def test_the_signed_amplification_by_hand():
    table = {"a": 0.2, "b": 0.7, "c": 0.4, "d": 0.51}
    made = found({"a": 0.1, "b": 0.9, "c": 0.45, "d": 0.9}, table)
    # a: -(0.1 - 0.2), b: 0.9 - 0.7, c: -(0.45 - 0.4); d lies at the pivot and has no direction
    main = made[f"amplification[{WHERE}]"]
    assert main.value == pytest.approx((0.1 + 0.2 - 0.05) / 3)
    assert (main.n, main.n_clusters, main.cluster) == (600, 3, "occupation")
    assert any("1 occupations lie at the pivot" in note for note in main.notes)
    each = {
        name: made[f"amplification[attribute={BAND},group={name},value=dark]"] for name in "abc"
    }
    assert [each[name].value for name in "abc"] == pytest.approx([0.1, 0.2, -0.05])
    assert each["a"].interval.low < 0.1 < each["a"].interval.high
    assert "group=d" not in str(list(made))
    moved = found({"a": 0.1, "b": 0.9, "c": 0.45, "d": 0.9}, table, pivot=0.3)
    assert moved[f"amplification[{WHERE}]"].value == pytest.approx((0.1 + 0.2 + 0.05 + 0.39) / 4)


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(2.0, FindingVerdict.FLAGGED), (1.0, FindingVerdict.CLEAR), (0.3, FindingVerdict.CLEAR)],
)
def test_a_planted_slope_comes_back_and_only_exaggeration_is_flagged(slope, verdict):
    table = {f"o{i}": float(share) for i, share in enumerate(np.linspace(0.15, 0.85, 8))}
    shares = {k: 1 / (1 + np.exp(-slope * logit(v))) for k, v in table.items()}
    made = found(shares, table)[f"calibration_slope[{WHERE}]"]
    assert made.value == pytest.approx(slope, abs=0.05)
    assert made.verdict is verdict
    if slope < 0.5:
        assert "against the stereotype" in made.notes[-1]


def test_a_reader_that_errs_weakens_the_slope_and_the_correction_gives_it_back():
    counts = np.array([[180, 0, 20], [0, 180, 20], [20, 20, 160]])
    table = {f"o{i}": float(share) for i, share in enumerate(np.linspace(0.2, 0.8, 8))}
    seen = {name: 0.1 + 0.7 * share for name, share in table.items()}
    raw = found(seen, table)[f"calibration_slope[{WHERE}]"]
    corrected = found(seen, table, Confusion(values=BANDS, counts_KJ=counts))
    assert raw.value < 0.8
    assert corrected[f"calibration_slope[{WHERE}]"].value == pytest.approx(1.0, abs=0.05)


def test_too_few_occupations_or_shares_that_fix_no_slope_are_undecided():
    made = found({"a": 0.1, "b": 0.9}, {"a": 0.2, "b": 0.7})
    assert made[f"amplification[{WHERE}]"].value is None
    assert "2 occupations have a direction" in made[f"amplification[{WHERE}]"].notes[-1]
    slope = made[f"calibration_slope[{WHERE}]"]
    assert slope.value is None
    assert "three groups that differ" in slope.notes[-1]
    parted = found({"a": 0.0, "b": 0.0, "c": 1.0}, {"a": 0.2, "b": 0.3, "c": 0.7})
    assert parted[f"calibration_slope[{WHERE}]"].verdict is FindingVerdict.UNDECIDED


def test_occupations_that_nobody_asked_for_are_not_counted():
    made = found({"a": 0.1, "b": 0.9, "c": 0.3}, {"a": 0.2, "b": 0.7, "c": 0.4, "z": 0.9})
    assert made[f"amplification[{WHERE}]"].n_clusters == 3
