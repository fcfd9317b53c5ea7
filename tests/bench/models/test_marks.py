"""The options of provenance marks: what is refused, what is recorded, what reaches the video."""

import sys

import numpy as np
import pytest

from audits.watermarks.dct_qim import DctQim
from bench.clearance import clear_text
from bench.errors import Unavailable, UsageError
from bench.models._marks import Marking
from bench.models.base import Ask
from bench.models.cascade import Cascade
from bench.models.phantom import Phantom
from support.authority import authority

ASK = Ask(prompt=clear_text("a red ball on a white background"), seed=5)


def found(made):
    return DctQim().detect(np.stack(list(made.frames))).n_right


def test_a_watermarked_phantom_says_what_the_mark_cost():
    size = {"height": 32, "width": 48, "frames": 3}
    made = Phantom(**size, mark="watermark").generate([ASK])[0]
    assert found(made) == 32
    assert made.details["mark"]["name"] == "dct_qim"
    assert 35 < made.details["mark"]["psnr_db"] < 45
    plain = Phantom(**size).generate([ASK])[0]
    assert found(plain) < 26
    assert plain.sign is None
    assert "mark" not in plain.details


def test_a_guarded_video_is_marked_too():
    shadowed = Phantom(frames=3, filters="shadow", mark="watermark").generate([ASK])[0]
    assert found(shadowed) == 32
    assert {"filters", "mark"} <= set(shadowed.details)


def test_a_marked_cascade_is_another_model_than_an_unmarked_one():
    plain, marked = Cascade(), Cascade(mark="watermark")
    assert "mark" not in plain.settings()
    assert marked.settings()["mark"] == {"name": "dct_qim", "version": "1"}
    assert found(marked.generate([ASK])[0]) == 32


def test_signed_files_say_so_and_keys_stay_out_of_the_settings(tmp_path):
    pytest.importorskip("c2pa", reason="c2pa-python: pip install 'prescreen[provenance]'")
    _, leaf, key = authority(tmp_path)
    options = {"mark": "both", "sign_certificates": str(leaf), "sign_key": str(key)}
    phantom = Phantom(frames=3, **options)
    made = phantom.generate([ASK])[0]
    assert made.sign is not None
    settings = phantom.settings()["mark"]
    assert settings["name"] == "dct_qim+c2pa"
    assert len(settings["certificates"]) == 16


def test_a_secret_key_gives_another_mark(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"secret")
    made = Phantom(frames=3, mark="watermark", mark_key=str(key)).generate([ASK])[0]
    assert DctQim(key=str(key)).detect(made.frames).n_right == 32
    assert found(made) < 26


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"mark": "stamp"}, "the option mark cannot be; seen: stamp; legal: off, watermark"),
        ({"mark": "signature"}, "signs with a certificate and its key"),
        ({"key": "k"}, "a key is given that no mark uses; seen: mark=off"),
        ({"mark": "watermark", "sign_key": "k"}, "a key is given that no mark uses"),
    ],
)
def test_options_that_cannot_be_are_refused(options, says):
    with pytest.raises(UsageError, match=says):
        Marking(**options)


def test_files_that_cannot_be_used_are_refused(tmp_path):
    empty = tmp_path / "empty"
    empty.write_bytes(b"\n")
    with pytest.raises(UsageError, match="a mark's file is empty"):
        Marking(mark="watermark", key=str(empty)).built()
    with pytest.raises(UsageError, match="a mark's file cannot be read"):
        Marking(mark="watermark", key=str(tmp_path / "none")).settings()
    empty.write_bytes(b"no certificate")
    pytest.importorskip("c2pa", reason="c2pa-python: pip install 'prescreen[provenance]'")
    with pytest.raises(UsageError, match="files cannot be used"):
        Marking(mark="signature", certificates=str(empty), sign_key=str(empty)).built()


def test_a_package_that_is_not_there_names_its_command(tmp_path, monkeypatch):
    held = tmp_path / "held"
    held.write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "c2pa", None)
    marking = Marking(mark="signature", certificates=str(held), sign_key=str(held))
    with pytest.raises(Unavailable, match=r"next: pip install 'prescreen\[provenance\]'"):
        marking.built()
