"""Certificates: written and read, found by key, completed, and refused when they are none."""

from dataclasses import replace

import pytest

from bench import certificates
from bench.certificates import (
    PACKAGED,
    certificate_key,
    file_name,
    find_certificate,
    own_folder,
    read_certificate,
    write_certificate,
)
from bench.errors import RunDamaged, UsageError
from bench.metrics.sharpness import Sharpness
from support.metric_certificates import certificate, row, used


def keyed(**change):
    return certificate(key={**certificate_key("sharpness"), **change})


def test_what_is_written_is_read(tmp_path):
    path = write_certificate(tmp_path, certificate())
    assert read_certificate(path) == certificate()
    before = path.read_bytes()
    write_certificate(tmp_path, read_certificate(path))
    assert path.read_bytes() == before


def test_a_certificate_is_found_by_version_and_weights(tmp_path, monkeypatch):
    assert find_certificate("sharpness", [tmp_path]) is None
    write_certificate(tmp_path, keyed())
    assert find_certificate("sharpness", [tmp_path]) == keyed()
    write_certificate(tmp_path, keyed(needs={"pixels": {"weights_sha256": "other"}}))
    assert find_certificate("sharpness", [tmp_path]) is None
    write_certificate(tmp_path, keyed())
    monkeypatch.setattr(Sharpness, "version", "2")
    assert find_certificate("sharpness", [tmp_path]) is None


def test_the_persons_own_comes_before_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path))
    monkeypatch.setattr(certificates, "PACKAGED", tmp_path / "ours")
    write_certificate(tmp_path / "ours", replace(keyed(), reason="ours"))
    assert find_certificate("sharpness").reason == "ours"
    write_certificate(own_folder(), replace(keyed(), reason="own"))
    assert find_certificate("sharpness").reason == "own"


def test_options_of_a_metric_are_part_of_what_is_certified(tmp_path):
    assert file_name("fvd") == "fvd.json"
    assert file_name("fvd:ddof=0") != file_name("fvd:ddof=1") != "fvd.json"
    assert certificate_key("fvd:ddof=0") != certificate_key("fvd")
    assert certificate_key("warping_error:side=64") != certificate_key("warping_error")
    assert "/" not in file_name("my.package:Metric")


def test_the_key_names_the_weights():
    needs = certificate_key("fvd")["needs"]["i3d"]
    if needs == "unavailable":
        pytest.skip("i3d-kinetics-400 is not here; next: prescreen weights fetch i3d-kinetics-400")
    assert len(needs["weights_sha256"]) == 64


def test_a_metric_that_there_is_not():
    with pytest.raises(UsageError, match="no metric of this name"):
        find_certificate("sharpnes")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": 99}', '{"schema": 1, "rows": 3}'])
def test_a_file_that_is_no_certificate_is_named(tmp_path, text):
    (tmp_path / "sharpness.json").write_text(text)
    with pytest.raises(RunDamaged, match=r"sharpness\.json is not a certificate: .* next: remove"):
        find_certificate("sharpness", [tmp_path])


def test_new_rows_replace_those_of_the_same_ladder_and_leave_the_others():
    held = certificate(("noise", "black"))
    made = held.with_rows(used(), [row("noise", n_clips=20), row("jpeg")])
    assert [(r.ladder, r.n_clips) for r in made.rows] == [
        ("black", 16),
        ("jpeg", 16),
        ("noise", 20),
    ]
    other = made.with_rows(used("real"), [row("noise", clips="real")])
    assert len(other.rows) == 4
    assert [c.name for c in other.clips] == ["phantom", "real"]


@pytest.mark.parametrize("clips", [used(sha256=("c",)), used(seed=1)])
def test_rows_of_other_clips_of_the_same_name_are_dropped(clips):
    made = certificate(("noise", "black")).with_rows(clips, [row("jpeg")])
    assert [r.ladder for r in made.rows] == ["jpeg"]


def test_those_that_ship_hold_for_the_metrics_that_ship():
    paths = sorted(PACKAGED.glob("*.json"))
    assert paths
    for path in paths:
        held = read_certificate(path)
        assert path.name == file_name(held.spec)
        key = certificate_key(held.spec)
        if "unavailable" not in key["needs"].values():
            assert key == dict(held.key), "next: prescreen calibrate --out bench/certificates"
