"""YUV to RGB by the definitions of BT.601, BT.709 and BT.2020, one colour at a time, in float64."""

WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
}
"""Matrix -> what red and blue add to luma."""


def to_rgb(y, u, v, matrix="bt601", *, full_range=False, bits=8):
    """R, G and B in 0..255, unrounded and cut to the range."""
    return tuple(min(max(c, 0.0), 255.0) for c in uncut(y, u, v, matrix, full_range, bits))


def uncut(y, u, v, matrix="bt601", full_range=False, bits=8):
    """The same where colours that RGB does not have are below 0 or above 255."""
    scale = 2 ** (bits - 8)
    y, u, v = y / scale, u / scale - 128, v / scale - 128
    luma = y / 255 if full_range else (y - 16) / 219
    blue_difference, red_difference = (c / (255 if full_range else 224) for c in (u, v))
    k_red, k_blue = WEIGHTS[matrix]
    red = luma + 2 * (1 - k_red) * red_difference
    blue = luma + 2 * (1 - k_blue) * blue_difference
    green = (luma - k_red * red - k_blue * blue) / (1 - k_red - k_blue)
    return 255 * red, 255 * green, 255 * blue
