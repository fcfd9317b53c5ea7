"""Asking a model for videos: ids, seeds, batches, outcomes, files, and going on."""

import json
from dataclasses import replace

import pytest

from bench.engines.local import Local
from bench.errors import StorageError
from bench.generation import (
    Record,
    generate,
    plan_generation,
    produce,
    read_record,
    seed_of,
    video_id,
    write_video,
)
from bench.models.base import Ask, load_model
from bench.runs import VIDEOS, Run
from bench.types import Outcome, Prompt
from bench.videos.read import decode_all, sha256
from support.models import BATCHED, MOODY


def prompts(*texts, **attributes):
    return [Prompt(id=f"p{i}", text=text, attributes=attributes) for i, text in enumerate(texts)]


def planned(spec, *texts, n_seeds=1):
    return plan_generation(spec, load_model(spec), prompts(*texts), n_seeds, 0)


def ids(generation):
    return [wanted.id for wanted in generation.wanted()]


def test_seeds_follow_from_the_text_the_number_and_the_base():
    (ball,) = prompts("a ball")
    seeds = {seed_of(ball, 0), seed_of(ball, 1), seed_of(ball, 0, base=1)}
    assert len(seeds) == 3
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seed_of(Prompt(id="another", text="a ball"), 0) == seed_of(ball, 0)
    # a pair differs in the text alone
    one, two = prompts("a nurse", "a pilot", pair_id=7)
    assert seed_of(one, 0) == seed_of(two, 0)
    assert seed_of(Prompt(id="x", text="a nurse"), 0) != seed_of(one, 0)


def test_an_id_hashes_model_prompt_and_seed_and_nothing_else():
    fields = {"model": "m"}
    here = video_id(fields, Ask(prompt="a", seed=1))
    assert len(here) == 20
    assert int(here, 16) >= 0
    others = {
        video_id({"model": "n"}, Ask(prompt="a", seed=1)),
        video_id(fields, Ask(prompt="b", seed=1)),
        video_id(fields, Ask(prompt="a", seed=2)),
        video_id(fields, Ask(prompt="a", seed=1), [{"prompt": "a", "seed": 1}]),
    }
    assert len({here, *others}) == 5


def test_one_suite_has_the_same_ids_wherever_its_prompts_stand_unless_batches_matter():
    assert ids(planned(MOODY, "x", "y", "z")) == ids(planned(MOODY, "z", "y", "x"))[::-1]
    batched = planned(BATCHED, "x", "y", "z")
    assert [len(batch) for batch in batched.batches] == [2, 1]
    assert not set(ids(batched)) & set(ids(planned(BATCHED, "z", "y", "x")))


def test_each_end_of_a_trial_is_kept_by_its_name(tmp_path):
    model = load_model(MOODY)
    texts = ("array", "iterator", "forbidden fruit", "nothing", "raise", "bent")
    batches = planned(MOODY, *texts).batches
    made = {batch[0].ask.prompt: produce(model, batch, tmp_path)[0] for batch in batches}
    ends = {text: str(record.outcome) for text, record in made.items()}
    assert ends == {
        "array": "ok",
        "iterator": "ok",
        "forbidden fruit": "suppressed",
        "nothing": "missing",
        "raise": "error",
        "bent": "error",
    }
    assert made["raise"].reason == r"the model failed with RuntimeError: no idea\nwhat to do"
    assert "a frame cannot be written" in made["bent"].reason
    assert made["forbidden fruit"].details == {"filter": {"where": "input", "blocked": True}}
    for record in made.values():
        assert read_record(tmp_path, record.id) == record
        assert (tmp_path / f"{record.id}.mp4").exists() == (record.outcome is Outcome.OK)
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


def test_the_master_is_lossless_and_the_preview_is_beside_it(tmp_path):
    from bench.models.constant import known_clip

    (batch,) = planned("constant", "a").batches
    (record,) = produce(load_model("constant"), batch, tmp_path)
    master = tmp_path / f"{record.id}.mp4"
    assert (decode_all(master) == known_clip(8, 48, 64)).all()
    assert record.sha256 == sha256(master)
    preview = tmp_path / "previews" / f"{record.id}.mp4"
    assert record.preview_sha256 == sha256(preview)
    assert decode_all(preview).shape == (8, 48, 64, 3)
    assert (record.n_frames, record.fps) == (8, 8.0)


