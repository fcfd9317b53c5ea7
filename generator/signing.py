"""Signs written videos with Content Credentials (C2PA), and puts several marks behind each other.

The manifest says that a trained model made the video, with IPTC's digital source type, and names
model, seed and the prompt's hash as :class:`generator.provenance.Origin` has them. The key and the
certificate chain are the user's. No time-stamping authority is asked: nothing here calls out.

A signed file is other bytes every time (random numbers in the signature and in the manifest's
labels), which the version says; the frames are untouched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from generator.provenance import Mark, Origin
from generator.world.palette import Array

AI_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's digital source type of what a trained model made."""
ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
INSTALL = "pip install 'prescreen[provenance]'"
SETTINGS: Mapping[str, Any] = {"verify": {"remote_manifest_fetch": False}}
_AGENT = {"name": "Prescreen reference cascade"}


class Signature:
    """Content Credentials as a mark: leaves frames alone, signs the file in place.

    Args:
        certificates: PEM, the leaf first, then the chain up to (without) the trust anchor.
        key: PEM, PKCS #8, of the leaf.
        algorithm: one of :data:`ALGORITHMS`, as the key is.

    Raises:
        ImportError: when `c2pa-python` is not installed.
        ValueError: for an unknown algorithm, or when key and certificate do not sign.
    """

    name, version = "c2pa", "1 (signatures do not repeat)"

    def __init__(self, *, certificates: bytes, key: bytes, algorithm: str = "es256") -> None:
        if algorithm not in ALGORITHMS:
            legal = ", ".join(ALGORITHMS)
            raise ValueError(f"no such algorithm; seen: {algorithm}; legal: {legal}")
        self._certificates, self._key, self._algorithm = certificates, key, algorithm
        _signer(algorithm, certificates, key).close()

    @property
    def fingerprint(self) -> str:
        """Hash of algorithm and certificates; the key is in no record."""
        seen = self._algorithm.encode() + b"\0" + self._certificates
        return hashlib.sha256(seen).hexdigest()[:16]

    def mark_frames(self, frames_THWC: Array, origin: Origin) -> Array:
        """The frames as they are."""
        del origin
        return frames_THWC

    def sign(self, path: Path, origin: Origin) -> Mapping[str, str] | None:
        """Put a signed manifest into the file.

        Raises:
            ValueError: when it cannot be signed.
        """
        from c2pa import Builder, C2paError, Context

        signed = path.with_name(f".{path.name}.signed.mp4")
        signer = _signer(self._algorithm, self._certificates, self._key)
        try:
            with (
                Context.from_dict(dict(SETTINGS)) as context,
                Builder(manifest(origin), context) as builder,
            ):
                builder.sign_file(path, signed, signer)
            signed.replace(path)
        except C2paError as error:
            raise ValueError(f"the video cannot be signed: {error}") from error
        finally:
            signer.close()
            signed.unlink(missing_ok=True)
        return {"c2pa": "signed", "certificates": self.fingerprint}


def manifest(origin: Origin) -> str:
    """What is signed, as JSON: one action `c2pa.created` of a trained model, and the origin."""
    created = {"action": "c2pa.created", "digitalSourceType": AI_SOURCE, "softwareAgent": _AGENT}
    assertions = [
        {"label": "c2pa.actions", "data": {"actions": [created]}},
        {"label": "org.prescreen.origin", "data": asdict(origin)},
    ]
    made = {
        "claim_generator_info": [{"name": "Prescreen", "version": "1"}],
        "title": "generated video",
        "format": "video/mp4",
        "assertions": assertions,
    }
    return json.dumps(made)


def _signer(algorithm: str, certificates: bytes, key: bytes) -> Any:
    from c2pa import C2paError, C2paSignerInfo, Signer

    try:
        return Signer.from_info(C2paSignerInfo(algorithm.encode(), certificates, key, None))
    except C2paError as error:
        raise ValueError(f"key and certificate do not sign: {error}") from error


class Layers:
    """Several marks as one: each gets the frames of the one before, then all sign in order."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.marks = tuple(marks)

    @property
    def name(self) -> str:
        """The marks' names, joined."""
        return "+".join(mark.name for mark in self.marks)

    @property
    def version(self) -> str:
        """The marks' versions, joined."""
        return "+".join(mark.version for mark in self.marks)

    def mark_frames(self, frames_THWC: Array, origin: Origin) -> Array:
        """The frames with every mark in them."""
        for mark in self.marks:
            frames_THWC = mark.mark_frames(frames_THWC, origin)
        return frames_THWC

    def sign(self, path: Path, origin: Origin) -> Mapping[str, str] | None:
        """What all of them say they did."""
        done: dict[str, str] = {}
        for mark in self.marks:
            done |= mark.sign(path, origin) or {}
        return done or None
