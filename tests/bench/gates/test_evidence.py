"""A run is read only where its seals hold, and a certificate only where it is the run's own."""

import numpy as np
import pytest

from bench.certificates import Verdict
from bench.errors import RunDamaged, UsageError
from bench.gates.evidence import names, read_evidence, sealed, uncertified
from bench.runs import SCORES
from support.gated import certify, gated_run

SHARP = ("sharpness", "sharpness")


@pytest.fixture
def root(private_cache, tmp_path):
    return gated_run(tmp_path / "run", {SHARP: np.ones((3, 1))}, real={SHARP: np.ones((3, 1))})


def read(root):
    return read_evidence(root, with_findings=False)


def test_a_sound_run_is_read(root):
    run = read(root)
    assert run.head == sealed(root)
    assert list(names(run.headlines)) == ["degenerate.vetoed", "sharpness.sharpness"]
    assert {row["source"] for row in run.real} == {"reference"}
    assert {row["source"] for row in run.side.rows} == {"candidate"}
    assert run.column(*SHARP).unit == "squared grey level of 255"
    assert run.headline(*SHARP, "with vetoed")["subset"] == "kept", "nothing was vetoed"
    assert run.headline("other", "x", "kept") is None


def test_a_file_that_is_gone_or_changed_is_named(root):
    (root / SCORES).write_bytes(b"")
    with pytest.raises(RunDamaged, match=r"5-scores.parquet of the run .* changed by hand or is"):
        read(root)
    (root / SCORES).unlink()
    with pytest.raises(RunDamaged, match=r"5-scores.parquet"):
        read(root)


def test_a_run_that_has_not_ended_is_not_read(private_cache, tmp_path):
    root = gated_run(tmp_path / "half", {SHARP: np.ones((3, 1))}, end=False)
    with pytest.raises(UsageError, match="is not finished"):
        read(root)


def test_a_certificate_must_pass_and_be_of_this_version_and_weights(root, private_cache):
    run = read(root)
    certify(private_cache, "sharpness", verdict=Verdict.NOT_ENOUGH)
    assert uncertified(run, "sharpness") == "its certificate says not_enough: planted"
    certify(private_cache, "sharpness")
    assert uncertified(run, "sharpness") == ""
    for head in run.headlines:
        head["key"]["version"] = "0"
    assert "another version or other weights than the run's" in uncertified(run, "sharpness")


def test_a_metric_without_a_certificate_may_not_gate(root, private_cache, monkeypatch):
    monkeypatch.setattr("bench.certificates.PACKAGED", private_cache / "none")
    assert "no certificate for sharpness as installed" in uncertified(read(root), "sharpness")
