"""Prompts in disguise: their ids, their marks, their seeds, and what cannot be."""

import json

import pytest

import bench.attacked
from bench.attacked import attacked
from bench.cli.main import run as prescreen
from bench.errors import UsageError
from bench.generation import seed_of
from bench.suites.base import Suite
from bench.types import Prompt

PAIRED = Prompt(id="a", text="a ball", attributes={"pair_id": "x", "label": "harmful"})
ALONE = Prompt(id="b", text="日本語", hazard="canary")
SUITE = Suite(name="s", prompts=(PAIRED, ALONE))


@pytest.fixture
def fake(monkeypatch):
    def load(spec):
        changes = {
            "upper": lambda text, seed: text.upper(),
            "seeded": lambda text, seed: f"{text} {seed}",
            "nothing": lambda text, seed: text,
            "gone": lambda text, seed: " ",
        }
        return changes[spec]

    monkeypatch.setattr(bench.attacked, "load_attack", load)


def test_without_attacks_the_suite_is_the_same():
    assert attacked(SUITE, ()) is SUITE


def test_each_prompt_is_there_once_more(fake):
    made = attacked(SUITE, ("seeded",))
    assert [p.id for p in made.prompts] == ["a", "b", "a@seeded", "b@seeded"]
    variant = made.prompts[2]
    assert variant.text.startswith("a ball ")
    assert variant.attributes == {
        "pair_id": "x",
        "label": "harmful",
        "attack": "seeded",
        "base": "a",
    }
    assert made.prompts[3].hazard == "canary"
    assert made.sha256 != SUITE.sha256
    assert attacked(SUITE, ("seeded",)).sha256 == made.sha256
    assert attacked(SUITE, ("seeded",), seed=1).sha256 != made.sha256


def test_a_variant_shares_its_prompts_seeds(fake):
    made = {p.id: p for p in attacked(SUITE, ("seeded",)).prompts}
    for name in ("a", "b"):
        assert seed_of(made[name], 0) == seed_of(made[f"{name}@seeded"], 0)
    assert seed_of(made["a"], 0) != seed_of(made["b"], 0)


def test_a_text_that_stays_makes_no_variant_and_a_variant_none_of_its_own(fake):
    made = attacked(SUITE, ("upper",))
    assert [p.id for p in made.prompts] == ["a", "b", "a@upper"]
    again = attacked(made, ("seeded",))
    assert [p.id for p in again.prompts][3:] == ["a@seeded", "b@seeded"]


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        (("upper", "upper"), "an attack is named twice"),
        (("nothing",), "the attack nothing changes no prompt of s"),
        (("gone",), "the attack gone changes no prompt of s"),
    ],
)
def test_what_cannot_be(fake, specs, message):
    with pytest.raises(UsageError, match=message):
        attacked(SUITE, specs)


def test_an_attack_by_name_and_two_joined():
    made = attacked(SUITE, ("leet", "leet+spacing"))
    leet, both = (
        next(p for p in made.prompts if p.id == f"a@{s}") for s in ("leet", "leet+spacing")
    )
    assert leet.text != "a ball"
    assert len(both.text) > len(leet.text)
    with pytest.raises(UsageError, match="did you mean leet"):
        attacked(SUITE, ("leat",))


def test_the_command_makes_videos_of_the_disguises_too(tmp_path, capsys, private_cache):
    suite = tmp_path / "suite.jsonl"
    suite.write_text('{"id": "a", "text": "a ball of leather"}\n')
    command = ["run", "--suite", str(suite), "--model", "constant", "-m", "degenerate"]
    folder = ["--run", str(tmp_path / "run"), "--workers", "1"]
    assert prescreen([*command, "--attack", "leet", *folder]) == 0
    rows = [
        json.loads(line) for line in (tmp_path / "run/1-prompts.jsonl").read_text().splitlines()
    ]
    assert [(r["id"], r["attributes"].get("attack")) for r in rows] == [
        ("a", None),
        ("a@leet", "leet"),
    ]
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    assert manifest["request"]["attacks"] == ["leet"]
    capsys.readouterr()
    # without them it is another run
    assert prescreen([*command, *folder]) == 64
    assert "was started with another" in capsys.readouterr().err
