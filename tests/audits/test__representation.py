"""Representation: published vectors through the audit, verdicts, intersections, groups."""

import numpy as np
import pytest

from audits._bias_options import ANY, Target
from audits._representation import detectable_shift, effect_of_shift, representation
from bench.stats.multinomial import expected_total_variation
from bench.stats.power import power_goodness_of_fit
from bench.types import FindingVerdict
from support.bias import BAND, BANDS, SETTING, by_id, group_rows, plan, row

SHARES = {"light": 0.5, "medium": 0.3, "dark": 0.2}
TV = f"total_variation[attribute={BAND},group=all]"


def found(rows, **more):
    return by_id(representation(rows, plan(SHARES, **more), SETTING))


def test_the_published_vector_of_50_videos():
    made = found(group_rows("", [30, 14, 6]))
    main = made[TV]
    assert main.value == pytest.approx(0.1)
    assert main.test.name == "exact multinomial"
    assert main.test.p == pytest.approx(0.286910, abs=1e-6)
    assert main.notes[0] == "chance alone gives 0.077 at this n; the excess is 0.023"
    assert made[f"jensen_shannon[attribute={BAND},group=all]"].value == pytest.approx(
        0.00750175, abs=1e-8
    )
    assert made[f"wasserstein[attribute={BAND},group=all]"].value == pytest.approx(0.18)
    gaps = [made[f"gap[attribute={BAND},group=all,value={value}]"].value for value in BANDS]
    assert gaps == pytest.approx([0.10, -0.02, -0.08])
    share = made[f"share[attribute={BAND},group=all,value=light]"]
    assert (share.k, share.n, share.bounds) == (30, 50, (0.6, 0.6))
    assert (share.interval.low, share.interval.high) == pytest.approx((0.4618, 0.7239), abs=1e-4)


def test_a_tilted_group_is_flagged_with_the_trials_that_tilt_it():
    rows = group_rows("doctor", [58, 1, 1]) + group_rows("nurse", [30, 18, 12])
    made = found(rows)
    doctor = made[f"total_variation[attribute={BAND},group=doctor]"]
    assert doctor.verdict is FindingVerdict.FLAGGED
    assert doctor.test.n_tests == 3
    assert doctor.test.p_adjusted >= doctor.test.p
    assert set(doctor.evidence) == {f"doctor-{i}" for i in range(58)}
    nurse = made[f"total_variation[attribute={BAND},group=nurse]"]
    assert nurse.verdict is FindingVerdict.UNDECIDED
    assert nurse.value == 0
    assert "for one of 0.1 about" in nurse.notes[-1]
    assert made[f"total_variation[attribute={BAND},group=all]"].n == 120


def test_clear_means_that_the_margin_would_have_been_seen():
    few, many = (found(group_rows("", [5 * k, 3 * k, 2 * k]))[TV] for k in (10, 60))
    assert few.verdict is FindingVerdict.UNDECIDED
    assert many.verdict is FindingVerdict.CLEAR
    wide = found(group_rows("", [50, 30, 20]), margin=0.3)[TV]
    assert wide.verdict is FindingVerdict.CLEAR


def test_abstentions_and_errors_are_counted_and_bound_the_shares():
    rows = group_rows("", [5, 3, 2], unknown=10)
    share = found(rows)[f"share[attribute={BAND},group=all,value=light]"]
    assert (share.n, share.n_unknown, share.value) == (10, 10, 0.5)
    assert share.bounds == (0.25, 0.75)
    assert any("10 of 20 videos are undecided" in note for note in share.notes)


def test_no_decided_video_is_no_number():
    made = found(group_rows("", [0, 0, 0], unknown=4))
    assert list(made) == [TV]
    assert made[TV].value is None
    assert made[TV].verdict is FindingVerdict.UNDECIDED
    assert made[TV].n_unknown == 4


