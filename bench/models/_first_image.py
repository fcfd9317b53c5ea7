"""The picture that an image-to-video model goes on from, read with care: anyone may hand one in."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError

U8 = npt.NDArray[np.uint8]
MAX_BYTES = 50_000_000
MAX_PIXELS = 64_000_000
LEAST_PX = 8
LEGAL = "a PNG, JPEG, WebP or other still picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstImage:
    """A picture uint8 (H, W, 3) and the sha256 of its file."""

    image_HWC: U8
    sha256: str


def read_first_image(path: str | Path) -> FirstImage:
    """Read a picture: turned as its camera says, what is transparent on white, sRGB as it is.

    Raises:
        UsageError: when there is no such file, or it is no picture, broken, or of a size that no
            first frame has.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(
                "the image is too large",
                seen=f"{path}, {path.stat().st_size} bytes",
                legal=f"up to {MAX_BYTES}",
            )
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the image cannot be read: {error.strerror}", seen=path, legal=LEGAL
        ) from error
    return FirstImage(image_HWC=_pixels(data, path), sha256=hashlib.sha256(data).hexdigest())


def _pixels(data: bytes, path: Path) -> U8:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata; sizes are checked below
            opened = Image.open(io.BytesIO(data))
            _check_size(opened.size, path)
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UsageError(
            "this is not a picture that can be read", seen=path, legal=LEGAL
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        raise UsageError(f"the image is broken: {error}", seen=path, legal=LEGAL) from error
    white = Image.new("RGBA", upright.size, "white")
    return np.asarray(Image.alpha_composite(white, upright).convert("RGB"))


def _check_size(size_px: tuple[int, int], path: Path) -> None:
    width, height = size_px
    if min(size_px) < LEAST_PX or width * height > MAX_PIXELS:
        raise UsageError(
            "the image has a size that no first frame has",
            seen=f"{path}, {width} x {height}",
            legal=f"{LEAST_PX} px a side and up, {MAX_PIXELS} pixels at most",
        )
