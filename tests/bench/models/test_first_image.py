"""First images: what a camera, a browser or a vandal may hand in."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from bench.errors import UsageError
from bench.models import _first_image
from bench.models._first_image import read_first_image

RED, CLEAR = (200, 10, 20), (0, 0, 0, 0)


def saved(path, image, **options):
    image.save(path, **options)
    return path


def test_a_picture_is_read_with_the_sha256_of_its_file(tmp_path):
    path = saved(tmp_path / "a.png", Image.new("RGB", (40, 24), RED))
    first = read_first_image(path)
    assert first.image_HWC.shape == (24, 40, 3)
    assert first.image_HWC.dtype == np.uint8
    assert (first.image_HWC == RED).all()
    assert first.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [("RGBA", CLEAR, 255), ("L", 77, 77), ("1", 1, 255), ("LA", (0, 0), 255), ("P", 0, None)],
)
def test_every_mode_becomes_rgb_and_what_is_clear_white(tmp_path, mode, colour, seen):
    first = read_first_image(saved(tmp_path / "a.png", Image.new(mode, (10, 9), colour)))
    assert first.image_HWC.shape == (9, 10, 3)
    assert seen is None or (first.image_HWC == seen).all()


def test_it_is_turned_as_its_camera_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    path = saved(tmp_path / "a.jpg", Image.new("RGB", (40, 24), RED), exif=exif)
    assert read_first_image(path).image_HWC.shape == (40, 24, 3)


def refusal(path):
    with pytest.raises(UsageError) as refused:
        read_first_image(path)
    text = str(refused.value)
    assert len(text.splitlines()) == 1
    return text


def test_what_is_no_picture_is_refused(tmp_path):
    assert "cannot be read: No such file" in refusal(tmp_path / "nowhere.png")
    assert "cannot be read: Is a directory" in refusal(tmp_path)
    for data in (b"", b"words", b"\x00\x00\x00\x18ftypmp42" + bytes(99)):
        (tmp_path / "a.png").write_bytes(data)
        assert "not a picture that can be read" in refusal(tmp_path / "a.png")


def test_a_cut_off_picture_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8)
    for form in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.fromarray(noise).save(file, form)
        path = tmp_path / f"a.{form.lower()}"
        path.write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
        assert "next" in refusal(path) or "legal" in refusal(path)


def test_sizes_that_no_frame_has_are_refused(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.png", Image.new("RGB", (40, 4), RED))
    assert "seen: " in refusal(path)
    assert "40 x 4" in refusal(path)
    path = saved(tmp_path / "b.png", Image.new("RGB", (40, 24), RED))
    monkeypatch.setattr(_first_image, "MAX_PIXELS", 900)
    assert "40 x 24; legal: 8 px a side" in refusal(path)
    monkeypatch.setattr(_first_image, "MAX_BYTES", 10)
    assert "the image is too large" in refusal(path)
