"""The options of provenance marks that the adapters of this project's own generators share.

A watermark goes into the frames, a signature onto each written file; both are off by default. Keys
come from files and are in no record: a run's settings hold one-way hashes of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.errors import Unavailable, UsageError
from bench.models._options import choice
from bench.models.base import Made
from bench.types import Json

if TYPE_CHECKING:
    from generator.provenance import Mark, Origin

MARKS = ("off", "watermark", "signature", "both")
ALGORITHM = "es256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """Which marks, and the files that they need.

    Attributes:
        mark: one of :data:`MARKS`.
        key: a file with the watermark's secret key; empty for the published one.
        certificates: a PEM file, the leaf first, for the signature.
        sign_key: the leaf's key, a PEM file.
        algorithm: of the signature.
    """

    mark: str = "off"
    key: str = ""
    certificates: str = ""
    sign_key: str = ""
    algorithm: str = ALGORITHM

    def __post_init__(self) -> None:
        """Refuse a kind of mark that there is not, and files that no mark needs or lacks.

        Raises:
            UsageError: when it is so.
        """
        choice("mark", self.mark, MARKS)
        signs = self.mark in ("signature", "both")
        if signs and not (self.certificates and self.sign_key):
            raise UsageError(
                f"mark={self.mark} signs with a certificate and its key",
                seen="not both files",
                legal="sign_certificates=CHAIN.pem and sign_key=KEY.pem",
            )
        if (not signs and (self.certificates or self.sign_key)) or (
            self.key and self.mark not in ("watermark", "both")
        ):
            raise UsageError(
                "a key is given that no mark uses",
                seen=f"mark={self.mark}",
                legal=", ".join(MARKS[1:]),
            )

    def built(self) -> Mark | None:
        """The mark; None where none is asked for.

        Raises:
            UsageError: when a file cannot be read or does not sign.
            Unavailable: when `c2pa-python` is not installed.
        """
        from generator.signing import Layers
        from generator.watermark import Watermark

        if self.mark == "off":
            return None
        marks: list[Mark] = []
        if self.mark != "signature":
            marks.append(Watermark(key=_read(self.key)) if self.key else Watermark())
        if self.mark != "watermark":
            marks.append(self._signature())
        return marks[0] if len(marks) == 1 else Layers(marks)

    def _signature(self) -> Mark:
        from generator.signing import INSTALL, Signature

        certificates, key = _read(self.certificates), _read(self.sign_key)
        try:
            return Signature(certificates=certificates, key=key, algorithm=self.algorithm)
        except ImportError as error:
            raise Unavailable("signing needs c2pa-python", seen=error, then=INSTALL) from error
        except ValueError as error:
            raise UsageError("the signature's files cannot be used", seen=error) from error

    def settings(self) -> dict[str, Json]:
        """What marked videos follow from; empty where nothing is marked."""
        mark = self.built()
        if mark is None:
            return {}
        files = {"key": self.key, "certificates": self.certificates}
        hashes: dict[str, Json] = {n: _hash(_read(path)) for n, path in files.items() if path}
        return {"mark": {"name": mark.name, "version": mark.version, **hashes}}


def _read(path: str) -> bytes:
    try:
        held = Path(path).read_bytes()
    except OSError as error:
        raise UsageError("a mark's file cannot be read", seen=f"{path}: {error}") from error
    if not held.strip():
        raise UsageError("a mark's file is empty", seen=path)
    return held


def _hash(held: bytes) -> str:
    return hashlib.sha256(b"prescreen mark\0" + held).hexdigest()[:16]


def marked(made: Made, mark: Mark | None, origin: Origin) -> Made:
    """A video with a mark in its frames and on its files; what the mark cost as a detail.

    Raises:
        ValueError: when the mark cannot be put into these frames.
    """
    from generator.provenance import marked_frames
    from generator.watermark import psnr_db

    if mark is None or made.frames is None:
        return made
    before_THWC = made.frames if isinstance(made.frames, np.ndarray) else np.stack([*made.frames])
    after_THWC = marked_frames(mark, before_THWC, origin)
    cost_db = psnr_db(before_THWC, after_THWC)
    told: dict[str, Json] = {"name": mark.name, "version": mark.version}
    if np.isfinite(cost_db):
        told["psnr_db"] = round(cost_db, 3)
    return replace(
        made,
        frames=after_THWC,
        details={**made.details, "mark": told},
        sign=partial(_sign, mark, origin),
    )


def _sign(mark: Mark, origin: Origin, path: Path) -> Mapping[str, str]:
    return {"mark": mark.name, "version": mark.version, **(mark.sign(path, origin) or {})}
