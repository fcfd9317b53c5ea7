"""The built-in watermark: 32 bits in the low frequencies of every frame, read with a key.

Spread-transform dither modulation (Chen and Wornell 2001, "Quantization index modulation") of the
low coefficients of a whole frame's cosine transform, where Cox and others (1997) put theirs. Each
bit has coefficients of its own, which the key chooses with their signs; their signed sum is moved
to the nearest point of one of two lattices, which the key shifts. So over keys every bit of an
unmarked frame, black ones too, reads 0 or 1 with chance 1/2 exactly.

The transform's indices count half waves across the frame, whatever its size: a rescaled video keeps
its mark. Every frame bears it, so a trimmed one does too. A cropped one does not.

It shows how a watermark is made and measured. With the published key everybody can read, forge and
remove it; with a secret one, someone who can ask a detector often enough still can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.provenance import Origin
from generator.world.palette import Array

F64 = npt.NDArray[np.float64]

N_BITS = 32
STEP = 2.0
"""Distance of a lattice's points, grey levels as a frame's root mean square."""
SMALLEST_PX = (16, 24)
"""Height and width of the smallest frame that holds the band; see docs for what survives there."""
BAND = (12, 20)
"""Vertical and horizontal half waves below which the mark lies."""
LOWEST = 2
"""Coefficients whose two indices sum to less are left alone: brightness and its slopes."""
PUBLIC_KEY = b"prescreen: this key is published and keeps nothing secret"
PAYLOAD = 0x50524553
_PASSES = 4  # rounding and clipping undo a part of what one pass does
_LUMA_C = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a key chooses: coefficients with their signs, and each lattice's shift.

    `carrier_BK` has a row of length 1 for each bit over the band's K coefficients; `shift_B` is in
    steps, 0 to 1.
    """

    carrier_BK: F64
    shift_B: F64


def plan(key: bytes) -> Plan:
    """The plan of a key; it follows from SHAKE-256 alone, so it is the same everywhere."""
    rows, columns = np.indices(BAND)
    free_K = (rows + columns).ravel() >= LOWEST
    n = int(free_K.sum())
    digest = hashlib.shake_256(b"prescreen watermark 1\0" + key).digest(8 * (2 * n + N_BITS))
    numbers = np.frombuffer(digest, dtype="<u8")
    order = np.argsort(numbers[:n], kind="stable")
    sign_K = np.where(numbers[n : 2 * n] & 1, 1.0, -1.0)
    carrier_BK = np.zeros((N_BITS, free_K.size))
    places = np.flatnonzero(free_K)
    for bit in range(N_BITS):
        own = order[bit::N_BITS]
        carrier_BK[bit, places[own]] = sign_K[own] / np.sqrt(len(own))
    return Plan(carrier_BK=carrier_BK, shift_B=numbers[2 * n :] / 2.0**64)


def payload_bits(payload: int = PAYLOAD) -> npt.NDArray[np.int64]:
    """A payload's bits (32,), the highest first.

    Raises:
        ValueError: when it is none of 32 bits.
    """
    if not 0 <= payload < 2**N_BITS:
        raise ValueError(f"no payload of {N_BITS} bits; seen: {payload}; legal: 0 to 2**32 - 1")
    return (payload >> np.arange(N_BITS - 1, -1, -1)) & 1


def embed(
    frames_THWC: Array, bits_B: npt.NDArray[np.int64], key: bytes, *, step: float = STEP
) -> Array:
    """The frames with the bits in each of them: uint8 (T, H, W, 3); the input stays as it is.

    Raises:
        ValueError: for frames that are too small.
    """
    chosen = plan(key)
    down_UH, across_VW = _waves(frames_THWC.shape[1:3])
    target_B = step * (chosen.shift_B + bits_B / 2)
    made = np.empty_like(frames_THWC)
    for at, frame_HWC in enumerate(frames_THWC):
        base_HWC = frame_HWC.astype(np.float64)
        change_HW = np.zeros(frame_HWC.shape[:2])
        wanted_B: F64 | None = None
        for _ in range(_PASSES):
            made[at] = np.clip(np.rint(base_HWC + change_HW[..., None]), 0, 255)
            now_B = _projected(made[at][None], chosen, down_UH, across_VW)[0]
            if wanted_B is None:
                wanted_B = target_B + step * np.rint((now_B - target_B) / step)
            gap_UV = ((wanted_B - now_B) @ chosen.carrier_BK).reshape(BAND)
            change_HW += np.sqrt(change_HW.size) * (down_UH.T @ gap_UV @ across_VW)
        made[at] = np.clip(np.rint(base_HWC + change_HW[..., None]), 0, 255)
    return made


def read_soft(frames_THWC: Array, key: bytes, *, step: float = STEP) -> F64:
    """Each bit's mean over the frames of how near it lies to 0 (+1) or to 1 (-1): (32,).

    Raises:
        ValueError: for frames that are too small.
    """
    chosen = plan(key)
    seen_TB = _projected(frames_THWC, chosen, *_waves(frames_THWC.shape[1:3]))
    phase_TB = 2 * np.pi * (seen_TB / step - chosen.shift_B)
    return np.asarray(np.cos(phase_TB).mean(axis=0))


def _projected(frames_THWC: Array, chosen: Plan, down_UH: F64, across_VW: F64) -> F64:
    """Every frame's signed sums (T, B), grey levels as root mean square."""
    luma_THW = frames_THWC @ _LUMA_C
    band_TUV = down_UH @ luma_THW @ across_VW.T
    flat_TK = band_TUV.reshape(len(frames_THWC), -1)
    size = frames_THWC.shape[1] * frames_THWC.shape[2]
    return np.asarray(flat_TK @ chosen.carrier_BK.T / np.sqrt(size))


def _waves(size_px: tuple[int, ...]) -> tuple[F64, F64]:
    """The rows of the orthonormal DCT-II that make the band, for a height and a width."""
    from scipy.fft import dct

    if any(have < least for have, least in zip(size_px, SMALLEST_PX, strict=True)):
        raise ValueError(
            f"frames too small for the watermark; seen: {size_px[0]}x{size_px[1]} px; "
            f"legal: {SMALLEST_PX[0]}x{SMALLEST_PX[1]} or more"
        )
    down, across = (
        dct(np.eye(n), norm="ortho", axis=0)[:rows] for n, rows in zip(size_px, BAND, strict=True)
    )
    return np.asarray(down), np.asarray(across)


def psnr_db(before_THWC: Array, after_THWC: Array) -> float:
    """Peak signal-to-noise ratio of a whole clip, dB; infinite where nothing changed."""
    gap = before_THWC.astype(np.float64) - after_THWC
    mse = float(np.mean(gap * gap))
    return float("inf") if mse == 0 else float(10 * np.log10(255.0**2 / mse))


class Watermark:
    """The watermark as a mark of `generator.provenance`; it signs nothing."""

    name, version = "dct_qim", "1"

    def __init__(
        self, *, key: bytes = PUBLIC_KEY, payload: int = PAYLOAD, step: float = STEP
    ) -> None:
        self.key = key
        self.bits_B = payload_bits(payload)
        self.step = step

    def mark_frames(self, frames_THWC: Array, origin: Origin) -> Array:
        """The frames with the payload in each.

        Raises:
            ValueError: for frames that are too small.
        """
        del origin
        return embed(frames_THWC, self.bits_B, self.key, step=self.step)

    def sign(self, path: object, origin: Origin) -> Mapping[str, str] | None:
        """Nothing: a watermark is in the frames."""
        del path, origin
        return None
