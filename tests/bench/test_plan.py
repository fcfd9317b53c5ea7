"""The plan: inputs resolved and hashed without anything heavy, and what a run's identity is."""

import subprocess
import sys

import pytest

from bench import plan as planning
from bench.errors import UsageError
from bench.plan import DEFAULT_METRICS, ScoreRequest, code_digest, environment, make_plan
from bench.types import Outcome


def touch(root, **files):
    for name, data in files.items():
        path = root / name.replace("__", "/").replace("_mp4", ".mp4")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


@pytest.fixture
def videos(tmp_path):
    return touch(tmp_path / "v", a_mp4=b"one", b_mp4=b"two")


def identity(**settings):
    return make_plan(ScoreRequest(**settings)).identity()


def test_every_video_is_a_trial_with_its_hash(videos):
    plan = make_plan(ScoreRequest(videos=str(videos)))
    assert [(t.name, t.source, t.outcome) for t in plan.trials] == [
        ("a.mp4", "candidate", Outcome.OK),
        ("b.mp4", "candidate", Outcome.OK),
    ]
    assert all(len(t.sha256) == 64 and t.path for t in plan.trials)
    assert len({t.id for t in plan.trials}) == 2
    assert plan.request.metrics == DEFAULT_METRICS
    assert plan.remarks == ("candidate: 2 videos",)


def test_the_identity_is_of_what_the_numbers_depend_on(videos, tmp_path):
    base = identity(videos=str(videos))
    assert identity(videos=str(videos), workers=3, out=tmp_path / "o", wait=True) == base
    moved = touch(tmp_path / "elsewhere", a_mp4=b"one", b_mp4=b"two")
    assert identity(videos=str(moved)) == base
    assert identity(videos=str(moved / "*.mp4")) == base
    for change in (
        {"seed": 1},
        {"confidence": 0.9},
        {"n_resamples": 500},
        {"metrics": ("sharpness",)},
        {"reference": str(moved)},
    ):
        assert identity(videos=str(videos), **change) != base, change
    (moved / "b.mp4").write_bytes(b"three")
    assert identity(videos=str(moved)) != base
    (moved / "b.mp4").rename(moved / "c.mp4")
    (moved / "c.mp4").write_bytes(b"two")
    assert identity(videos=str(moved)) != base


def test_files_that_are_no_videos_are_remarked_and_change_nothing(videos):
    before = make_plan(ScoreRequest(videos=str(videos)))
    touch(videos, notes=b"x")
    after = make_plan(ScoreRequest(videos=str(videos)))
    assert (after.identity(), after.ledger) == (before.identity(), before.ledger)
    assert after.remarks == ("candidate: 2 videos, 1 other file ignored",)


def test_prompts_without_videos_and_videos_without_prompts_are_trials_with_reasons(
    videos, tmp_path
):
    prompts = tmp_path / "p.csv"
    prompts.write_text("id,text\na,a cat\nz,a dog\n")
    plan = make_plan(ScoreRequest(videos=str(videos), prompts=str(prompts)))
    assert [(t.name, t.prompt_id, t.outcome, t.reason) for t in plan.trials] == [
        ("a.mp4", "a", Outcome.OK, ""),
        ("b.mp4", None, Outcome.OK, "its name is neither the id nor the text of a prompt"),
        ("", "z", Outcome.MISSING, "no video answers this prompt"),
    ]
    assert plan.ledger["candidate"]["n_prompts_missing"] == 1
    assert (
        plan.remarks[1]
        == "prompts: 1 of 2 prompts have videos, 1 missing, 1 video without a prompt"
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("path,prompt_id\nv/a.mp4,cow\n", "names the prompt cow, which is not there"),
        ("path,prompt\nv/a.mp4,a cow\n", "no prompt has the text that its manifest gives it"),
        ("path,prompt_id,prompt\nv/a.mp4,a,a cow\n", "gives a another text than the suite"),
    ],
)
def test_why_a_manifests_video_answers_no_prompt(videos, tmp_path, rows, reason):
    (tmp_path / "p.csv").write_text("id,text\na,a cat\n")
    (tmp_path / "m.csv").write_text(rows)
    plan = make_plan(ScoreRequest(videos=str(tmp_path / "m.csv"), prompts=str(tmp_path / "p.csv")))
    assert reason in plan.trials[0].reason
    assert plan.trials[0].prompt_id is None


