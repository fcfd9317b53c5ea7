"""The resize is Pillow's to the last bit, on noise, edges and frames of a film."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from bench.features._clip_files import Preparation
from bench.features._clip_model import prepare
from bench.features._clip_resize import resize_crop, resize_squeeze, resized, weights
from support.clips import texture
from support.tiny_clip import openai_preprocessor

OPENAI = CLIPImageProcessorPil()
SIZES = [
    (720, 1280),
    (768, 1280),
    (1280, 720),
    (719, 1279),
    (361, 203),
    (224, 400),
    (224, 224),
    (225, 331),
    (96, 128),
    (40, 24),
    (17, 999),
]


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def stripes(height: int, width: int) -> np.ndarray:
    """Black and white at full contrast, where every rounding and clipping shows."""
    rows, columns = np.indices((height, width))
    return np.repeat(((rows // 3 + columns // 5) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)


def pillow(frame_HWC: np.ndarray, short_px: int, crop_px: int) -> np.ndarray:
    """Pillow's own passes, one at a time: across, then down, whatever order its version prefers."""
    tall, wide = resized(*frame_HWC.shape[:2], short_px)
    across = Image.fromarray(frame_HWC).resize((wide, len(frame_HWC)), Image.Resampling.BICUBIC)
    image = across.resize((wide, tall), Image.Resampling.BICUBIC)
    top, left = (tall - crop_px) // 2, (wide - crop_px) // 2
    return np.asarray(image)[top : top + crop_px, left : left + crop_px]


def input_of(frame_HWC: np.ndarray) -> np.ndarray:
    """The model's input by our own way, with OpenAI's settings."""
    preparation = Preparation(
        short_px=224,
        crop_px=224,
        scale=1 / 255,
        mean=tuple(OPENAI.image_mean),
        std=tuple(OPENAI.image_std),
    )
    return prepare(resize_crop(frame_HWC, short_px=224, crop_px=224)[None], preparation)[0]


def processed(frame_HWC: np.ndarray) -> np.ndarray:
    """The model's input by the Hugging Face processor."""
    made = OPENAI(images=[frame_HWC], return_tensors="np", input_data_format="channels_last")
    return np.asarray(made["pixel_values"][0])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("make", [noise, stripes, texture])
def test_equals_the_hugging_face_processor(make, size):
    frame_HWC = make(*size)
    np.testing.assert_array_equal(input_of(frame_HWC), processed(frame_HWC))


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 130),
    width=st.integers(1, 130),
    short_px=st.integers(1, 48),
    cut_px=st.integers(0, 8),
    seed=st.integers(0, 99),
)
def test_equals_pillow_at_any_size(height, width, short_px, cut_px, seed):
    frame_HWC = noise(height, width, seed)
    crop_px = max(short_px - cut_px, 1)
    ours = resize_crop(frame_HWC, short_px=short_px, crop_px=crop_px)
    np.testing.assert_array_equal(ours, pillow(frame_HWC, short_px, crop_px))


@settings(deadline=None, max_examples=40)
@given(
    height=st.integers(1, 130),
    width=st.integers(1, 130),
    side_px=st.integers(1, 48),
    seed=st.integers(0, 99),
)
def test_a_squeezed_frame_equals_pillows_passes(height, width, side_px, seed):
    frame_HWC = noise(height, width, seed)
    across = Image.fromarray(frame_HWC).resize((side_px, height), Image.Resampling.BICUBIC)
    expected = np.asarray(across.resize((side_px, side_px), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(resize_squeeze(frame_HWC, side_px=side_px), expected)


@pytest.mark.parametrize("size", [(2340, 1080), (1000, 400), (999, 17)])
@pytest.mark.parametrize("make", [noise, stripes, texture])
def test_very_tall_frames_go_across_first_as_before_pillow_13(make, size):
    frame_HWC = make(*size)
    ours = resize_crop(frame_HWC, short_px=224, crop_px=224)
    np.testing.assert_array_equal(ours, pillow(frame_HWC, 224, 224))


def test_takes_frames_that_are_views_and_cannot_be_written():
    frame_HWC = np.broadcast_to(noise(60, 1), (60, 90, 3))[:, ::-1]
    frame_HWC.setflags(write=False)
    ours = resize_crop(frame_HWC, short_px=32, crop_px=32)
    np.testing.assert_array_equal(ours, pillow(np.ascontiguousarray(frame_HWC), 32, 32))


def test_a_hand_computed_pass():
    # halving 4 pixels: the first centre lies at 1, so distances 0.25 and 0.75 of the kernel's width
    # weigh 0.8671875 and 0.2265625, and a pixel at 1.25 weighs -0.0703125; their sum is 1.0234375
    near, far, beyond = 0.8671875, 0.2265625, -0.0703125
    total = 2 * near + far + beyond
    expected = np.round(np.array([near, near, far, beyond]) / total * 2**22)
    np.testing.assert_array_equal(weights(4, 2, 0, 1)[0], expected)


def test_a_frame_of_extreme_shape_needs_little_memory():
    # resized whole, this frame would be 224 × 2,016,000 pixels
    crop = resize_crop(noise(1, 9000), short_px=224, crop_px=224)
    assert crop.shape == (224, 224, 3)


def test_our_copy_of_openais_preprocessor_file_is_theirs():
    published = "910e70b3956ac9879ebc90b22fb3bc8a75b6a0677814500101a4c072bd7857bd"
    assert hashlib.sha256(openai_preprocessor().encode()).hexdigest() == published
