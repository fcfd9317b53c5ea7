"""Planted metrics on real ladders: one that sees, one that is blind, one that makes things up."""

from dataclasses import replace

import pytest

from bench import demo, registry
from bench.calibration.runner import CalibrateRequest, calibrate
from bench.certificates import Verdict, find_certificate, read_certificate, write_certificate
from bench.errors import TooFewFrames, Unavailable, UsageError
from bench.features import pixels
from bench.videos.write import write_master
from support.clips import moving
from support.metric_certificates import certificate
from support.tiny_clip import save_tiny_clip

SEES, CONSTANT, RANDOM = (
    f"support.planted_metrics:{name}" for name in ("SeesBlur", "Constant", "Random")
)
SETS = "support.planted_metrics:SetBlur"
PROMPTED = "support.planted_metrics:Prompted"
BOTH = ("gaussian_blur", "reverse")


def calibrated(out, *specs, ladders=BOTH, n=16, clips=("phantom",)):
    request = CalibrateRequest(metrics=specs, ladders=ladders, n=n, out=out, clips=clips)
    return calibrate(request).certificates


def verdicts(certificate):
    return {row.ladder: (row.verdict, row.meets) for row in certificate.rows}


def test_planted_metrics_get_the_verdicts_that_they_were_made_for(small):
    sees, constant, random, sets = calibrated(small, SEES, CONSTANT, RANDOM, SETS)
    assert sees.verdict is Verdict.PASS
    assert verdicts(sees) == dict.fromkeys(BOTH, (Verdict.PASS, True))
    (blur, _) = sees.rows
    assert blur.high < -0.9
    assert [e.strength for e in blur.effects] == [0, 1, 2, 3, 4, 5]
    assert blur.effects[5].change < 0

    assert constant.verdict is Verdict.FAIL
    assert verdicts(constant)["gaussian_blur"] == (Verdict.BLIND, False)
    assert random.verdict is Verdict.FAIL
    assert verdicts(random)["gaussian_blur"] == (Verdict.FAIL, False)

    assert sets.verdict is Verdict.PASS
    assert sets.rows[0].n_clips == 16
    assert sets.clips[0].n_reference == 16
    assert not set(sets.clips[0].sha256) & set(sets.clips[0].reference_sha256)


def test_five_clips_are_not_enough(small):
    (made,) = calibrated(small, SEES, n=5)
    assert made.verdict is Verdict.NOT_ENOUGH
    assert "too few clips" in made.reason
    assert {row.verdict for row in made.rows} == {Verdict.NOT_ENOUGH}


def test_a_second_call_completes_the_certificate_and_reads_no_features_again(small, monkeypatch):
    (first,) = calibrated(small, SEES, ladders=("gaussian_blur",))
    assert first.reason == "not measured: value on reverse"
    (both,) = calibrated(small, SEES, ladders=("reverse",))
    assert both.verdict is Verdict.PASS
    assert find_certificate(SEES, [small]) == both

    def none(*_):
        raise AssertionError("the features were there already")

    monkeypatch.setattr(pixels.PixelPass, "push", none)
    before = [path.read_bytes() for path in small.iterdir()]
    assert calibrated(small, SEES) == (both,)
    assert [path.read_bytes() for path in small.iterdir()] == before


def test_other_clips_under_the_same_name_begin_a_new_certificate(small):
    calibrated(small, SEES, ladders=("gaussian_blur",), n=2)
    (made,) = calibrated(small, SEES, ladders=("reverse",), n=3)
    assert {row.ladder for row in made.rows} == {"reverse"}


def test_what_an_extractor_refuses_has_no_value(small, monkeypatch):
    def refuse(*_):
        raise TooFewFrames("too short")

    monkeypatch.setattr(pixels.PixelPass, "finish", refuse)
    (made,) = calibrated(small, SEES, ladders=("gaussian_blur",), n=2)
    assert made.rows[0].n_clips == 0
    assert made.rows[0].effects == ()


def test_a_wrong_caption_is_shown_only_to_metrics_that_read_captions(small):
    (made,) = calibrated(small, SEES, ladders=("wrong_caption",), n=2)
    assert made.rows == ()


