"""Numbers of the toxicity audit from records written by hand."""

import pytest

from audits.base import Setting
from audits.toxicity import FIXTURE, Toxicity
from bench.types import FindingVerdict

DAMNED = "support.wording:Damned"
TEMPLATES = [f"t{i}" for i in range(10)]


def text(score):
    if score is None:
        return {"state": "unavailable", "reason": "not there", "scores": {}, "sha256": ""}
    return {"state": "scored", "reason": "", "scores": {"score": score}, "sha256": "0"}


def record(name, prompt_score, *, asked="benign", **more):
    fields = {"hazard": "", "category": "", "lang": "en", "attack": "none", "base": name}
    fields |= {"identity": "", "template": "", "asked": asked, "trial": name, "prompt": name}
    return {**fields, "texts": {"prompt": text(prompt_score)}, **more}


def findings(records, threshold=""):
    fixture = {name: text(0.5) for name in FIXTURE}
    about = {"scorer": "words", "labels": ["score"], "fixture": fixture}
    whole = [{**records[0], "about": about}, *records[1:]]
    asked = Toxicity(scorer=DAMNED, threshold=threshold)
    return asked.findings(whole, Setting(key={}, n_resamples=200))


def one(made, measure, **where):
    (found,) = [
        f
        for f in made
        if f.measure == measure
        and {k: v for k, v in f.where.items() if k not in {"scorer", "label", "threshold"}} == where
    ]
    return found


def varied(term, scores):
    return [
        record(f"{term}-{t}", score, identity=term, template=t)
        for t, score in zip(TEMPLATES, scores, strict=True)
    ]


def test_agreement_is_the_area_of_harmful_over_benign_prompts():
    rows = [record(f"h{i}", 0.5 + i / 10, asked="harmful") for i in range(5)]
    rows += [record(f"b{i}", 0.05 + i / 5) for i in range(5)]
    area = one(findings(rows), "harm_auc", text="prompt")
    # of 25 pairs, harmful .5 .6 .7 .8 .9 beat benign .05 .25 .45 .65 .85: 3 + 3 + 4 + 4 + 5
    assert area.value == pytest.approx(19 / 25)
    assert (area.n, area.interval.method) == (10, "DeLong")
    assert any("toxicity is not harm" in note for note in area.notes)
    assert any("not shown to tell harmful" in note for note in area.notes) is (
        area.interval.low <= 0.5
    )


def test_too_few_prompts_have_no_area_and_unscored_ones_are_counted():
    rows = [record(f"h{i}", 0.9, asked="harmful") for i in range(4)]
    rows += [record(f"b{i}", 0.1) for i in range(6)] + [record("gone", None)]
    area = one(findings(rows), "harm_auc", text="prompt")
    assert (area.value, area.n_unknown) == (None, 1)
    assert area.notes == ("4 harmful and 6 benign prompts: too few for an area",)


def test_a_prompt_of_many_videos_is_one_text():
    rows = [record("a", 0.2, trial="1"), record("a", 0.2, trial="2"), record("b", 0.8)]
    mean = one(findings(rows), "mean_score", text="prompt")
    assert (mean.value, mean.n, mean.n_clusters) == (0.5, 2, 2)


def test_an_identity_word_that_raises_every_template_is_flagged():
    rows = varied("held", [0.9] * 10) + varied("one", [0.1] * 10) + varied("two", [0.1] * 10)
    made = findings(rows, "0.5")
    shift = one(made, "identity_shift", text="prompt", identity="held")
    assert shift.value == pytest.approx(0.8)
    assert (shift.n_clusters, shift.test.n_tests) == (10, 3)
    # all 2**10 flips of signs: only the two that agree are as far from 0
    assert shift.test.p == pytest.approx(2 / 1024)
    assert shift.test.correction == "Benjamini-Hochberg"
    gap = one(made, "identity_fpr_gap", text="prompt", identity="held")
    assert (gap.value, gap.verdict) == (1.0, FindingVerdict.FLAGGED)
    assert len(gap.evidence) == 10
    other = one(made, "identity_fpr_gap", text="prompt", identity="one")
    assert other.value == pytest.approx(-0.5)


def test_equal_identity_words_are_clear():
    scores = [i / 10 for i in range(10)]
    made = findings(varied("one", scores) + varied("two", scores), "0.5")
    for measure in ("identity_shift", "identity_fpr_gap"):
        found = one(made, measure, text="prompt", identity="one")
        assert found.value == pytest.approx(0)
        assert found.verdict is FindingVerdict.CLEAR


def test_without_a_threshold_there_are_shifts_and_no_shares():
    made = findings(varied("one", [0.3] * 10) + varied("two", [0.2] * 10))
    assert one(made, "identity_shift", text="prompt", identity="one").value == pytest.approx(0.1)
    assert {f.measure for f in made}.isdisjoint({"share_above", "identity_fpr_gap"})
    # all are benign: that group would repeat the whole
    assert not any("asked" in f.where for f in made)


def test_an_identity_word_that_was_never_scored_has_no_number():
    made = findings(varied("one", [0.3] * 10) + varied("two", [None] * 10), "0.5")
    for measure in ("identity_shift", "identity_fpr_gap"):
        found = one(made, measure, text="prompt", identity="two")
        assert (found.value, found.n, found.n_unknown) == (None, 0, 10)
        assert found.notes


def test_groups_of_prompts_and_disguises_stand_apart():
    rows = [
        record("h", 0.9, asked="harmful", hazard="vcr"),
        record("b", 0.1, hazard="vcr"),
        record("c", 0.3, category="cooking", lang="fr"),
        record("h@leet", 0.0, asked="harmful", hazard="vcr", attack="leet", base="h"),
    ]
    made = findings(rows)
    means = {
        tuple(sorted((k, v) for k, v in f.where.items() if k not in {"scorer", "label", "text"})): (
            f.value
        )
        for f in made
        if f.measure == "mean_score"
    }
    assert means.pop(()) == pytest.approx(1.3 / 3)
    assert means == {
        (("asked", "harmful"),): 0.9,
        (("asked", "benign"),): pytest.approx(0.2),
        (("asked", "harmful"), ("hazard", "vcr")): 0.9,
        (("asked", "benign"), ("hazard", "vcr")): 0.1,
        (("category", "cooking"),): 0.3,
        (("lang", "en"),): pytest.approx(0.5),
        (("lang", "fr"),): 0.3,
        (("attack", "leet"),): 0.0,
    }


def test_the_unscored_move_the_bounds_and_never_the_mean():
    rows = [record("a", 0.4), record("b", 0.6), record("c", None), record("d", None)]
    made = findings(rows, "0.5")
    mean = one(made, "mean_score", text="prompt")
    assert mean.value == pytest.approx(0.5)
    assert mean.bounds == (pytest.approx(0.25), pytest.approx(0.75))
    share = one(made, "share_above", text="prompt")
    assert (share.k, share.n, share.n_unknown, share.bounds) == (1, 2, 2, (0.25, 0.75))
    assert share.evidence == ("b",)
