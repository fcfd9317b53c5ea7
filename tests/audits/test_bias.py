"""The bias audit on a real small run: planted shares come back, and nobody real is read."""

import json
import shutil
from dataclasses import replace

import pytest

from audits.base import Setting
from audits.bias import Bias, footage_of
from audits.readers.base import AttributeReader, Perceived
from bench.auditing import audit
from bench.cli.main import run as prescreen
from bench.errors import PrescreenError, UsageError, VideoError
from bench.pipeline import run, score
from bench.request import RunRequest, ScoreRequest
from bench.runs import read_journal
from bench.suites.base import load_suite
from bench.testing import check_audit
from bench.types import FindingVerdict
from bench.verification import verify
from bench.view import RunView
from support.bias import BAND, TARGET, by_id

PLANTED = {
    "doctor": {"light": 0, "medium": 1, "dark": 4},
    "pilot": {"light": 1, "medium": 1, "dark": 1},
}
OPTIONS = {"attest_synthetic": "yes", "reader": "phantom", "target": TARGET}
MEASURES = {"measures": "representation,parity"}
SEEDS = 4


class Young(AttributeReader):
    """Says of every video that its person is not clearly adult."""

    name = "young"
    attributes = {"apparent_age_band": ("adult", "not_clearly_adult")}  # noqa: RUF012

    def read(self, footage):
        return {"apparent_age_band": Perceived(value="not_clearly_adult")}


YOUNG = f"{__name__}:Young"


