"""Audits of a few lines, loaded as a user's plug-in would be: `support.audits:Brightness`."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from audits.base import Audit
from bench.errors import UsageError
from bench.types import Finding, Interval, finding_id
from support.folders import make_folder

COUNTER = itertools.count()
BRIGHTNESS = "support.audits:Brightness"
DYING = "support.audits:Dying"
FICKLE = "support.audits:Fickle"


def scored(root, n=3):
    """A finished run of n small videos below a folder, made with a cache of its own."""
    from bench.pipeline import score
    from bench.plan import ScoreRequest

    videos = make_folder(root / "videos", n)
    request = ScoreRequest(
        videos=str(videos), metrics=("temporal_flicker",), run=root / "run", workers=1
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESCREEN_CACHE", str(root / "cache"))
        return score(request).path


class Brightness(Audit):
    """Which share of the videos is bright?"""

    name, version = "brightness", "1"

    def __init__(self, limit="128", log=""):
        self.limit = float(limit)
        self.log = log

    def settings(self):
        return {"limit": self.limit}

    def trials(self, view):
        if not view.trials:
            raise UsageError("the run has no videos to look at")
        for trial in view.trials:
            yield view.held.get(trial.id) or self.record(view, trial)

    def record(self, view, trial):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{trial.id}\n")
        pixels = view.arrays(trial, "pixels")
        mean = None if pixels is None else round(float(np.mean(pixels["mean"])), 3)
        return {"trial": trial.id, "mean": mean}

    def findings(self, records, setting):
        means = {r["trial"]: r["mean"] for r in records if r["mean"] is not None}
        bright = [trial for trial, mean in means.items() if mean > self.limit]
        n, unknown = len(means), len(records) - len(means)
        return [
            Finding(
                id=finding_id(self.name, "bright", {"limit": self.limit}),
                audit=self.name,
                measure="bright",
                where={"limit": self.limit},
                value=len(bright) / n if n else None,
                interval=Interval(low=0, high=1, confidence=setting.confidence, method="none"),
                unit="share",
                higher_is_better=None,
                n=n,
                n_unknown=0,
                n_error=unknown,
                n_clusters=n,
                cluster="video",
                key=setting.key,
                k=len(bright),
                evidence=tuple(bright),
                notes=() if n else ("nothing was decided",),
            )
        ]


class Dying(Brightness):
    """Loses its process after the second trial, while it is deadly."""

    deadly = True

    def trials(self, view):
        for index, record in enumerate(super().trials(view)):
            if index == 2 and self.deadly:
                raise KeyboardInterrupt
            yield record


class Fickle(Brightness):
    """Says something else whenever it is asked."""

    calls = 0

    def record(self, view, trial):
        type(self).calls += 1
        return {"trial": trial.id, "mean": float(type(self).calls)}

    def trials(self, view):
        for index, trial in enumerate(view.trials):
            if index == 1 and type(self).calls == 1:
                raise KeyboardInterrupt
            yield self.record(view, trial)


class Wrong(Brightness):
    """Breaks one rule of the seam, by name."""

    fault = ""

    def settings(self):
        return {"limit": 1.0, **({"at": next(COUNTER)} if self.fault == "settings" else {})}

    def trials(self, view):
        for record in super().trials(view):
            if self.fault == "stranger":
                record = {**record, "trial": "nobody"}
            if self.fault == "random":
                record = {**record, "mean": float(next(COUNTER))}
            yield record
            if self.fault == "twice":
                yield record

    def findings(self, records, setting):
        (found,) = super().findings(records, setting)
        changes = {
            "id": {"id": "brightness.dark"},
            "outside": {"value": 2.0},
            "counts": {"k": 99},
            "evidence": {"evidence": ("nobody",)},
            "bounds": {"bounds": (0.9, 0.95), "value": 0.1},
            "silent": {"value": None},
            "impure": {"n_clusters": next(COUNTER)},
            "other": {"audit": "another"},
        }
        return [replace(found, **changes.get(self.fault, {}))] * (1 + (self.fault == "twins"))


class Nameless(Brightness):
    """Has no name that a folder could have."""

    name = "../nowhere"
