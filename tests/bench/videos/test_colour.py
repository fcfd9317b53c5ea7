import itertools

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from references import slow_colour

from bench.errors import VideoError
from bench.videos.colour import clockwise_deg, has_alpha, to_rgb, turn
from bench.videos.read import decode_all
from support.clips import texture
from support.odd_videos import RED, encode, flat, level, picture

LIMITED, FULL = 1, 2
MATRICES = {"bt709": 1, "fcc": 4, "bt601": 5, "smpte240m": 7, "bt2020": 9}
"""Name -> AVCOL_SPC number; 6 is BT.601 too."""
LEVELS = (16, 60, 128, 200, 235)
CHROMA = (40, 100, 128, 160, 220)


def rgb(frame, **settings):
    return to_rgb(frame, VideoReformatter(), **settings)


def tagged(frame, matrix=0, value_range=0):
    frame.colorspace, frame.color_range = matrix, value_range
    return frame


# --- every colour within a level of the definition


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("value_range", [LIMITED, FULL])
def test_every_matrix_and_range_is_within_a_level_of_its_definition(matrix, value_range):
    full = value_range == FULL
    for y, u, v in itertools.product(LEVELS, CHROMA, CHROMA):
        frame = tagged(flat("yuv444p", (y, u, v)), MATRICES[matrix], value_range)
        made = rgb(frame)
        expected = slow_colour.to_rgb(y, u, v, matrix, full_range=full)
        assert np.abs(made[0, 0] - np.array(expected)).max() <= 1.25, (y, u, v)
        assert (made == made[0, 0]).all()


@settings(max_examples=60, deadline=None)
@given(y=st.integers(0, 255), u=st.integers(0, 255), v=st.integers(0, 255))
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p"])
def test_an_untagged_frame_is_bt601_limited_at_any_subsampling(pixel_format, y, u, v):
    assume(all(-256 < c < 511 for c in slow_colour.uncut(y, u, v)))  # beyond that, swscale wraps
    made = rgb(flat(pixel_format, (y, u, v)))
    assert np.abs(made[0, 0] - np.array(slow_colour.to_rgb(y, u, v))).max() <= 1.25


def test_the_jpeg_formats_are_full_range_by_their_name():
    made = rgb(flat("yuvj420p", (200, 90, 160)))
    expected = slow_colour.to_rgb(200, 90, 160, full_range=True)
    assert np.abs(made[0, 0] - np.array(expected)).max() <= 1.25


def test_ten_bits_are_rounded_to_eight(odd):
    made = decode_all(odd("ten_bit"))
    expected = slow_colour.to_rgb(500, 400, 700, bits=10)
    assert made.shape == (3, 16, 32, 3)
    assert np.abs(made[0, 0, 0] - np.array(expected)).max() <= 1.25


def test_chroma_is_interpolated_and_not_repeated():
    frame = flat("yuv420p", (128, 128, 128), 16, 32)
    red_difference = np.frombuffer(frame.planes[2], np.uint8).reshape(8, -1)
    red_difference[:, :16] = np.linspace(60, 200, 16).astype(np.uint8)
    made = rgb(frame)[8, :, 0].astype(int)
    steps = np.diff(made[2:-2])
    assert (steps > 0).all(), "a repeated sample would make every other step 0"


def test_grey_is_full_range_unless_it_is_tagged_limited(odd):
    assert decode_all(odd("grey"))[:, 0, 0].tolist() == [[60 + i] * 3 for i in range(3)]
    assert decode_all(odd("grey_limited"))[:, 0, 0].tolist() == [[0] * 3, [128] * 3, [255] * 3]


@pytest.mark.parametrize("matrix", [8, 10, 14])
def test_a_matrix_without_a_conversion_is_an_error_that_lists_the_legal_ones(matrix):
    frame = tagged(flat("yuv420p", (120, 100, 150)), matrix)
    with pytest.raises(VideoError, match=rf"colour space {matrix}; legal: RGB, grey, or YUV"):
        rgb(frame)


# --- transparency


@pytest.mark.parametrize(
    ("name", "transparent"),
    [("rgb24", False), ("yuv420p", False), ("rgba", True), ("yuva420p", True), ("pal8", True)],
)
def test_which_formats_can_be_transparent(name, transparent):
    assert has_alpha(av.VideoFormat(name)) is transparent


@pytest.mark.parametrize("alpha", [0, 1, 100, 128, 254, 255])
def test_alpha_is_composited_over_black(alpha):
    rgba = np.full((16, 32, 4), (200, 101, 3, alpha), np.uint8)
    made = rgb(av.VideoFrame.from_ndarray(rgba, "rgba"))
    expected = np.array((200, 101, 3)) * alpha / 255
    assert np.abs(made[0, 0] - expected).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("kind", ["alpha_ffv1", "alpha_qtrle"])
