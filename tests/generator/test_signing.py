"""Content Credentials on written videos, with a certificate authority of the test's own."""

import json

import numpy as np
import pytest

from audits._c2pa import Inspector
from bench.videos.read import decode_all
from bench.videos.write import write_master
from generator.provenance import NoMark, Origin, write_marked
from generator.signing import AI_SOURCE, Layers, Signature, manifest
from generator.watermark import Watermark
from support.authority import authority

pytest.importorskip("c2pa", reason="c2pa-python: pip install 'prescreen[provenance]'")
ORIGIN = Origin(model="cascade", prompt_sha256="ab", seed=7)
FRAMES = np.full((4, 32, 48, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("authority"))


def signature(files):
    return Signature(certificates=files[1].read_bytes(), key=files[2].read_bytes())


def test_a_signed_video_shows_the_same_frames_and_is_trusted(files, tmp_path):
    path = tmp_path / "v.mp4"
    done = write_marked(path, FRAMES, 8, ORIGIN, encode=write_master, mark=signature(files))
    assert done["mark"] == "c2pa"
    assert done["c2pa"] == "signed"
    np.testing.assert_array_equal(decode_all(path), FRAMES)
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]
    seen = Inspector.of(str(files[0])).read(path)
    assert (seen.state, seen.source_types) == ("trusted", (AI_SOURCE,))
    assert Inspector().read(path).state == "valid"


def test_the_manifest_names_the_origin_and_no_prompt():
    held = json.loads(manifest(ORIGIN))
    assert held["assertions"][1]["data"]["prompt_sha256"] == "ab"
    assert held["assertions"][0]["data"]["actions"][0]["digitalSourceType"] == AI_SOURCE


def test_layers_mark_and_sign_in_order(files, tmp_path):
    both = Layers([Watermark(), signature(files)])
    assert both.name == "dct_qim+c2pa"
    assert "do not repeat" in both.version
    path = tmp_path / "v.mp4"
    done = write_marked(path, FRAMES, 8, ORIGIN, encode=write_master, mark=both)
    assert done["c2pa"] == "signed"
    assert (decode_all(path) != FRAMES).any()
    assert Layers([NoMark()]).sign(path, ORIGIN) is None


def test_what_does_not_sign_is_refused_at_once(files):
    leaf, key = files[1].read_bytes(), files[2].read_bytes()
    with pytest.raises(ValueError, match="no such algorithm; seen: rot13"):
        Signature(certificates=leaf, key=key, algorithm="rot13")
    with pytest.raises(ValueError, match="key and certificate do not sign"):
        Signature(certificates=leaf, key=b"no key")


def test_a_file_that_is_no_video_stays_as_it_was(files, tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(ValueError, match="the video cannot be signed"):
        signature(files).sign(path, ORIGIN)
    assert path.read_bytes() == b"no video"
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]
