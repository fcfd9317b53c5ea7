import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from references import slow_ssim

from bench import registry
from bench.errors import TooFewFrames, UsageError
from bench.features import pixels
from bench.features.pixels import PixelPass, Pixels, pixel_features, pixel_spec
from bench.testing import check_extractor, features_of, probe_of
from bench.videos.corrupt import corrupt
from support.clips import moving, noisy, still, texture

SHAPES = st.tuples(st.integers(2, 4), st.integers(11, 16), st.integers(11, 16), st.just(3))
CLIPS = hnp.arrays(np.uint8, SHAPES)


def plain(*levels, size=(16, 20)):
    """Grey frames of these levels."""
    return np.array(levels, np.uint8)[:, None, None, None] * np.ones((1, *size, 3), np.uint8)


# --- values worked out by hand


def test_two_plain_frames():
    found = pixel_features(plain(0, 100))
    c1 = (0.01 * 255) ** 2
    assert found["index"].tolist() == [0, 1]
    assert found["mean"].tolist() == [[0] * 3, [100] * 3]
    assert found["std"].tolist() == [[0] * 3] * 2
    assert found["luma_quantiles"].tolist() == [[0] * 5, [100] * 5]
    assert found["luma_std"].tolist() == [0, 0]
    assert found["sharpness"] == pytest.approx([0, 0], abs=1e-6)
    assert found["thumbnail"] == pytest.approx(plain(0, 100, size=(16, 16))[..., 0])
    assert found["difference"].tolist() == [100]
    assert found["ssim"] == pytest.approx([c1 / (100**2 + c1)], rel=1e-4)
    assert found["histogram_distance"].tolist() == [1]
    assert found["block_change"] == pytest.approx([100])
    assert found["block_range"] == pytest.approx(100)
    assert (found["n_announced"], found["n_decoded"]) == (2, 2)


def test_types_and_shapes():
    found = pixel_features(moving(5, 40, 60))
    shapes = {name: (array.shape, str(array.dtype)) for name, array in found.items()}
    per_frame, per_pair = ((5,), "float64"), ((4,), "float64")
    assert shapes == {
        "index": ((5,), "int64"),
        "mean": ((5, 3), "float64"),
        "std": ((5, 3), "float64"),
        "luma_quantiles": ((5, 5), "float64"),
        "luma_std": per_frame,
        "sharpness": per_frame,
        "hash": ((5,), "uint64"),
        "thumbnail": ((5, 16, 16), "float32"),
        "difference": per_pair,
        "ssim": per_pair,
        "histogram_distance": per_pair,
        "block_change": per_pair,
        "block_range": ((), "float64"),
        "n_announced": ((), "int64"),
        "n_decoded": ((), "int64"),
    }


def test_a_single_frame_has_no_pairs():
    found = pixel_features(moving(1))
    assert all(found[name].shape == (0,) for name in ("difference", "ssim", "block_change"))
    assert found["block_range"] == 0


def test_quantiles_are_the_lowest_levels_that_enough_pixels_do_not_exceed():
    luma = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert pixels.quantiles(luma).tolist() == [1, 24, 49, 74, 97]
    assert pixels.quantiles(np.array([[7, 9]], np.uint8)).tolist() == [7, 7, 7, 9, 9]


def test_luma_is_bt601():
    frames = np.zeros((3, 11, 11, 3), np.uint8)
    for c in range(3):
        frames[c, ..., c] = 255
    assert pixel_features(frames)["luma_quantiles"][:, 2].tolist() == [76, 150, 29]


def test_a_fourth_power_mean_is_led_by_the_largest():
    assert pixels.fourth_power_mean(np.array([0, 10], np.float32)) == pytest.approx(5000**0.25)
    assert pixels.fourth_power_mean(np.array([-3, 3], np.float32)) == pytest.approx(3)
    assert pixels.fourth_power_mean(np.zeros(4, np.float32)) == 0


