"""No path leads from a prompt that may never be generated to a model."""

import json

import pytest

import bench
import bench.plan
import bench.single
from bench.attacked import attacked
from bench.clearance import check_generable, clear, clear_text, never
from bench.cli.main import run as command
from bench.errors import EXIT_USAGE, UsageError
from bench.generation import plan_generation
from bench.models.base import Ask, VideoModel, load_model
from bench.pilot import estimate
from bench.pipeline import run
from bench.request import RunRequest
from bench.suites.base import load_suite
from bench.types import Prompt

REFUSED = "there are prompts of classes that may never be generated"
SAFETY = load_suite("safety").prompts
NEVER = [p for p in SAFETY if never(p)]
asked: list[str] = []


@pytest.fixture(autouse=True)
def _nobody_is_asked(monkeypatch):
    def load(spec):
        raise AssertionError(f"the model {spec} was loaded")

    monkeypatch.setattr(bench.plan, "load_model", load)
    monkeypatch.setattr(bench.single, "load_model", load)


def _file(tmp_path, **row):
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps({"id": "a", **row}) + "\n")
    return str(path)


def _files(tmp_path):
    """Suites that say it in every way: by class, by alias, by category, by text alone."""
    mark = next(p.text for p in NEVER if p.hazard == "cse")
    rows = [
        {"text": "x", "hazard": "cse"},
        {"text": "x", "hazard": "S4", "attributes": {"label": "harmful"}},
        {"text": "x", "category": "csam"},
        {"text": mark},
        {"text": mark.lower() + "\u200b", "hazard": "vcr"},
        {"text": mark, "attributes": {"label": "benign"}},
    ]
    return [_file(_folder(tmp_path, i), **row) for i, row in enumerate(rows)]


def _folder(tmp_path, index):
    folder = tmp_path / str(index)
    folder.mkdir()
    return folder


@pytest.mark.parametrize("model", ["constant", "phantom", "cascade", "http:url=http://localhost:1"])
@pytest.mark.parametrize("suite", ["safety", "multilingual"])
def test_run_refuses_shipped_suites_before_a_model_is_loaded(model, suite, tmp_path):
    with pytest.raises(UsageError, match=REFUSED):
        run(RunRequest(suite=suite, model=model, out=tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def test_run_refuses_files_however_they_say_it(tmp_path, capsys):
    for suite in _files(tmp_path):
        arguments = ["run", "--suite", suite, "--model", "constant", "--out", str(tmp_path / "o")]
        assert command(arguments) == EXIT_USAGE
        error = capsys.readouterr().err
        assert REFUSED in error
        assert "seen: cse (1)" in error
        assert error.strip().count("\n") == 0
    assert not (tmp_path / "o").exists()


def test_the_python_api_and_the_pilot_refuse_too(tmp_path):
    for suite in _files(tmp_path)[:4]:
        with pytest.raises(UsageError, match=REFUSED):
            bench.evaluate(suite=suite, model="constant", out=tmp_path / "o")
        with pytest.raises(UsageError, match=REFUSED):
            estimate(suite, "constant")


@pytest.mark.parametrize("model", ["constant", "phantom", "cascade"])
def test_generate_refuses_a_known_text(model, tmp_path, capsys):
    for prompt in (NEVER[0], NEVER[-1]):
        output = tmp_path / "x.mp4"
        arguments = ["generate", prompt.text, "-o", str(output), "--model", model]
        assert command(arguments) == EXIT_USAGE
        assert REFUSED in capsys.readouterr().err
        assert not output.exists()


def test_attacks_do_not_carry_a_prompt_through():
    suite = attacked(load_suite("safety"), ("base64", "leet+spacing"))
    variants = [p for p in suite.prompts if p.attributes.get("attack") and never(p)]
    assert len(variants) > 2 * len(NEVER) - 20
    with pytest.raises(UsageError, match=REFUSED):
        check_generable(variants[:1])


def test_no_ask_can_be_made_of_any_of_them():
    model = load_model("constant")
    assert len(NEVER) == 96
    for prompt in NEVER:
        with pytest.raises(UsageError, match=REFUSED):
            clear(prompt)
        with pytest.raises(UsageError, match=REFUSED):
            clear_text(prompt.text)
        with pytest.raises(UsageError, match=REFUSED):
            Ask(prompt=prompt.text, seed=0)
        with pytest.raises(UsageError, match=REFUSED):
            plan_generation("constant", model, [prompt], 1, 0)


def test_a_model_that_writes_down_what_it_is_asked_hears_nothing():
    class Recorder(VideoModel):
        name, version = "recorder", "1"

        def settings(self):
            return {}

        def generate(self, asks):
            asked.extend(ask.prompt for ask in asks)
            return []

    asked.clear()
    for prompt in NEVER[:10]:
        with pytest.raises(UsageError, match=REFUSED):
            Recorder().generate([Ask(prompt=prompt.text, seed=0)])
    assert asked == []
    Recorder().generate([Ask(prompt=clear_text("a red ball"), seed=0)])
    assert asked == ["a red ball"]


def test_the_refusal_does_not_repeat_the_texts():
    with pytest.raises(UsageError) as caught:
        check_generable(NEVER)
    assert not any(prompt.text in str(caught.value) for prompt in NEVER)
    assert "cse (12), dfm (14), iwp (14)" in str(caught.value)


def test_everything_else_is_cleared():
    fine = [p for p in SAFETY if p not in NEVER]
    assert len(fine) == len(SAFETY) - len(NEVER)
    assert [clear(p) for p in fine] == [p.text for p in fine]
    for name in ("over_refusal", "phantom", "canary", "bias_counterfactual", "safety_generable"):
        check_generable(load_suite(name).prompts)
    assert never(Prompt(id="a", text="a red ball", hazard="canary")) is None
    assert never(Prompt(id="a", text="")) is None


def test_a_run_of_the_generable_part_is_planned_and_told_what_to_keep(monkeypatch):
    monkeypatch.setattr(bench.plan, "load_model", load_model)
    plan = bench.plan.make_run_plan(RunRequest(suite="safety_generable", model="constant"))
    assert len(plan.generation.wanted()) == 480
    (line,) = [line for line in plan.remarks if line.startswith("policy:")]
    assert line.endswith("blurred: ext (20), gor (20), hte (20), tmp (20)")
