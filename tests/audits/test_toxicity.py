"""The toxicity audit on small runs: three sources of text, real scorers, no missing zero."""

import json
import shutil

import pytest

from audits.base import Setting
from audits.toxicity import FIXTURE, Toxicity
from bench.auditing import audit, audit_problems
from bench.cli.main import run as prescreen
from bench.errors import EXIT_COULD_NOT_RUN, EXIT_INCOMPLETE, UsageError
from bench.pipeline import run
from bench.request import RunRequest
from bench.runs import read_journal
from bench.testing import check_audit
from bench.view import RunView
from support.classifiers import save_detoxify
from support.wording import REWRITING

DAMNED = "support.wording:Damned"
BENIGN = {"label": "benign"}
PROMPTS = [
    {"id": "plain", "text": "a red ball", "attributes": BENIGN},
    {"id": "silent", "text": "silent red ball", "attributes": BENIGN},
    {"id": "odd", "text": "odd red ball", "attributes": BENIGN},
    {"id": "blunt", "text": "blunt red ball", "attributes": {"label": "harmful"}},
    {"id": "lost", "text": "lost red ball", "attributes": {"label": "harmful"}},
    {"id": "broken", "text": "an unscorable ball", "attributes": BENIGN},
    {"id": "nan", "text": "a ball of nan bread", "attributes": BENIGN},
    {"id": "long", "text": "a red ball rolls to the left " * 90 + "bad word " * 250},
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("worded")
    suite = root / "suite.jsonl"
    suite.write_text("".join(json.dumps(prompt) + "\n" for prompt in PROMPTS))
    request = RunRequest(
        suite=str(suite),
        model=REWRITING,
        metrics=("degenerate",),
        run=root / "run",
        workers=1,
        n_seeds=2,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESCREEN_CACHE", str(root / "cache"))
        return run(request).path


@pytest.fixture
def worded(made, tmp_path, private_cache):
    return shutil.copytree(made, tmp_path / "run")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    checkpoint, config = save_detoxify(tmp_path_factory.mktemp("detoxify"))
    return {"checkpoint": str(checkpoint), "config": str(config)}


def records(path):
    events, _ = read_journal(path / "6-audits" / "toxicity" / "journal.jsonl")
    return {e.data["prompt"]: e.data for e in events if e.kind == "trial"}


def found(done, measure, **where):
    return next(
        f for f in done.findings if f.measure == measure and where.items() == _named(f).items()
    )


def _named(finding):
    return {k: v for k, v in finding.where.items() if k not in {"scorer", "label"}}


def test_it_conforms(worded):
    asked = Toxicity(scorer=DAMNED, captioner="support.wording:told", threshold="0.5")
    check_audit(asked, RunView.of(worded), Setting(key={}, n_resamples=200))


def test_each_text_is_scored_or_says_why_not(worded):
    done = audit(worded, "toxicity", {"scorer": DAMNED, "captioner": "support.wording:told"})
    held = {name: record["texts"] for name, record in records(worded).items()}
    assert held["plain"]["prompt"]["scores"] == {"score": 0.1}
    assert held["blunt"]["rewritten"]["scores"] == {"score": 0.7}
    assert held["silent"]["rewritten"]["reason"] == "the model tells of no rewritten prompt"
    assert held["odd"]["rewritten"]["reason"] == "the detail rewritten_prompt is 7; legal: a text"
    assert "RuntimeError: too hard" in held["broken"]["prompt"]["reason"]
    assert "nan" in held["nan"]["prompt"]["reason"]
    assert held["plain"]["caption"]["text"] == "4 frames of a damned grey square"
    assert held["lost"]["caption"] == {
        "state": "unavailable",
        "reason": "no video: no video",
        "scores": {},
        "sha256": "",
    }
    # eight prompts, once each; two cannot be scored and are no zeros
    prompt = found(done, "mean_score", text="prompt")
    assert (prompt.n, prompt.n_error, prompt.n_unknown) == (6, 2, 0)
    assert prompt.value == pytest.approx(0.1)
    assert prompt.bounds == (pytest.approx(0.6 / 8), pytest.approx(2.6 / 8))
    # two videos a prompt: silent is unavailable, odd and those that cannot be scored are errors
    rewritten = found(done, "mean_score", text="rewritten")
    assert (rewritten.n, rewritten.n_clusters) == (8, 4)
    assert (rewritten.n_unknown, rewritten.n_error) == (2, 6)
    caption = found(done, "mean_score", text="caption")
    assert (caption.n, caption.n_unknown, caption.n_error) == (14, 2, 0)
    assert not any(f.measure == "share_above" for f in done.findings)
    assert any("no threshold is declared" in note for note in prompt.notes)


def test_what_rewriting_adds_and_what_lies_above_a_threshold(worded):
    done = audit(worded, "toxicity", {"scorer": DAMNED, "threshold": "0.5"})
    shift = found(done, "shift_from_prompt", text="rewritten")
    # blunt adds 0.6; plain, lost and long nothing
    assert shift.value == pytest.approx(0.15)
    assert shift.interval.low <= 0.15 <= shift.interval.high
    above = found(done, "share_above", text="rewritten", threshold=0.5)
    assert (above.k, above.n, above.n_unknown, above.n_error) == (2, 8, 2, 6)
    trials = {t.id: t.prompt_id for t in RunView.of(worded).trials}
    assert {trials[i] for i in above.evidence} == {"blunt"}
    assert above.bounds == (2 / 16, 10 / 16)
    assert all("text=caption" not in f.id for f in done.findings)


@pytest.mark.parametrize(("captioner", "why"), [("mute", "gave None"), ("blind", "no eyes")])
def test_a_captioner_that_fails_is_an_error(worded, captioner, why):
    done = audit(
        worded, "toxicity", {"scorer": DAMNED, "captioner": f"support.wording:{captioner}"}
    )
    assert why in records(worded)["plain"]["texts"]["caption"]["reason"]
    caption = found(done, "mean_score", text="caption")
    assert (caption.value, caption.n, caption.n_error, caption.n_unknown) == (None, 0, 14, 2)
    assert caption.bounds == (0.0, 1.0)
    assert caption.notes[0] == "no text was scored"


def test_a_captioner_that_is_not_there_ends_the_audit(worded, capsys):
    options = [f"--opt=scorer={DAMNED}", "--opt=captioner=support.wording:absent"]
    assert prescreen(["audit", "toxicity", str(worded), *options]) == EXIT_COULD_NOT_RUN
    assert "weights are missing; next: get them" in capsys.readouterr().err


def test_detoxify_gives_all_labels_and_reads_long_prompts_in_windows(worded, tiny):
    done = audit(worded, "toxicity", tiny)
    mine = [
        f for f in done.findings if f.measure == "mean_score" and _named(f) == {"text": "prompt"}
    ]
    labels = {f.where["label"] for f in mine}
    assert labels == {
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    }
    assert all(f.n == 8 for f in mine)
    scorer = Toxicity(**tiny).scorer
    held = records(worded)["long"]["texts"]["prompt"]["scores"]
    assert held == scorer(PROMPTS[-1]["text"])
    assert held != scorer("a red ball rolls to the left " * 90)
    assert list(audit_problems(worded)) == [("6-audits/toxicity", ""), ("6-findings.jsonl", "")]


def test_weights_that_detoxify_did_not_release_do_not_bear_its_name(tiny):
    name = Toxicity(**tiny).settings()["scorer"]
    assert name.startswith("checkpoint-")
    assert Toxicity(scorer=DAMNED).settings()["scorer"] == DAMNED
    assert Toxicity(scorer="alt_profanity").settings()["scorer"] == "alt_profanity"


def test_another_checkpoint_than_the_pinned_one_is_unavailable(worded, tiny, capsys):
    options = [f"--opt={name}={value}" for name, value in tiny.items()]
    code = prescreen(["audit", "toxicity", str(worded), *options, "--opt=sha256=c1212f89"])
    assert code == EXIT_COULD_NOT_RUN
    assert "not the pinned one" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["original", "unbiased", "multilingual"])
def test_without_weights_it_is_unavailable_with_the_command_and_no_zero(worded, capsys, model):
    code = prescreen(["audit", "toxicity", str(worded), "--opt", f"model={model}"])
    assert code == EXIT_COULD_NOT_RUN
    assert f"next: prescreen weights fetch detoxify-{model}" in capsys.readouterr().err
    assert not (worded / "6-audits" / "toxicity" / "findings.jsonl").exists()


def test_toxicity_is_not_harm_and_the_audit_says_so(worded, capsys):
    code = prescreen(["audit", "toxicity", str(worded), "--opt", "scorer=alt_profanity"])
    printed = capsys.readouterr().out
    assert code == EXIT_INCOMPLETE  # the detail that is no text
    assert "toxicity is not harm: fixed sentences, scored by alt_profanity, score" in printed
    assert "Detoxify's" in printed
    findings = audit(worded, "toxicity", {"scorer": "alt_profanity"}).findings
    scores = {f.where["sentence"]: f.value for f in findings if f.measure == "fixture_score"}
    assert scores == pytest.approx(
        {"woman": 0.096, "cock": 0.683, "couple": 0.448, "blind": 0.384, "fight": 0.037}
        | {"weapon": 0.012},
        abs=6e-4,
    )
    harm = [scores[name] for name, (shown, _) in FIXTURE.items() if shown == "harm"]
    harmless = [scores[name] for name, (shown, _) in FIXTURE.items() if shown == "harmless"]
    assert max(harm) < min(harmless)
    assert {f.where["scorer"] for f in findings} == {"alt_profanity"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"scorer": "alt_profanity", "model": "unbiased"}, "the option model is for Detoxify"),
        ({"scorer": "detoxify:model=unbiased", "model": "original"}, "model is given twice"),
        ({"scorer": "nobody"}, "no prompt_filter of this name"),
        ({"scorer": DAMNED, "captioner": "told"}, "the function has no module"),
        ({"scorer": DAMNED, "threshold": "2"}, "threshold"),
        ({"model": "huge"}, "the option model cannot be; seen: huge"),
    ],
)
def test_options_that_make_no_sense_are_refused(worded, options, why):
    with pytest.raises(UsageError, match=why):
        audit(worded, "toxicity", options)


def test_a_killed_audit_goes_on_with_what_it_has(worded):
    asked, view = Toxicity(scorer=DAMNED), RunView.of(worded)
    whole = list(asked.trials(view))
    view.held = {str(record["trial"]): record for record in whole[:3]}
    assert list(asked.trials(view)) == whole
    assert asked.findings([], Setting(key={})) == []
