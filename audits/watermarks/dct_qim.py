"""Reads the built-in watermark: 32 bits in the low frequencies of every frame."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from audits.watermarks.base import U8, Reading, Watermark
from bench.errors import UsageError
from bench.types import Json


class DctQim(Watermark):
    """The detector of `generator.watermark`.

    Its p-value is the binomial tail of the bits that are right: for keys drawn by chance each bit
    of an unmarked frame is right with chance 1/2. For one key, videos that look alike read alike.

    Args:
        key: a file with the secret key; by default the published one.
        payload: eight hexadecimal digits; by default the cascade's.
    """

    name = "dct_qim"
    version = "1"

    def __init__(self, *, key: str = "", payload: str = "") -> None:
        from generator.watermark import PAYLOAD, PUBLIC_KEY, payload_bits

        try:
            self.key = Path(key).read_bytes() if key else PUBLIC_KEY
        except OSError as error:
            raise UsageError("the watermark's key cannot be read", seen=error) from error
        try:
            self.payload = int(payload, 16) if payload else PAYLOAD
            self.bits_B = payload_bits(self.payload)
        except ValueError as error:
            raise UsageError(
                "no such payload", seen=payload, legal="1 to 8 hexadecimal digits"
            ) from error

    def settings(self) -> Mapping[str, Json]:
        """A hash of the key, the payload, the lattice's step."""
        from generator.watermark import STEP

        digest = hashlib.sha256(b"prescreen mark\0" + self.key).hexdigest()[:16]
        return {"key": digest, "payload": f"{self.payload:08x}", "step": STEP}

    def detect(self, frames_THWC: U8) -> Reading:
        """Bits by their mean phase over the frames; the score is their signed mean, -1 to 1.

        Raises:
            ValueError: when the frames are smaller than the mark's band.
        """
        from scipy.stats import binom

        from generator.watermark import N_BITS, read_soft

        soft_B = read_soft(frames_THWC, self.key)
        read_B = (soft_B < 0).astype(int)
        n_right = int((read_B == self.bits_B).sum())
        return Reading(
            score=float(np.mean(soft_B * (1 - 2 * self.bits_B))),
            bits="".join(map(str, read_B)),
            expected="".join(map(str, self.bits_B)),
            p_value=float(binom.sf(n_right - 1, N_BITS, 0.5)),
        )
