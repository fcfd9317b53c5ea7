"""The provenance audit on a small real run: two layers, every handling, and faults."""

import json
import shutil
import sys

import numpy as np
import pytest

from audits._c2pa import Inspector
from audits._handlings import HANDLINGS
from audits._provenance_findings import null_limit
from audits.base import Setting
from audits.provenance import Provenance
from bench.auditing import audit
from bench.errors import UsageError
from bench.pipeline import run
from bench.request import RunRequest
from bench.testing import check_audit
from bench.verification import verify
from bench.view import RunView
from support.authority import authority
from support.detectors import MUTE

pytest.importorskip("c2pa", reason="c2pa-python: pip install 'prescreen[provenance]'")
PROMPTS = [
    {"id": name, "text": f"a {name} ball rolls over a meadow"} for name in ("red", "blue", "green")
]
SIZE = "height=48,width=80,frames=6,fps=6"


def made_run(root, name, model):
    suite = root / "suite.jsonl"
    suite.write_text("".join(json.dumps(prompt) + "\n" for prompt in PROMPTS))
    request = RunRequest(
        suite=str(suite), model=model, metrics=("degenerate",), run=root / name, workers=1
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESCREEN_CACHE", str(root / "cache"))
        return run(request).path


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("provenance")
    anchor, leaf, key = authority(root)
    files = f"mark=both,sign_certificates={leaf},sign_key={key}"
    return {
        "anchor": anchor,
        "marked": made_run(root, "marked", f"phantom:{SIZE},{files}"),
        "plain": made_run(root, "plain", f"phantom:{SIZE}"),
    }


@pytest.fixture(scope="module")
def done(world):
    options = {"anchors": str(world["anchor"]), "null": str(world["plain"] / "3-videos")}
    return audit(world["marked"], "provenance", options)


def value(done, measure, **where):
    return next(f for f in done.findings if f.measure == measure and f.where == where)


def test_a_published_video_bears_both_layers(done):
    for measure in ("present", "valid", "trusted", "ai_declared"):
        finding = value(done, measure, layer="c2pa", handling="as_is")
        assert (finding.k, finding.n) == (3, 3)
        assert len(finding.evidence) == 3
        assert finding.interval.method == "Wilson score"
    assert value(done, "detected", layer="watermark", handling="as_is").value == 1
    assert value(done, "two_layers", handling="as_is").value == 1


def test_the_manifest_survives_nothing_and_the_watermark_all_but_a_crop(done):
    for handling in set(HANDLINGS) - {"as_is"}:
        assert value(done, "survival", layer="c2pa", handling=handling).value == 0, handling
        assert value(done, "present", layer="c2pa", handling=handling).value == 0, handling
    for handling in ("remux", "metadata_strip", "crf23", "crf30", "rescale", "trim"):
        finding = value(done, "detected", layer="watermark", handling=handling)
        assert finding.value == 1, handling
        assert value(done, "any_layer", handling=handling).value == 1
    assert value(done, "detected", layer="watermark", handling="crop").value == 0


def test_bits_and_cost_are_numbers_with_intervals(done):
    bits = value(done, "bit_accuracy", layer="watermark", handling="as_is")
    assert bits.value == 1
    assert bits.test.p == pytest.approx(2.0**-96)
    cost = value(done, "psnr", layer="watermark")
    assert 35 < cost.interval.low <= cost.value <= cost.interval.high < 45
    assert cost.n == 3


def test_unmarked_videos_raise_no_alarm_and_the_bound_says_how_many_it_would_take(done):
    finding = value(done, "false_alarm", layer="watermark")
    assert (finding.k, finding.n) == (0, 3)
    assert finding.interval.high > 0.5
    assert "a bound of 0.001 needs 2995 unmarked videos without an alarm" in finding.notes


def test_an_unmarked_run_shows_neither_layer(world):
    done = audit(world["plain"], "provenance", {"handlings": "remux"})
    for measure in ("present", "valid"):
        assert value(done, measure, layer="c2pa", handling="as_is").k == 0
    assert value(done, "detected", layer="watermark", handling="as_is").k == 0
    survival = value(done, "survival", layer="c2pa", handling="remux")
    assert survival.value is None
    assert "there is no such trial" in survival.notes
    assert value(done, "psnr", layer="watermark").value is None


def test_one_flipped_byte_is_invalid(world, tmp_path):
    path = next((world["marked"] / "3-videos").glob("*.mp4"))
    held = bytearray(path.read_bytes())
    held[held.find(b"mdat") + 40] ^= 1
    flipped = tmp_path / "v.mp4"
    flipped.write_bytes(held)
    seen = Inspector.of(str(world["anchor"])).read(flipped)
    assert seen.state == "invalid"
    assert "assertion.bmffHash.mismatch" in seen.codes


def test_a_missing_video_is_undecided_never_unmarked(world, tmp_path):
    path = shutil.copytree(world["marked"], tmp_path / "run")
    next((path / "3-videos").glob("*.mp4")).unlink()
    done = audit(path, "provenance", {"handlings": "as_is"})
    finding = value(done, "present", layer="c2pa", handling="as_is")
    assert (finding.k, finding.n, finding.n_unknown) == (2, 2, 1)
    assert finding.bounds == (2 / 3, 1)


def test_a_video_that_cannot_be_read_is_an_error(world, tmp_path):
    path = shutil.copytree(world["marked"], tmp_path / "run")
    next((path / "3-videos").glob("*.mp4")).write_bytes(b"no video")
    done = audit(path, "provenance", {"handlings": "crf23"})
    for handling in ("as_is", "crf23"):
        assert value(done, "detected", layer="watermark", handling=handling).n_error == 1


def test_without_the_package_a_layer_is_unavailable_and_never_zero(world, monkeypatch):
    monkeypatch.setitem(sys.modules, "c2pa", None)
    done = audit(world["marked"], "provenance", {"handlings": "as_is"})
    finding = value(done, "present", layer="c2pa", handling="as_is")
    assert (finding.value, finding.n, finding.n_unknown) == (None, 0, 3)
    assert any("pip install 'prescreen[provenance]'" in note for note in finding.notes)
    assert value(done, "any_layer", handling="as_is").value == 1  # the other layer settles it
    assert value(done, "two_layers", handling="as_is").value is None


def test_a_detector_without_p_values_needs_unmarked_videos(world):
    options = {"watermark": MUTE, "handlings": "as_is"}
    done = audit(world["marked"], "provenance", options)
    finding = value(done, "detected", layer="watermark", handling="as_is")
    assert finding.value is None
    assert any("give null=FOLDER" in note for note in finding.notes)
    null = [{"score": float(i)} for i in range(20)]
    assert null_limit(null, 1e-3) == pytest.approx(9.5 + np.std(range(20), ddof=1) * 3.0902, 1e-4)
    assert null_limit(null[:19], 1e-3) is None


def test_it_conforms_and_is_verified(world, done):
    setting = Setting(key={"audit": "provenance"}, n_resamples=200)
    check_audit(Provenance(handlings="remux+crf30"), RunView.of(world["marked"]), setting)
    lines = list(done.lines)
    assert any(line.startswith("evidence  EU AI Act") for line in lines)
    assert "no claim of conformity" in lines[-1]


def test_verify_finds_a_changed_record(world, tmp_path):
    path = shutil.copytree(world["marked"], tmp_path / "run")
    audit(path, "provenance", {"handlings": "as_is"})
    assert all(check.ok for check in verify(path))
    journal = path / "6-audits" / "provenance" / "journal.jsonl"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(bytes(data))
    assert not all(check.ok for check in verify(path))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"handlings": "fax"}, "no such handling; seen: fax; legal: as_is, remux"),
        ({"fpr": 0.5}, "the option fpr cannot be"),
        ({"anchors": "nowhere.pem"}, "the trust anchors cannot be read"),
        ({"watermark": "nothing"}, "no watermark of this name"),
    ],
)
def test_bad_options_are_refused(options, says):
    with pytest.raises(UsageError, match=says):
        Provenance(**options)


def test_a_folder_without_videos_is_no_null(world, tmp_path):
    with pytest.raises(UsageError, match="no unmarked videos are here"):
        audit(world["plain"], "provenance", {"null": str(tmp_path)})
