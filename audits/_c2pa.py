"""What a file's Content Credentials (C2PA) say, and whether they hold; never calls out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import UsageError, printable
from bench.types import Json

INSTALL = "pip install 'prescreen[provenance]'"
AI_SOURCES = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
"""IPTC's digital source types that say: a trained model made it, or a part of it."""
NONE, INVALID, VALID, TRUSTED = "none", "invalid", "valid", "trusted"
ERROR, UNAVAILABLE = "error", "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A file's credentials: `state` is one of the six names above, `codes` say what failed."""

    state: str
    codes: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    reason: str = ""

    @property
    def record(self) -> dict[str, Json]:
        """As JSON; `ai` where a source type names a trained model."""
        return {
            "state": self.state,
            "codes": list(self.codes),
            "source_types": list(self.source_types),
            "ai": any(kind.rsplit("/", 1)[-1] in AI_SOURCES for kind in self.source_types),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """Reads credentials against trust anchors (PEM text); without any, nothing is trusted."""

    anchors: str = ""

    @classmethod
    def of(cls, path: str) -> Inspector:
        """With the anchors of a file.

        Raises:
            UsageError: when it cannot be read, or holds no certificate.
        """
        if not path:
            return cls()
        try:
            anchors = Path(path).read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise UsageError("the trust anchors cannot be read", seen=error) from error
        if "BEGIN CERTIFICATE" not in anchors:
            raise UsageError("the trust anchors hold no certificate", seen=path, legal="PEM")
        return cls(anchors=anchors)

    @property
    def fingerprint(self) -> str:
        """Hash of the anchors; empty without any."""
        return hashlib.sha256(self.anchors.encode()).hexdigest()[:16] if self.anchors else ""

    @staticmethod
    def version() -> str | None:
        """Of `c2pa-python`; None where it is not installed."""
        try:
            import c2pa
        except ImportError:
            return None
        return str(c2pa.__version__)

    def settings(self) -> dict[str, Any]:
        """For the library: no manifest is fetched from elsewhere."""
        made: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "verify_trust": True}}
        if self.anchors:
            made["trust"] = {"trust_anchors": self.anchors}
        return made

    def read(self, path: Path) -> Credentials:
        """The credentials of a file."""
        if self.version() is None:
            return Credentials(state=UNAVAILABLE, reason=f"c2pa-python; next: {INSTALL}")
        from c2pa import C2paError, Context, Reader

        try:
            with Context.from_dict(self.settings()) as context:
                with_manifest = Reader.try_create(path, context=context)
                if with_manifest is None:
                    return Credentials(state=NONE)
                with with_manifest as reader:
                    return self._judged(json.loads(reader.json()))
        except C2paError as error:
            return Credentials(state=ERROR, reason=printable(error, 200))

    def _judged(self, held: Mapping[str, Any]) -> Credentials:
        state = str(held.get("validation_state", "")).lower()
        results = held.get("validation_results", {}).get("activeManifest", {})
        codes = sorted({str(failure.get("code")) for failure in results.get("failure", ())})
        manifest = held.get("manifests", {}).get(held.get("active_manifest"), {})
        if state not in (INVALID, VALID, TRUSTED):
            return Credentials(state=ERROR, reason=f"a validation state unknown here: {state!r}")
        return Credentials(
            state=state, codes=tuple(codes), source_types=tuple(source_types(manifest))
        )


def source_types(manifest: Mapping[str, Any]) -> list[str]:
    """The digital source types of a manifest's actions, sorted."""
    actions = [
        action
        for assertion in manifest.get("assertions", ())
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", ())
    ]
    return sorted({str(a["digitalSourceType"]) for a in actions if "digitalSourceType" in a})