def test_every_file_of_a_model_that_signs_is_signed(tmp_path):
    def sign(path):
        signed.append(path.relative_to(tmp_path).as_posix())
        path.write_bytes(path.read_bytes() + b"signature")
        return {"mark": "tail"}

    signed = []
    made = replace(load_model("constant").generate([Ask(prompt="x", seed=0)])[0], sign=sign)
    record = write_video(tmp_path, Record(id="abc", outcome=Outcome.OK), made)
    assert signed == ["abc.mp4", "previews/abc.mp4"]
    assert record.details["provenance"] == {"mark": "tail"}
    assert record.sha256 == sha256(tmp_path / "abc.mp4")
    assert record.preview_sha256 == sha256(tmp_path / "previews" / "abc.mp4")


def test_a_failing_batch_is_asked_one_by_one(tmp_path):
    (batch,) = planned(BATCHED, "good", "raise").batches
    one, two = produce(load_model(BATCHED), batch, tmp_path)
    assert (one.outcome, two.outcome) == (Outcome.OK, Outcome.ERROR)
    assert decode_all(tmp_path / f"{one.id}.mp4")[0, 0, 0, 0] == 60


def test_a_model_that_gives_too_few_is_an_error(tmp_path):
    (batch,) = planned("support.models:Short", "x").batches
    (record,) = produce(load_model("support.models:Short"), batch, tmp_path)
    assert record.reason == "the model failed with ValueError: the model gave 0 videos for 1 asks"


def test_what_is_wrong_with_the_machine_is_not_the_fault_of_a_video(tmp_path, monkeypatch):
    def full(*_):
        raise StorageError("the disk is full")

    monkeypatch.setattr("bench.generation.write_master", full)
    (batch,) = planned("constant", "a").batches
    with pytest.raises(StorageError):
        produce(load_model("constant"), batch, tmp_path)
    assert read_record(tmp_path, batch[0].id) is None


def test_a_stopped_run_asks_only_for_what_is_not_there(tmp_path):
    log = tmp_path / "log"
    spec = f"{MOODY}:log={log}"
    generation = planned(spec, "array a", "array b", "die c", "forbidden d")
    manifest = {"m": 1}
    seen = []
    with Run(tmp_path / "run", manifest) as run:
        trials = generate(run, generation, engine=Local(1), notify=lambda n, name: seen.append(n))
    assert [str(trial.outcome) for trial in trials] == ["ok", "ok", "error", "suppressed"]
    assert "the worker process died" in trials[2].reason
    assert seen == [4] * 4
    journal = (tmp_path / "run" / "journal.jsonl").read_bytes()
    kinds = [json.loads(line)["kind"] for line in journal.splitlines()]
    assert kinds == ["generation"] * 4

    (tmp_path / "run" / VIDEOS / f"{trials[1].name.removesuffix('.mp4')}.json").unlink()
    (tmp_path / "run" / "journal.jsonl").write_bytes(b"".join(journal.splitlines(True)[:2]))
    log.write_text("")
    with Run(tmp_path / "run", manifest) as run:
        again = generate(run, generation, engine=Local(1), notify=lambda n, name: None)
    assert again == trials
    assert log.read_text() == "array b\n"
    assert (tmp_path / "run" / "journal.jsonl").read_bytes() == journal


def test_a_batch_that_lacks_one_video_is_asked_for_whole(tmp_path):
    log = tmp_path / "log"
    generation = planned(f"{BATCHED}:log={log}", "a", "b", "c")
    for turn in range(2):
        with Run(tmp_path / f"run{turn}", {}) as run:
            generate(run, generation, engine=Local(1 + turn), notify=lambda n, name: None)
    folder = tmp_path / "run1" / VIDEOS
    whole = {path.name: path.read_bytes() for path in folder.glob("*.mp4")}
    (folder / f"{ids(generation)[0]}.json").unlink()
    log.write_text("")
    with Run(tmp_path / "run1", {}) as run:
        generate(run, generation, engine=Local(1), notify=lambda n, name: None)
    assert log.read_text() == "2\n"
    assert {path.name: path.read_bytes() for path in folder.glob("*.mp4")} == whole


def test_prompts_with_one_text_share_a_video_and_are_trials_of_their_own(tmp_path):
    generation = planned("constant", "a", "a")
    assert len(set(ids(generation))) == 1
    with Run(tmp_path / "run", {}) as run:
        trials = generate(run, generation, engine=Local(1), notify=lambda n, name: None)
    assert len({trial.id for trial in trials}) == 2
    assert len(list((tmp_path / "run" / VIDEOS).glob("*.mp4"))) == 1


def test_no_record_is_no_record(tmp_path):
    assert read_record(tmp_path, "a" * 20) is None
    assert Record(id="a", outcome=Outcome.OK).details == {}