def test_half_transparent_files_are_half_as_bright(odd, kind):
    made = decode_all(odd(kind))
    for index, frame in enumerate(made):
        assert np.abs(frame - picture(index) * (128 / 255)).max() <= 0.5 + 1e-9


def test_the_alpha_plane_of_webm_is_read(odd):
    made = decode_all(odd("alpha_vp9"))
    assert np.abs(made - 128 * 128 / 255).max() <= 1


# --- turning


def matrix_of(a, b, c, d):
    return np.array([a, b, 0, c, d, 0, 0, 0, 1]) * 65536


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((1, 0, 0, 1), [[0, 1, 2], [3, 4, 5]]),
        ((-1, 0, 0, -1), [[5, 4, 3], [2, 1, 0]]),
        ((-1, 0, 0, 1), [[2, 1, 0], [5, 4, 3]]),
        ((1, 0, 0, -1), [[3, 4, 5], [0, 1, 2]]),
        ((0, 1, -1, 0), [[3, 0], [4, 1], [5, 2]]),
        ((0, -1, 1, 0), [[2, 5], [1, 4], [0, 3]]),
        ((0, 1, 1, 0), [[0, 3], [1, 4], [2, 5]]),
        ((0.9, 0.1, -0.1, 0.9), [[0, 1, 2], [3, 4, 5]]),
    ],
)
def test_a_display_matrix_turns_and_mirrors(matrix, expected):
    frame = np.repeat(np.arange(6, dtype=np.uint8).reshape(2, 3, 1), 3, axis=2)
    made = turn(frame, matrix_of(*matrix).astype(np.int32))
    assert made[..., 0].tolist() == expected
    assert made.flags.c_contiguous


def away_from_edges(made, expected):
    """Largest difference where chroma is not mixed with that of the next quarter."""
    height, width, _ = made.shape
    rows = np.abs(np.arange(height) - (height - 1) / 2) > 6
    columns = np.abs(np.arange(width) - (width - 1) / 2) > 6
    return np.abs(made.astype(int) - expected)[np.ix_(rows, columns)].max()


@pytest.mark.parametrize(
    ("kind", "turns"),
    [("rotated_90", -1), ("rotated_180", 2), ("rotated_270", 1)],
)
def test_files_from_a_turned_phone_come_upright(odd, kind, turns):
    for index, frame in enumerate(decode_all(odd(kind))):
        assert away_from_edges(frame, np.rot90(picture(index), turns)) <= 2


def test_a_mirrored_file_comes_mirrored(odd):
    frame = decode_all(odd("mirrored"))[1]
    assert away_from_edges(frame, picture(1)[:, ::-1]) <= 2
    assert np.abs(frame[0, -1].astype(int) - RED).max() <= 2
    assert np.abs(frame[0, 0].astype(int) - level(1)).max() <= 1


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turn_is_told_apart_from_mirroring(tmp_path, degrees, mirrored):
    def setup(stream):
        stream.set_display_rotation(-degrees, hflip=mirrored)

    path = encode(tmp_path / "clip.mp4", [picture(0)], options={"qp": "0"}, setup=setup)
    with av.open(str(path)) as video:
        frame = next(video.decode(video=0))
    upright = np.rot90(picture(0), -degrees // 90)
    if mirrored:  # FFmpeg mirrors after the turn, which is the other turn after mirroring
        upright, degrees = upright[:, ::-1], -degrees % 360
    assert clockwise_deg(frame) == degrees
    assert away_from_edges(rgb(frame), upright) <= 2


def test_a_frame_without_a_matrix_asks_for_no_turn():
    assert clockwise_deg(flat("yuv420p", (1, 2, 3))) == 0


# --- shrinking on the way


@pytest.mark.parametrize(
    ("side_px", "shape"), [(24, (24, 36, 3)), (48, (48, 72, 3)), (99, (48, 72, 3))]
)
def test_frames_are_shrunk_to_a_short_side_and_never_enlarged(side_px, shape):
    frame = av.VideoFrame.from_ndarray(texture(48, 72), "rgb24")
    assert rgb(frame, side_px=side_px).shape == shape


def test_a_shrunk_frame_is_what_area_shrinking_makes_of_it():
    image = texture(96, 144, scale=6.0)
    made = rgb(av.VideoFrame.from_ndarray(image, "rgb24"), side_px=24)
    expected = cv2.resize(image, (36, 24), interpolation=cv2.INTER_AREA)
    assert np.abs(made.astype(int) - expected).mean() < 2


def test_the_frame_owns_its_memory():
    frame = flat("yuv420p", (100, 128, 128))
    made = rgb(frame)
    before = made.copy()
    np.frombuffer(frame.planes[0], np.uint8)[:] = 255
    assert (made == before).all()
    made[:] = 0  # and it is no read-only view
