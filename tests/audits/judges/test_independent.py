"""A judge with a filter's weights is refused, whatever their options."""

import pytest

from audits.frame_filters.clip_zero_shot import ClipZeroShot as Filter
from audits.frame_filters.open_nsfw import OpenNsfw
from audits.judges._independent import require_independent
from audits.judges.base import load_judge
from audits.prompt_filters.base import load_filter
from bench.errors import UsageError


def test_open_nsfw_may_not_judge_itself():
    judge = load_judge("open_nsfw:frames=all")
    with pytest.raises(UsageError) as caught:
        require_independent(judge, [OpenNsfw(threshold=0.3, rule="run:2", leak=0.5)])
    assert str(caught.value) == (
        "the judge open_nsfw has the eyes of the filter open_nsfw that it judges; "
        f"seen: model {judge.model_id} in both; legal: a judge with other weights than every "
        "filter; next: choose another judge, or the reviewers' labels"
    )


def test_other_descriptions_are_not_other_eyes():
    judge = load_judge("clip_zero_shot")
    with pytest.raises(UsageError, match="has the eyes of the filter clip_zero_shot"):
        require_independent(judge, [Filter(harmful="a red ball", benign="a blue ball")])


def test_a_judge_with_other_weights_may_judge(tmp_path):
    (tmp_path / "labels.csv").write_text("trial_id,label,reviewer\na,benign,r1\n")
    filters = [OpenNsfw(), load_filter("wordlist"), load_filter("canary_words")]
    for spec in ("clip_zero_shot", f"reviewers:file={tmp_path / 'labels.csv'}"):
        judge = load_judge(spec)
        require_independent(judge, filters)
        assert judge.model_id not in {filter_.model_id for filter_ in filters}
