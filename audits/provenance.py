"""Can videos be traced to a machine? Content Credentials and watermark, as published and handled.

Every published video goes through nine handlings (:mod:`audits._handlings`). Of each result two
layers are read: the signed manifest (C2PA: is there one, does it hold, is its signer trusted, does
it say that a trained model made the video) and an invisible watermark. The layers stand side by
side. A video that a filter held back is nobody's to mark and is left out; one that is missing is
undecided, never unmarked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from audits._c2pa import Inspector
from audits._handlings import AS_IS, HANDLINGS, MAX_BYTES
from audits._lines import finding_lines
from audits._provenance_findings import findings_of
from audits._standards import evidence_lines
from audits.base import Audit, Setting, View
from audits.watermarks.base import Watermark, load_watermark
from bench.errors import UsageError, explain
from bench.models._options import number
from bench.types import Finding, Json, Outcome, Trial


class Provenance(Audit):
    """The provenance audit.

    Args:
        watermark: a detector's spec, with key and payload as its options.
        anchors: a PEM file of the certificates that signers are trusted by; none by default.
        fpr: false positive rate at which a watermark counts as found.
        null: a folder of unmarked videos, on which false alarms are counted.
        handlings: names joined by `+`, or `all`; `as_is` is always among them.
    """

    name = "provenance"
    version = "1"

    def __init__(
        self,
        *,
        watermark: str = "dct_qim",
        anchors: str = "",
        fpr: float | str = 1e-3,
        null: str = "",
        handlings: str = "all",
    ) -> None:
        self.detector: Watermark = load_watermark(watermark)
        self.spec = watermark
        self.inspector = Inspector.of(anchors)
        self.fpr = number("fpr", fpr, 1e-9, 0.1)
        self.null = null
        self.handlings = _chosen(handlings)

    def settings(self) -> Mapping[str, Json]:
        """Detector, anchors, false positive rate, handlings, the library's version."""
        return {
            "watermark": self.spec,
            "watermark_version": self.detector.version,
            "watermark_settings": dict(self.detector.settings()),
            "c2pa": self.inspector.version(),
            "anchors": self.inspector.fingerprint,
            "fpr": self.fpr,
            "null": self.null,
            "handlings": list(self.handlings),
        }

    def trials(self, view: View) -> Iterator[Mapping[str, Json]]:
        """One record a trial; the first also holds what the unmarked videos read."""
        for index, trial in enumerate(view.trials):
            held = view.held.get(trial.id)
            if held is not None:
                yield held
                continue
            first = {"null": self._null()} if index == 0 else {}
            yield {**self._record(view, trial), **first}

    def _record(self, view: View, trial: Trial) -> dict[str, Any]:
        path = view.path(trial)
        gone = trial.outcome is Outcome.OK and path is None
        mark = trial.details.get("mark")
        return {
            "trial": trial.id,
            "prompt": trial.prompt_id or trial.id,
            "outcome": str(Outcome.MISSING if gone else trial.outcome),
            "problem": trial.reason,
            "psnr_db": mark.get("psnr_db") if isinstance(mark, dict) else None,
            "handled": self._handled(path) if path and trial.outcome is Outcome.OK else {},
        }

    def _handled(self, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        with tempfile.TemporaryDirectory(prefix="prescreen-") as folder:
            for name in self.handlings:
                target = Path(folder) / f"{name}.mp4"
                try:
                    HANDLINGS[name](path, target)
                except Exception as error:  # noqa: BLE001 - a codec may fail on one video in any way
                    said = explain(f"{name} failed with {type(error).__name__}: {error}")
                    made[name] = {"problem": said}
                    continue
                made[name] = {
                    "problem": "",
                    "c2pa": self.inspector.read(target).record,
                    "watermark": self._reading(target),
                }
        return made

    def _reading(self, path: Path) -> dict[str, Json]:
        """What the detector reads; a reason where it fails."""
        from bench.videos.read import decode_all

        try:
            read = self.detector.detect(decode_all(path, limit_bytes=MAX_BYTES))
        except Exception as error:  # noqa: BLE001 - a detector may fail on one video in any way
            said = explain(f"the detector failed with {type(error).__name__}: {error}")
            return {"problem": said, "score": None, "p_value": None, "n_right": 0, "n_bits": 0}
        return {
            "problem": "",
            "score": read.score,
            "p_value": read.p_value,
            "n_right": read.n_right,
            "n_bits": len(read.expected),
        }

    def _null(self) -> list[Json]:
        """What each unmarked video reads.

        Raises:
            UsageError: when the folder holds no video.
        """
        if not self.null:
            return []
        from bench.models.base import VIDEO_SUFFIXES

        root = Path(self.null)
        paths = sorted(p for p in root.glob("*") if p.suffix.lower() in VIDEO_SUFFIXES)
        if not paths:
            raise UsageError(
                "no unmarked videos are here", seen=self.null, legal="a folder of video files"
            )
        return [{"name": path.name, **self._reading(path)} for path in paths]

    def findings(self, records: Sequence[Mapping[str, Json]], setting: Setting) -> list[Finding]:
        """Every number, from the records alone."""
        return findings_of(records, setting, self.handlings, self.fpr)

    def lines(self, findings: Sequence[Finding]) -> Iterator[str]:
        """The findings, then the index of what they may be evidence for."""
        yield from finding_lines(findings)
        yield from evidence_lines(findings)


def _chosen(names: str) -> tuple[str, ...]:
    wanted = set(HANDLINGS) if names == "all" else {AS_IS, *names.split("+")}
    if strange := sorted(wanted - set(HANDLINGS)):
        raise UsageError("no such handling", seen=strange[0], legal=", ".join(HANDLINGS))
    return tuple(name for name in HANDLINGS if name in wanted)