def test_a_manifests_own_texts_are_the_prompts(videos, tmp_path):
    (tmp_path / "m.csv").write_text("path,prompt,seed\nv/a.mp4,a cat,1\nv/b.mp4,a cat,2\n")
    plan = make_plan(ScoreRequest(videos=str(tmp_path / "m.csv")))
    assert [prompt.text for prompt in plan.prompts] == ["a cat"]
    assert [t.seed for t in plan.trials] == [1, 2]
    assert plan.suite_sha256


def test_a_video_that_cannot_be_opened_is_an_error_and_one_that_is_not_there_is_missing(
    videos, tmp_path
):
    (videos / "out.mp4").symlink_to("/etc/passwd")
    (tmp_path / "m.csv").write_text("path\nv/a.mp4\nv/out.mp4\nv/gone.mp4\n")
    plan = make_plan(ScoreRequest(videos=str(tmp_path / "m.csv")))
    assert [(t.name, t.outcome, t.reason, t.path is None) for t in plan.trials] == [
        ("v/a.mp4", Outcome.OK, "", False),
        ("v/gone.mp4", Outcome.MISSING, "missing", True),
        ("v/out.mp4", Outcome.ERROR, "symbolic link leaves the folder", True),
    ]


def test_equal_bytes_are_remarked(videos, tmp_path):
    touch(videos, c_mp4=b"one")
    real = touch(tmp_path / "real", x_mp4=b"two", y_mp4=b"nine")
    plan = make_plan(ScoreRequest(videos=str(videos), reference=str(real)))
    assert plan.remarks[2:] == (
        "candidate: 1 videos have the bytes of another one and count as more data",
        "1 videos are in both sets, which makes a distance between them too small",
    )


def test_rates_of_folders_of_images_are_not_ignored_unsaid(tmp_path):
    touch(tmp_path, **{"v__0.png": b"x"})
    (tmp_path / "m.csv").write_text("path,fps\nv,12\n")
    plan = make_plan(ScoreRequest(videos=str(tmp_path / "m.csv")))
    assert any("frame rates" in remark for remark in plan.remarks)


def test_an_edited_plug_in_is_another_run(videos, tmp_path, monkeypatch):
    module = tmp_path / "my_metric.py"
    module.write_text("class Mine: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    request = {"videos": str(videos), "metrics": ("my_metric:Mine", "sharpness")}
    before = identity(**request)
    assert list(before["plug_ins"]) == ["my_metric:Mine"]
    module.write_text("class Mine: version = '2'\n")
    assert identity(**request) != before
    assert "my_metric" not in sys.modules


def test_the_environment_names_this_code_and_the_libraries(monkeypatch):
    held = environment()
    assert held["code"] == code_digest()
    assert held["numpy"] != "not installed"
    monkeypatch.setattr(planning, "_LIBRARIES", ("no-such-library",))
    assert environment()["no-such-library"] == "not installed"


def test_a_plan_imports_nothing_heavy(videos):
    code = (
        "import sys\nfrom bench.plan import ScoreRequest, make_plan\n"
        f"make_plan(ScoreRequest(videos={str(videos)!r}))\n"
        "print([m for m in ('torch', 'torchmetrics', 'transformers', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"confidence": 0.2}, "the confidence is impossible; seen: 0.2"),
        ({"confidence": float("nan")}, "the confidence is impossible; seen: nan"),
        ({"n_resamples": 99}, "too few resamples; seen: 99; legal: 100 or more"),
        ({"metrics": ()}, "no metric was asked for"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        ScoreRequest(videos="v", **changes)
