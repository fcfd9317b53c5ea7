import hashlib
import io
import subprocess
import sys
import textwrap

import cv2
import numpy as np
import pytest
from PIL import Image

from bench import registry
from bench.errors import TooFewFrames, UsageError
from bench.features.thumbnails import QUALITY, ThumbnailPass, Thumbnails, encoded, thumbnail
from bench.testing import check_extractor, check_refuses_one_frame, features_of
from support.clips import moving, texture


def files(arrays):
    """The JPEG files of a video, cut out as the report does."""
    ends = np.cumsum(arrays["lengths"])
    data = arrays["jpeg"].tobytes()
    return [data[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def opened(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


# --- the pictures


def test_five_pictures_spread_evenly_that_another_decoder_opens():
    clip = moving(20, 192, 256)
    found = features_of(Thumbnails(), clip)
    assert found["index"].tolist() == [2, 6, 10, 14, 18]
    assert found["lengths"].sum() == len(found["jpeg"])
    assert (found["jpeg"].dtype, found["lengths"].dtype) == (np.uint8, np.int64)
    for index, file in zip(found["index"], files(found), strict=True):
        assert file[:2] == b"\xff\xd8"
        assert file[-2:] == b"\xff\xd9"
        picture = opened(file)
        assert picture.shape == (96, 128, 3)
        expected = cv2.resize(clip[index], (128, 96), interpolation=cv2.INTER_AREA)
        assert np.abs(picture.astype(int) - expected).mean() < 7  # strong colours, 4:2:0


def test_red_stays_red():
    red = np.zeros((1, 64, 64, 3), np.uint8)
    red[..., 0] = 200
    picture = opened(files(features_of(Thumbnails(), red))[0])
    assert np.abs(picture[32, 32].astype(int) - (200, 0, 0)).max() <= 4


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((192, 256), (96, 128)),
        ((96, 128), (96, 128)),
        ((97, 130), (96, 129)),
        ((40, 50), (40, 50)),
        ((40, 4000), (4, 384)),
        ((4320, 7680), (96, 171)),
        ((4000, 2), (96, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_large_frames_are_shrunk_to_fit_and_small_ones_kept(size, made):
    assert thumbnail(np.zeros((*size, 3), np.uint8)).shape == (*made, 3)


def test_a_frame_that_is_small_enough_is_the_frame_itself():
    image = texture(50, 60)
    assert (thumbnail(image) == image).all()


def test_a_short_video_has_as_many_pictures_as_frames():
    assert features_of(Thumbnails(), moving(2))["index"].tolist() == [0, 1]
    assert len(files(features_of(Thumbnails(), moving(1)))) == 1


# --- the bytes


def test_the_same_frames_give_the_same_bytes():
    first, again = (features_of(Thumbnails(), moving(9)) for _ in range(2))
    assert first["jpeg"].tobytes() == again["jpeg"].tobytes()


PROGRAM = """
    import hashlib
    from bench.features.thumbnails import encoded, thumbnail
    from support.clips import texture
    print(hashlib.sha256(encoded(thumbnail(texture(200, 300)))).hexdigest())
"""


def test_another_process_and_more_threads_give_the_same_bytes():
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), "OMP_NUM_THREADS": "4"}
    program = [sys.executable, "-c", textwrap.dedent(PROGRAM)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
    here = hashlib.sha256(encoded(thumbnail(texture(200, 300)))).hexdigest()
    assert done.stdout.strip() == here


def test_pictures_are_small_enough_to_keep():
    found = features_of(Thumbnails(), moving(16, 180, 320))
    assert found["jpeg"].nbytes < 60_000


# --- the extractor


def test_it_conforms_and_needs_no_torch():
    check_extractor(Thumbnails(), moving(10))
    check_refuses_one_frame(Thumbnails(), moving(3))
    assert not Thumbnails.uses_torch


def test_options_come_as_text():
    built = registry.build("feature", "thumbnails:frames=uniform:3,height=32")
    found = features_of(built, moving(9, 64, 80))
    assert len(files(found)) == 3
    assert opened(files(found)[0]).shape == (32, 40, 3)


def test_keys_name_what_the_bytes_depend_on():
    settings = Thumbnails().settings()
    assert settings["opencv"] == cv2.__version__
    assert settings["quality"] == QUALITY
    keys = {Thumbnails().key(), Thumbnails(height=64).key(), Thumbnails(frames="uniform:4").key()}
    assert len(keys) == 3
    assert Thumbnails(height="64").key() == Thumbnails(height=64).key()


@pytest.mark.parametrize("height", ["tall", "", 15, 1025, -96, "9.5"])
def test_a_height_that_is_none_is_an_error(height):
    with pytest.raises(UsageError, match=f"seen: {height}; legal: 16 to 1024 px"):
        Thumbnails(height=height)


def test_no_frame_is_too_few():
    with pytest.raises(TooFewFrames, match="thumbnails need a frame; seen: 0 frames"):
        ThumbnailPass(96).finish()