def test_difference_is_over_pixels_and_channels():
    first, second = np.zeros((2, 2, 5, 3), np.uint8)
    second[0, 0] = (30, 0, 60)
    assert pixels.difference(first, second) == pytest.approx(90 / 30)
    assert pixels.difference(second, first) == pytest.approx(3)


def test_blocks_and_range_of_a_square_that_moves():
    clip = np.zeros((3, 32, 32, 3), np.uint8)
    for t in range(3):
        clip[t, :8, 8 * t : 8 * t + 8] = 160  # one block of sixteen
    found = pixel_features(clip)
    assert found["block_change"] == pytest.approx([(2 * 160**4 / 16) ** 0.25] * 2)
    assert found["block_range"] == pytest.approx((3 * 160**4 / 16) ** 0.25)


# --- agreement with slow ways


def test_means_and_deviations_are_those_of_numpy():
    clip = noisy(moving(3, 40, 50), 10)
    found = pixel_features(clip)
    assert found["mean"] == pytest.approx(clip.mean(axis=(1, 2)), rel=1e-12)
    assert found["std"] == pytest.approx(clip.std(axis=(1, 2)), rel=1e-9)


def test_ssim_is_that_of_luma_by_the_paper():
    clip = noisy(moving(2, 30, 34), 6)
    first, second = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clip)
    assert pixel_features(clip)["ssim"] == pytest.approx([slow_ssim.ssim(first, second)], abs=2e-5)


def test_sharpness_is_the_variance_of_the_laplacian():
    luma = cv2.cvtColor(texture(256, 300, scale=1.5), cv2.COLOR_RGB2GRAY).astype(np.float64)
    p = np.pad(luma, 1, mode="reflect")
    laplacian = p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * luma
    assert pixels.sharpness(luma.astype(np.float32)) == pytest.approx(laplacian.var(), rel=1e-5)


def test_block_means_and_thumbnails_are_means_of_equal_parts():
    clip = texture(64, 128)[None]
    luma = cv2.cvtColor(clip[0], cv2.COLOR_RGB2GRAY).astype(np.float64)
    blocks = luma.reshape(8, 8, 16, 8).mean(axis=(1, 3))
    assert pixels.block_means(luma.astype(np.float32)) == pytest.approx(blocks, abs=1e-3)
    parts = luma.reshape(16, 4, 16, 8).mean(axis=(1, 3))
    assert pixel_features(clip)["thumbnail"][0] == pytest.approx(parts, abs=1e-3)


# --- what must not matter, and what must


def test_size_does_not_matter_to_blocks_and_thumbnails():
    small = pixel_features(moving(3, 256, 256))
    large = pixel_features(moving(3, 256, 256).repeat(2, axis=1).repeat(2, axis=2))
    for name in ("thumbnail", "block_change", "block_range", "sharpness"):
        assert large[name] == pytest.approx(small[name], rel=1e-4), name


def test_large_frames_are_shrunk_to_256_and_small_ones_left_alone():
    assert pixels.shrunk(np.zeros((512, 1024), np.uint8)).shape == (256, 512)
    assert pixels.shrunk(np.zeros((100, 1024), np.uint8)).shape == (100, 1024)
    assert pixels.block_means(np.zeros((3, 5), np.float32)).shape == (1, 1)


@settings(max_examples=25, deadline=None)
@given(clip=CLIPS)
def test_numbers_stay_in_their_ranges_and_pairs_do_not_know_their_direction(clip):
    found, back = pixel_features(clip), pixel_features(clip[::-1])
    for name in ("difference", "ssim", "histogram_distance", "block_change"):
        assert found[name][::-1] == pytest.approx(back[name], abs=1e-5), name
    assert found["block_range"] == pytest.approx(back["block_range"], abs=1e-5)
    assert (np.diff(found["luma_quantiles"], axis=1) >= 0).all()
    assert (found["difference"] <= 255).all()
    assert (found["histogram_distance"] <= 1 + 1e-12).all()
    assert (found["ssim"] <= 1.0001).all()
    assert found["block_range"] >= found["block_change"].max() - 1e-4