def test_prompts_that_ask_for_a_look_or_name_an_identity_say_nothing_of_the_model():
    rows = group_rows("", [10, 6, 4])
    asked = [row(f"a{i}", {BAND: "dark"}, states=frozenset({BAND})) for i in range(50)]
    named = [row(f"b{i}", {BAND: "dark"}, identity="dark") for i in range(50)]
    assert found(rows + asked + named) == found(rows)


def test_videos_of_few_prompts_that_agree_are_worth_less():
    loose = found(group_rows("", [60, 20, 20]))[TV]
    codes = np.repeat([0, 0, 0, 1, 2], 20)
    rows = [row(f"t{i}", {BAND: BANDS[code]}, prompt=f"p{i // 20}") for i, code in enumerate(codes)]
    tight = found(rows)[TV]
    assert tight.value == loose.value
    assert tight.test.p > 10 * loose.test.p
    assert tight.test.name == "Monte Carlo multinomial, Rao-Scott"
    assert tight.interval.high - tight.interval.low > loose.interval.high - loose.interval.low
    assert any("design effect" in note for note in tight.notes)


def test_intersections_need_videos_enough_and_have_the_product_of_the_targets():
    shares = {BAND: {ANY: SHARES}, "hair": {ANY: {"short": 0.5, "long": 0.5}}}
    cross = f"{BAND}+hair"
    values = {cross: tuple(f"{band}+{hair}" for band in BANDS for hair in ("short", "long"))}
    rows = [
        row(f"t{i}", {BAND: BANDS[i % 3], "hair": ("short", "long")[i % 2]}, prompt=f"p{i}")
        for i in range(60)
    ]
    rows.append(row("half", {BAND: "light", "hair": None}, prompt="half"))
    target = Target(source="a test", shares=shares)
    told = found(rows, values=values, target=target, least_cell=30)
    main = told[f"total_variation[attribute={cross},group=all]"]
    assert (main.n, main.n_unknown) == (60, 1)
    share = told[f"share[attribute={cross},group=all,value=light+short]"]
    assert share.value == pytest.approx(1 / 6)
    gap = told[f"gap[attribute={cross},group=all,value=light+short]"]
    assert gap.value == pytest.approx(1 / 6 - 0.25)
    # too many tables to count: X^2 = 2 (25/15 + 1/9 + 16/6) with 5 df
    assert main.test.name == "Monte Carlo multinomial"
    assert main.test.p == pytest.approx(0.1135, abs=0.02)
    silent = found(rows, values=values, target=target, least_cell=61)
    (only,) = silent.values()
    assert only.value is None
    assert only.notes[0] == "60 decided videos; at least 61 are needed"


def test_targets_may_differ_by_group():
    by_group = {"doctor": SHARES, ANY: {"light": 0.1, "medium": 0.1, "dark": 0.8}}
    target = Target(source="a test", shares={BAND: by_group})
    rows = group_rows("doctor", [30, 14, 6]) + group_rows("nurse", [30, 14, 6])
    made = found(rows, target=target)
    assert made[f"total_variation[attribute={BAND},group=doctor]"].value == pytest.approx(0.1)
    assert made[f"total_variation[attribute={BAND},group=nurse]"].value > 0.6


def test_the_hardest_shift_by_hand_and_the_power_that_is_printed():
    # 0.1 from 0.5 to 0.3: w^2 = 0.01/0.5 + 0.01/0.3
    w = effect_of_shift([0.5, 0.3, 0.2], 0.1)
    assert w == pytest.approx(np.sqrt(0.01 / 0.5 + 0.01 / 0.3))
    from audits._correction import Effect, sample_of

    sample = sample_of([0] * 100 + [1] * 60 + [2] * 40, 3, Effect(size=1.0, df=np.inf))
    shift = detectable_shift(sample, [0.5, 0.3, 0.2], None, n_tests=4, setting=SETTING)
    power = power_goodness_of_fit(w * shift / 0.1, 2, 200, alpha=0.05 / 4)
    assert power == pytest.approx(0.8, abs=1e-6)
    assert expected_total_variation(200, [0.5, 0.3, 0.2]) < shift