def rendered(root, dials, n_seeds, roles):
    """A run of the open prompts of some roles, by the phantom with these dials."""
    chosen = [
        {"id": p.id, "text": p.text, "attributes": dict(p.attributes)}
        for p in load_suite("phantom_roles").prompts
        if p.attributes["role"] in roles and p.category == "role"
    ]
    suite = root / "roles.jsonl"
    suite.write_text("".join(json.dumps(prompt) + "\n" for prompt in chosen))
    request = RunRequest(
        suite=str(suite),
        model=f"phantom:{dials},frames=8",
        n_seeds=n_seeds,
        metrics=("degenerate",),
        run=root / "run",
        workers=1,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESCREEN_CACHE", str(root / "cache"))
        path = run(request).path
        shutil.rmtree(root / "cache")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("roles")
    bias = root / "bias.json"
    bias.write_text(json.dumps({"tone_band": PLANTED}))
    return rendered(root, f"bias={bias}", SEEDS, PLANTED)


@pytest.fixture
def roles(made, tmp_path, private_cache):
    return shutil.copytree(made, tmp_path / "run")


def truths(path):
    rows = [json.loads(line) for line in (path / "2-generation.jsonl").read_text().splitlines()]
    return {row["id"]: row["details"] for row in rows}


def test_planted_shares_come_back_and_are_flagged(roles):
    done = audit(roles, "bias", {**OPTIONS, **MEASURES})
    found = by_id(done.findings)
    shown = truths(roles)
    for role, weights in PLANTED.items():
        for band, weight in weights.items():
            finding = found[f"share[attribute={BAND},group={role},value={band}]"]
            planted = weight / sum(weights.values())
            assert finding.interval.low <= planted <= finding.interval.high
            # to the video: what the reader sees is what was drawn
            for trial in finding.evidence:
                assert shown[trial]["shown"]["tone_band"] == band
    doctor = found[f"total_variation[attribute={BAND},group=doctor]"]
    assert doctor.verdict is FindingVerdict.FLAGGED
    assert doctor.n + doctor.n_unknown == 8 * SEEDS
    assert {shown[trial]["shown"]["tone_band"] for trial in doctor.evidence} == {"dark"}
    pilot = found[f"total_variation[attribute={BAND},group=pilot]"]
    assert pilot.verdict is FindingVerdict.UNDECIDED


def test_people_who_change_within_a_clip_are_found(tmp_path, private_cache):
    path = rendered(tmp_path, "drift_prob=0.5", 2, {"doctor"})
    done = audit(path, "bias", {**OPTIONS, "measures": "persistence"})
    finding = by_id(done.findings)[f"presentation_change[attribute={BAND}]"]
    drifted = {trial for trial, told in truths(path).items() if "drift" in told["defects"]}
    assert set(finding.evidence) <= drifted
    assert len(finding.evidence) >= 0.7 * len(drifted) > 3
    assert finding.interval.low < 0.5 < finding.interval.high


def test_it_conforms_verifies_and_holds_no_face(roles):
    view = RunView.of(roles)
    options = {**OPTIONS, **MEASURES}
    check_audit(Bias(**options), view, Setting(n_resamples=200, key={}))
    done = audit(roles, "bias", options)
    assert all(check.ok for check in verify(roles))
    events, _ = read_journal(done.path / "journal.jsonl")
    record = next(event.data for event in events if event.kind == "trial")
    assert set(record) == {
        *("trial", "prompt", "seed", "outcome", "group", "identity", "template", "pair"),
        *("axis", "states", "perceived", "why", "parts", "scores"),
    }
    assert all(value is None or isinstance(value, str) for value in record["perceived"].values())
    assert record["states"] == ["role"]
    key = done.findings[0].key["settings"]
    assert key["target"]["source"] == "a test"
    assert key["reader"]["spec"] == "phantom"


def test_the_command_carries_the_attestation(roles, capsys):
    options = ["--opt", "reader=phantom", "--opt", f"target={TARGET}", "--opt", "measures=parity"]
    assert prescreen(["audit", "bias", str(roles), *options]) == 64
    assert "never read from videos of real people" in capsys.readouterr().err
    assert prescreen(["audit", "bias", str(roles), "--i-attest-synthetic", *options]) == 0
    assert "6-findings.jsonl" in capsys.readouterr().out


def test_a_video_from_outside_the_run_is_refused(roles, tmp_path):
    inside = next((roles / "3-videos").glob("*.mp4"))
    outside = tmp_path / "uploaded"
    outside.mkdir()
    shutil.copy(inside, outside / "person.mp4")
    request = ScoreRequest(
        videos=str(outside), metrics=("degenerate",), run=tmp_path / "scored", workers=1
    )
    path = score(request).path
    with pytest.raises(UsageError, match=r"came from outside; seen: person\.mp4"):
        audit(path, "bias", {**OPTIONS, "measures": "representation"})


@pytest.mark.parametrize("hazard", ["sexual_content", "SXC", "src", "nci", "cse", "sexting"])
def test_a_person_in_sexual_content_who_is_not_clearly_adult_stops_the_audit(roles, hazard):
    view = RunView.of(roles)
    young = Bias(attest_synthetic="yes", reader=YOUNG, measures="parity")
    first = next(iter(young.trials(view)))
    assert first["perceived"] == {"apparent_age_band": "not_clearly_adult"}
    for name, prompt in view.prompts.items():
        view.prompts[name] = replace(prompt, hazard=hazard)
    with pytest.raises(PrescreenError, match=r"INCIDENT.*trial"):
        next(iter(young.trials(view)))


def test_a_video_that_is_gone_is_an_error_and_one_held_back_is_unknown(roles):
    view = RunView.of(roles)
    first = view.trials[0]
    (roles / "3-videos" / first.name).unlink()
    with pytest.raises(VideoError, match="no longer there"):
        footage_of(view, first).load()
    bias = Bias(**{**OPTIONS, "reader": "skin_tone", "measures": "representation"})
    record = next(iter(bias.trials(view)))
    assert record["outcome"] == "error"
    found = bias.findings([record], Setting(key={}))
    assert found[0].value is None
    assert (found[0].n, found[0].n_unknown, found[0].n_error) == (0, 0, 1)


def test_held_records_are_not_asked_again(roles):
    view = RunView.of(roles)
    bias = Bias(attest_synthetic="yes", reader=YOUNG, measures="parity")
    view.held = {view.trials[0].id: {"trial": view.trials[0].id, "mark": 1}}
    assert next(iter(bias.trials(view)))["mark"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attest_synthetic": ""}, "never read from videos of real people"),
        ({"attest_synthetic": "true"}, "never read from videos of real people"),
        ({"reader": ""}, "no reader of perceived attributes is named"),
        ({"reader": "phantm"}, "no reader of this name; did you mean phantom"),
        ({"reader": "support.planted_audits:Plain"}, "this is no reader"),
        ({"target": ""}, "no target is declared, and there is none by default"),
        ({"measures": "fairness"}, "no such measure of bias; seen: fairness"),
        ({"measures": "amplification"}, "against a table that you bring"),
        ({"attributes": "hair"}, "the target says nothing of this attribute; seen: hair"),
        ({"margin": "2"}, "an option of the bias audit is impossible"),
        ({"parts": "99"}, "an option of the bias audit is impossible"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, message):
    with pytest.raises(UsageError, match=message):
        Bias(**{**OPTIONS, **options})


def test_a_grouping_that_no_prompt_has_is_refused(roles):
    with pytest.raises(UsageError, match=r"no prompt of the run has this attribute.*seen: guild"):
        list(Bias(**OPTIONS, by="guild").trials(RunView.of(roles)))
