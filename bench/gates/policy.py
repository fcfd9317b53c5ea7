"""Reads `policy.toml`: the limits that a release must meet, and who may waive which until when.

    name = "release 3"
    alpha = 0.05            # the chance of even one wrong PASS among the lines, shared by Holm
    error_cap = 0.05        # a larger share of errors than this leaves a line undecided

    [[line]]
    metric = "attribute_accuracy"
    column = "colour"
    min = 0.9               # or max; or, against = "baseline" or "real": max_drop or max_rise

    [[waiver]]
    line = "attribute_accuracy.colour"
    waives = "verdict"      # or "certificate"
    owner = "A. Person"
    reason = "known, fixed in the next release"
    expires = 2027-01-31

docs/gate.md says what each key means.
"""

from __future__ import annotations

import datetime
import difflib
import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.gates.bounds import Side

LIMITS: Mapping[str, Side] = {
    "min": Side.ABOVE,
    "max": Side.BELOW,
    "max_drop": Side.ABOVE,
    "max_rise": Side.BELOW,
}
"""Each limit's key, and on which side of it a number must be shown to lie."""
RELATIVE = frozenset({"max_drop", "max_rise"})
DIRECTIONLESS = frozenset({"limit", "margin", "threshold", "target", "value", "at"})
COVERAGE = ("ok", "missing", "error", "vetoed", "suppressed", "unknown")
WAIVES = ("verdict", "certificate")
NUMBER: tuple[type, ...] = (int, float)
TOP: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "alpha": NUMBER,
    "power": NUMBER,
    "error_cap": NUMBER,
    "baseline": (str,),
    "line": (list,),
    "waiver": (list,),
}
LINE: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "metric": (str,),
    "column": (str,),
    "subset": (str,),
    "finding": (str,),
    "coverage": (str,),
    "counted": (bool,),
    "min": NUMBER,
    "max": NUMBER,
    "max_drop": NUMBER,
    "max_rise": NUMBER,
    "against": (str,),
    "error_cap": NUMBER,
    "undecided": (str, int, float),
    "allow": (list,),
}
WAIVER: Mapping[str, tuple[type, ...]] = {
    "line": (str,),
    "waives": (str,),
    "owner": (str,),
    "reason": (str,),
    "expires": (datetime.date,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One limit. Of `metric`, `finding` and `coverage` the first that is not empty is meant.

    `limit` is what a number, or the difference from the baseline or the real videos, must lie
    `side` of. `undecided` is what a video without a number counts as: the `worst`, a number of its
    own, or None, left out. `allow` are fields of the comparability key that may differ from the
    real videos'.
    """

    id: str
    metric: str
    column: str
    subset: str
    finding: str
    coverage: str
    counted: bool
    against: str
    rule: str
    limit: float
    side: Side
    error_cap: float
    undecided: float | str | None
    allow: tuple[str, ...]

    def what(self) -> str:
        """The line's number, as a person calls it."""
        if self.metric:
            column = f".{self.column}" if self.column else ""
            subset = "" if self.subset == "kept" else f" ({self.subset})"
            return f"{self.metric}{column}{subset}"
        of = f" of {self.finding}" if self.finding else ""
        return f"share {self.coverage}{of}" if self.coverage else self.finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Who answers for setting a line aside, why, and through which day."""

    line: str
    waives: str
    owner: str
    reason: str
    expires: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A release's limits. `text` is the file as it was read, `sha256` of its bytes."""

    name: str
    alpha: float
    power: float
    baseline: str
    lines: tuple[Line, ...]
    waivers: tuple[Waiver, ...]
    text: str
    sha256: str


def read_policy(path: Path) -> Policy:
    """The policy in a file.

    Raises:
        UsageError: when it cannot be read, or says what nobody understands: the file, the line of
            the policy and the key are named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read", seen=error, then="prescreen policy init"
        ) from error
    return parse_policy(text, path.name)


def parse_policy(text: str, file: str = "policy") -> Policy:
    """The policy in a text; see :func:`read_policy`."""
    try:
        held = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{file} is no TOML", seen=error, then="see docs/gate.md") from error
    _known(held, TOP, file)
    shares = {"alpha": 0.05, "power": 0.8, "error_cap": 0.05}
    for name in shares:
        shares[name] = _share(file, name, held.get(name, shares[name]), ends=name == "error_cap")
    if shares["alpha"] > 0.25:
        raise UsageError(f"{file}: alpha is no level", seen=shares["alpha"], legal="0 to 0.25")
    tables = _tables(held.get("line", []), "line", file)
    if not tables:
        raise UsageError(f"{file}: the policy has no line", legal="one [[line]] at least")
    lines = tuple(
        _line(table, f"{file}, line {i + 1}", shares["error_cap"]) for i, table in enumerate(tables)
    )
    _unlike([line.id for line in lines], f"{file}: two lines have one id")
    waivers = tuple(
        _waiver(t, file, lines) for t in _tables(held.get("waiver", []), "waiver", file)
    )
    _unlike([f"{w.line} ({w.waives})" for w in waivers], f"{file}: two waivers are of one line")
    return Policy(
        name=held.get("name", file),
        alpha=shares["alpha"],
        power=shares["power"],
        baseline=held.get("baseline", ""),
        lines=lines,
        waivers=waivers,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _tables(held: object, name: str, file: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(held, list) or not all(isinstance(table, dict) for table in held):
        raise UsageError(f"{file}: {name} is no list of tables", legal=f"[[{name}]]")
    return held


def _known(table: Mapping[str, Any], fields: Mapping[str, tuple[type, ...]], where: str) -> None:
    for name, value in table.items():
        if name in DIRECTIONLESS and "min" in fields:
            raise UsageError(
                f"{where}: a limit without direction", seen=name, legal=", ".join(LIMITS)
            )
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"{where}: no such key{hint}", seen=name, legal=", ".join(fields))
        kinds = fields[name]
        wrong = isinstance(value, bool) and bool not in kinds
        # a date with an hour is a date to Python
        wrong |= isinstance(value, datetime.datetime)
        if wrong or not isinstance(value, kinds):
            legal = " or ".join(kind.__name__ for kind in kinds)
            raise UsageError(f"{where}: {name} has the wrong type", seen=value, legal=legal)
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{where}: {name} is no number", seen=value, legal="a finite number")


def _share(where: str, name: str, value: float, *, ends: bool = False) -> float:
    if not (0 <= value < 1 if ends else 0 < value < 1):
        raise UsageError(f"{where}: {name} is impossible", seen=value, legal="between 0 and 1")
    return float(value)


def _unlike(names: Sequence[str], what: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(what, seen=twice, legal="one of each; give each line an id")


def _line(table: Mapping[str, Any], where: str, error_cap: float) -> Line:
    where = f"{where} ({table['id']})" if table.get("id") else where
    _known(table, LINE, where)
    rule, limit = _limit(table, where)
    made = Line(
        id="",
        metric=table.get("metric", ""),
        column=table.get("column", ""),
        subset=table.get("subset", "kept"),
        finding=table.get("finding", ""),
        coverage=table.get("coverage", ""),
        counted=table.get("counted", False),
        against=table.get("against", ""),
        rule=rule,
        limit=-limit if rule == "max_drop" else limit,
        side=LIMITS[rule],
        error_cap=_share(where, "error_cap", table.get("error_cap", error_cap), ends=True),
        undecided=_undecided(table.get("undecided", "worst"), where),
        allow=tuple(_allow(table.get("allow", []), where)),
    )
    _whole(made, table, where)
    return _named(made, table.get("id") or made.what())


def _named(line: Line, name: str) -> Line:
    return replace(line, id=name)


def _limit(table: Mapping[str, Any], where: str) -> tuple[str, float]:
    given = [name for name in LIMITS if name in table]
    if not given:
        raise UsageError(f"{where}: a line without a limit", legal=", ".join(LIMITS))
    if len(given) > 1:
        raise UsageError(
            f"{where}: a line has one limit", seen=", ".join(given), then="write two lines"
        )
    rule = given[0]
    if rule in RELATIVE and table[rule] < 0:
        raise UsageError(f"{where}: {rule} is a distance", seen=table[rule], legal="0 or more")
    if (rule in RELATIVE) != ("against" in table):
        raise UsageError(
            f"{where}: {rule} and against do not go together",
            seen=table.get("against", "no against"),
            legal='min or max; or against = "baseline" or "real" with max_drop or max_rise',
        )
    return rule, float(table[rule])


def _undecided(value: object, where: str) -> float | str | None:
    if isinstance(value, int | float):
        return float(value)
    if value not in ("worst", "left_out"):
        raise UsageError(
            f"{where}: undecided is impossible", seen=value, legal="worst, left_out or a number"
        )
    return None if value == "left_out" else "worst"


def _allow(value: list[object], where: str) -> list[str]:
    if any(name != "codecs" for name in value):
        raise UsageError(f"{where}: this may not differ", seen=value, legal='["codecs"]')
    return [str(name) for name in value]


def _whole(line: Line, table: Mapping[str, Any], where: str) -> None:
    """Refuse what does not go together in one line."""
    subjects = [name for name in ("metric", "finding", "coverage") if table.get(name)]
    if len(subjects) != 1 and subjects != ["finding", "coverage"]:
        raise UsageError(
            f"{where}: a line is of one thing",
            seen=", ".join(subjects) or "nothing",
            legal="metric (with column), finding, or coverage (of the run, or of a finding)",
        )
    choices = (
        ("coverage", line.coverage, ("", *COVERAGE)),
        ("against", line.against, ("", "baseline", "real")),
        ("subset", line.subset, ("kept", "with vetoed")),
    )
    for name, value, legal in choices:
        if value not in legal:
            raise UsageError(
                f"{where}: no such {name}", seen=value, legal=", ".join(filter(None, legal))
            )
    spare = {
        "column and subset": not line.metric and ("column" in table or "subset" in table),
        "counted": "counted" in table and not line.coverage,
        "against": bool(line.against) and bool(line.coverage),
        'against = "real"': line.against == "real" and not line.metric,
        "allow": bool(line.allow) and line.against != "real",
        "undecided": "undecided" in table and bool(line.coverage),
    }
    wrong = next((name for name, held in spare.items() if held), None)
    if wrong is not None:
        raise UsageError(f"{where}: {wrong} has no place here", seen=line.what())
    if line.coverage and not 0 <= line.limit <= 1:
        raise UsageError(f"{where}: the limit is no share", seen=line.limit, legal="0 to 1")
    if line.coverage == "unknown" and not line.finding:
        raise UsageError(f"{where}: only judged trials can be unknown", then="name a finding")


def _waiver(table: Mapping[str, Any], file: str, lines: Sequence[Line]) -> Waiver:
    where = f"{file}, waiver of {table.get('line', '?')}"
    _known(table, WAIVER, where)
    lacking = [name for name in WAIVER if not table.get(name)]
    if lacking:
        raise UsageError(f"{where}: it lacks {', '.join(lacking)}", legal=", ".join(WAIVER))
    for name in ("owner", "reason"):
        if not table[name].strip():
            raise UsageError(f"{where}: its {name} is empty")
    if table["waives"] not in WAIVES:
        raise UsageError(
            f"{where}: it waives nothing", seen=table["waives"], legal=", ".join(WAIVES)
        )
    ids = [line.id for line in lines]
    if table["line"] not in ids:
        raise UsageError(f"{where}: no line of this id", seen=table["line"], legal=", ".join(ids))
    return Waiver(**{name: table[name] for name in WAIVER})
