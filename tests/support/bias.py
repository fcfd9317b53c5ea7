"""Rows, targets and settings for tests of the bias audit."""

from __future__ import annotations

import json

from audits._bias_options import ANY, Target
from audits._bias_rows import Row
from audits._representation import Plan
from audits.base import Setting
from bench.types import Outcome

BAND = "apparent_skin_tone_band"
BANDS = ("light", "medium", "dark")
SETTING = Setting(confidence=0.95, n_resamples=400, seed=0, key={"test": 1})
THIRDS = {"light": 0.4, "medium": 0.35, "dark": 0.25}
TARGET = json.dumps({"source": "a test", "targets": {BAND: THIRDS}})


def row(trial, perceived=None, **more):
    """A row; whatever is not given is empty."""
    fields = {
        "prompt": "p",
        "seed": 0,
        "outcome": Outcome.OK,
        "group": "",
        "identity": "",
        "template": "",
        "pair": "",
        "states": frozenset(),
        "parts": {},
        "scores": {},
    }
    return Row(trial=trial, perceived=perceived or {}, **{**fields, **more})


def group_rows(group, counts, *, prompts=None, attribute=BAND, values=BANDS, unknown=0):
    """Rows of a group with so many videos of each value; every video a prompt, or few prompts."""
    told = [value for value, n in zip(values, counts, strict=True) for _ in range(n)]
    told += [None] * unknown
    return [
        row(
            f"{group}-{i}",
            {attribute: value},
            group=group,
            prompt=f"{group}-{i % (prompts or len(told))}",
        )
        for i, value in enumerate(told)
    ]


def plan(shares=None, **more):
    """A plan of the bands against a target."""
    target = Target(source="a test", shares={BAND: {ANY: shares or THIRDS}})
    fields = {
        "values": {BAND: BANDS},
        "ordinal": frozenset({BAND}),
        "target": target,
        "confusion": {},
        "margin": 0.1,
        "least_cell": 1,
        "is_exact": True,
    }
    return Plan(**{**fields, **more})


def by_id(findings):
    """Findings by their address without the audit's name."""
    return {finding.id.removeprefix("bias."): finding for finding in findings}
