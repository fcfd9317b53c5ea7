"""Records of trials: read back as they were, grouped by what prompts have."""

import json

from audits._bias_rows import grouping, nothing, record_of, row_of, stretches
from audits.readers.base import Perceived, unknown
from audits.readers.skin_tone import ATTRIBUTE, SkinTone
from bench.types import Outcome, Prompt, Trial
from support.bias import row
from support.footage import footage

READER = SkinTone()
PROMPT = Prompt(id="p", text="x", attributes={"role": "doctor", "tone": 3, "pair_id": "q"})


def trial(**more):
    fields = {"source": "candidate", "name": "n", "path": None, "sha256": "", "seed": 4}
    return Trial(id="t", outcome=Outcome.OK, **{**fields, "prompt_id": "p", **more})


def test_a_record_is_json_and_comes_back():
    record = record_of(
        trial(),
        PROMPT,
        by="role",
        reader=READER,
        perceived={ATTRIBUTE: unknown("dark")},
        parts={ATTRIBUTE: ("light", None)},
        scores={"m.v": 1.5},
    )
    row = row_of(json.loads(json.dumps(record)))
    assert record["why"] == {ATTRIBUTE: "dark"}
    assert (row.group, row.pair, row.identity, row.seed) == ("doctor", "q", "", 4)
    assert row.states == {ATTRIBUTE}
    assert row.parts == {ATTRIBUTE: ("light", None)}
    assert row.scores == {"m.v": 1.5}
    assert row.is_unasked
    assert not row.is_error


def test_a_video_without_a_prompt_is_its_own_cluster():
    record = record_of(
        trial(prompt_id=None, name="clip.mp4"),
        None,
        by="",
        reader=READER,
        perceived=nothing(READER, "gone"),
        parts={},
        scores={},
    )
    assert record["prompt"] == "clip.mp4"
    assert record["perceived"] == {ATTRIBUTE: None}
    assert record["why"] == {ATTRIBUTE: "gone"}


def test_prompts_are_grouped_by_role_then_occupation_unless_told():
    def prompts(*names):
        return {"p": Prompt(id="p", text="x", attributes=dict.fromkeys(names, "y"))}

    assert grouping(prompts("occupation", "role"), "") == "role"
    assert grouping(prompts("occupation"), "") == "occupation"
    assert grouping(prompts("hue"), "") == ""
    assert grouping(prompts("hue"), "hue") == "hue"


def test_stretches_are_read_one_by_one_and_fewer_than_two_are_none():
    class Halves(SkinTone):
        def read(self, seen):
            return {ATTRIBUTE: Perceived(value="light" if seen.span[0] == 0 else "dark")}

    assert stretches(Halves(), footage(), 2) == {ATTRIBUTE: ("light", "dark")}
    assert stretches(Halves(), footage(), 1) == {}


def test_an_identity_that_names_none_leaves_looks_to_the_model():
    marked = row("a", identity="woman", axis="gender")
    assert not marked.is_unasked
    assert row("b", identity="person", axis="none").is_unasked
    assert row("c").is_unasked