def test_names_that_there_are_not(small):
    with pytest.raises(UsageError, match="no such ladder of damage; seen: blur; legal: gaussian"):
        calibrated(small, SEES, ladders=("blur",))
    with pytest.raises(UsageError, match="too few clips to compare; seen: 1"):
        calibrated(small, SEES, n=1)
    with pytest.raises(UsageError, match="no metric of this name"):
        calibrated(small, "sharpnes")
    with pytest.raises(UsageError, match="no such clips; seen: nowhere; legal: phantom, real"):
        calibrated(small, SEES, clips=("nowhere",))


def test_a_metric_that_was_asked_for_and_cannot_be_had_is_an_error(small, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(small))
    with pytest.raises(Unavailable, match="frame_consistency cannot be calibrated here"):
        calibrated(small, "frame_consistency")


@pytest.fixture
def only(monkeypatch):
    """Names the metrics that there are."""

    def name(*specs):
        monkeypatch.setattr(registry, "names", lambda kind: list(specs))

    return name


def test_one_call_makes_every_certificate_and_says_what_cannot_be_had(small, monkeypatch, only):
    monkeypatch.setenv("HF_HUB_CACHE", str(small))
    only("frame_consistency", SEES, PROMPTED)
    done = calibrate(CalibrateRequest(ladders=BOTH, n=2, out=small, clips=("phantom",)))
    found = {c.spec: (c.verdict, c.reason) for c in done.certificates}
    assert set(found) == {"frame_consistency", SEES, PROMPTED}
    verdict, reason = found["frame_consistency"]
    assert verdict is Verdict.UNAVAILABLE
    assert "next: prescreen weights fetch clip-vit-b-32" in reason
    held = find_certificate("frame_consistency", [small])
    assert (held.verdict, held.rows) == (Verdict.UNAVAILABLE, ())
    assert done.skipped == {}


def test_a_measured_certificate_is_not_lost_where_its_weights_are(small, monkeypatch, only):
    monkeypatch.setenv("HF_HUB_CACHE", str(small))
    measured = certificate(spec="frame_consistency")
    write_certificate(small, measured)
    only("frame_consistency")
    done = calibrate(CalibrateRequest(ladders=BOTH, n=2, out=small, clips=("phantom",)))
    assert done.certificates == (measured,)
    assert read_certificate(small / "frame_consistency.json") == measured


def test_without_the_film_the_phantom_is_enough_unless_the_film_was_asked_for(small, monkeypatch):
    def none(say):
        raise Unavailable("bbb-film is not here", then="prescreen weights fetch bbb-film")

    monkeypatch.setattr(demo, "prepare", none)
    request = CalibrateRequest(metrics=(SEES,), ladders=BOTH, n=2, out=small)
    done = calibrate(request)
    assert [used.name for used in done.certificates[0].clips] == ["phantom"]
    assert "prescreen weights fetch bbb-film" in done.skipped["clips real"]
    with pytest.raises(Unavailable, match="bbb-film is not here"):
        calibrate(replace(request, clips=("real",)))


def test_what_reads_prompts_is_left_out_where_there_are_none(small, tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    for index in range(4):
        write_master(folder / f"{index}.mp4", moving(8, 24, 40, seed=index), 8.0)
    with pytest.raises(Unavailable, match="it needs prompts, which only the phantom's clips have"):
        calibrated(small, PROMPTED, n=2, clips=(str(folder),))
    assert len(calibrated(small, PROMPTED, SEES, n=2, clips=(str(folder),))) == 1


def test_clip_metrics_are_calibrated_wherever_their_weights_are(small, monkeypatch, tmp_path):
    """The same way with a CLIP of random weights: two prompts that differ must differ in score."""
    save_tiny_clip(tmp_path / "clip")
    spec = f"clip_score:model={tmp_path / 'clip'}"
    (made,) = calibrated(small, spec, ladders=("wrong_caption", "freeze"), n=2)
    assert {(row.column, row.ladder) for row in made.rows} == {
        ("cos", "wrong_caption"),
        ("cos", "freeze"),
    }
    (wrong,) = [row for row in made.rows if row.ladder == "wrong_caption"]
    assert wrong.n_clips == 2
    assert len({effect.mean for effect in wrong.effects}) > 1
