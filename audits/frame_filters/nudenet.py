"""NudeNet's detector of bare body parts: only where you installed it, because of its licence.

The package calls itself MIT; its LICENSE file and its network are AGPL-3.0. It is in none of
Prescreen's extras. Read the licence, then `pip install nudenet`.

Frames are given as RGB arrays: paths and BGR arrays reach the network with red and blue swapped.
The network's labels are sexed, and it is wrong about sex often; here they are merged to body parts
(`torso`, `genitalia`, `buttocks`, `anus`, `feet`, `belly`, `armpits`), so that no decision rests on
the perceived sex of a chest. Take `torso` out where bare chests are allowed. Boxes below a score of
0.2 are never reported, so the score of a frame is 0 or at least 0.2. In a user's measurement on ten
thousand explicit images it found 38 % at 0.5.

Options: `parts` (`torso+genitalia+buttocks+anus`), `threshold` (0.5), `frames`, `rule`, `leak`,
`false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from audits._filter_parts import FilterFailed, digest_of, require, sha256_of, words
from audits.frame_filters.base import F64, U8, ClipFilter
from bench.errors import UsageError

PARTS: Mapping[str, tuple[str, ...]] = {
    "torso": ("FEMALE_BREAST_EXPOSED", "MALE_BREAST_EXPOSED"),
    "genitalia": ("FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED"),
    "buttocks": ("BUTTOCKS_EXPOSED",),
    "anus": ("ANUS_EXPOSED",),
    "feet": ("FEET_EXPOSED",),
    "belly": ("BELLY_EXPOSED",),
    "armpits": ("ARMPITS_EXPOSED",),
}
_THEN = "read its licence (AGPL-3.0), then pip install nudenet"


class Nudenet(ClipFilter):
    """The highest score of a bare body part in a frame."""

    name = "nudenet"
    version = "1"

    def __init__(
        self,
        *,
        parts: str = "torso+genitalia+buttocks+anus",
        threshold: float | str = 0.5,
        frames: str = "uniform:16",
        rule: str = "max",
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, frames=frames, rule=rule, **dials)
        self.body_parts = words("parts", parts)
        if unknown := [part for part in self.body_parts if part not in PARTS]:
            raise UsageError("no such body part", seen=unknown[0], legal="+".join(PARTS))
        self._labels = frozenset(label for part in self.body_parts for label in PARTS[part])
        module = require("nudenet", adapter=self.name, then=_THEN)
        self._detector = module.NudeDetector()
        folder = Path(str(module.__file__)).parent
        networks = sorted(folder.glob("*.onnx"))
        self._own = digest_of([*map(sha256_of, networks), sorted(self._labels)])

    def own_parts(self) -> str:
        """A hash of the network and of the labels that count."""
        return self._own

    def frame_scores(self, frames_THWC: U8) -> F64:
        """Highest score of the body parts in each frame (T,)."""
        found = [self._detector.detect(np.ascontiguousarray(frame)) for frame in frames_THWC]
        return np.asarray([highest(boxes, self._labels) for boxes in found], np.float64)


def highest(boxes: object, labels: Iterable[str]) -> float:
    """The highest score among boxes with one of these labels, 0 where there is none.

    Raises:
        FilterFailed: when these are not NudeNet's boxes.
    """
    wanted = set(labels)
    try:
        return max(
            (float(box["score"]) for box in boxes if box["class"] in wanted),  # type: ignore[attr-defined]
            default=0.0,
        )
    except (TypeError, KeyError, ValueError) as error:
        raise FilterFailed(f"the detector gave {boxes!r:.80}") from error