@settings(max_examples=25, deadline=None)
@given(clip=CLIPS, at=st.integers(0, 10**6))
def test_hashes_are_equal_where_frames_are(clip, at):
    other = clip.copy()
    other.reshape(-1)[at % clip.size] ^= 1
    first, second = pixel_features(clip)["hash"], pixel_features(other)["hash"]
    changed = at % clip.size // clip[0].size
    assert [bool(a != b) for a, b in zip(first, second, strict=True)] == [
        t == changed for t in range(len(clip))
    ]


def test_a_frame_that_is_not_contiguous_has_the_same_numbers():
    clip = moving(3, 40, 80)
    view, copy = clip[:, :, ::2], clip[:, :, ::2].copy()
    found, expected = pixel_features(view), pixel_features(copy)
    assert all((found[name] == expected[name]).all() for name in expected)


def test_a_still_clip_does_not_change():
    found = pixel_features(still(4))
    assert found["ssim"] == pytest.approx([1] * 3, abs=1e-6)
    assert not found["difference"].any()
    assert not found["block_change"].any()
    assert len(set(found["hash"].tolist())) == 1


@pytest.mark.parametrize(
    ("kind", "name", "rises"),
    [
        ("gaussian_blur", "sharpness", False),
        ("noise", "sharpness", True),
        ("noise", "difference", True),
        ("noise", "ssim", False),
        ("luma_flicker", "block_change", True),
        ("spatial_jitter", "difference", True),
        ("colour_shift", "histogram_distance", None),
    ],
)
def test_numbers_follow_graded_damage(kind, name, rises):
    clip = moving(12, 64, 80)
    graded = [clip, *(corrupt(clip, kind, s, np.random.default_rng(1)) for s in range(1, 6))]
    steps = np.diff([pixel_features(frames)[name].mean() for frames in graded])
    if rises is None:  # the same shift everywhere is no change from frame to frame
        assert np.abs(steps).max() < 0.02
    else:
        assert (steps > 0).all() if rises else (steps < 0).all()


# --- the extractor


def test_it_conforms():
    check_extractor(Pixels(), moving(6, 40, 50))
    check_extractor(Pixels(frames="uniform:3"), moving(6, 40, 50))


def test_a_sampling_rule_picks_the_frames_and_makes_the_pairs():
    clip = moving(12, 40, 50)
    found = features_of(Pixels(frames="uniform:3"), clip)
    assert found["index"].tolist() == [2, 6, 10]
    assert found["n_announced"] == 3
    assert found["difference"][0] == pytest.approx(pixels.difference(clip[2], clip[6]))


def test_announced_frames_are_counted_by_the_rule():
    walk = Pixels(frames="uniform:8").start(probe_of(moving(20)), "0" * 64)
    with pytest.raises(TooFewFrames, match="pixel statistics need a frame; seen: 0 frames"):
        walk.finish()
    assert pixel_features(moving(2), n_announced=9)["n_announced"] == 9
    assert pixel_features(moving(2), n_announced=9)["n_decoded"] == 2


def test_no_frame_is_too_few():
    with pytest.raises(TooFewFrames):
        PixelPass(3).finish()


def test_frames_below_the_window_have_no_ssim_and_all_else():
    found = pixel_features(moving(3, 8, 9))
    assert np.isnan(found["ssim"]).all()
    assert all(np.isfinite(found[name]).all() for name in found if name != "ssim")


def test_specs_and_keys_tell_rules_apart():
    assert pixel_spec() == "pixels"
    assert pixel_spec("fps:8") == "pixels:frames=fps:8"
    built = registry.build("feature", pixel_spec("fps:8"))
    assert built.sampling == Pixels(frames="fps:8").sampling
    assert len({Pixels().key(), Pixels(frames="fps:8").key(), Pixels(frames="all").key()}) == 2
    assert Pixels().settings()["opencv"] == cv2.__version__


def test_a_rule_that_is_none_is_an_error():
    with pytest.raises(UsageError, match="a sampling rule cannot be read; seen: often"):
        Pixels(frames="often")
