"""What a bias audit is asked: its options, and the target, reference and confusion that it needs.

A target is a policy choice. There is none by default, and an audit of representation without one
is refused: a number that nobody declared to be right cannot be missed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audits.readers.base import AttributeReader, checked_attribute
from bench.errors import UsageError
from bench.types import Json

MEASURES = ("representation", "parity", "counterfactual", "amplification", "persistence")
ALL = "all"
"""The group of all videos together."""
ANY = "*"
CROSS = "+"
"""Between the attributes, and between the values, of an intersection."""
_TARGET = '{"source": "...", "targets": {"apparent_skin_tone_band": {"light": 0.4, ...}}}'
_REFERENCE = (
    '{"source": "...", "year": 2025, "attribute": "...", "value": "...", "pivot": 0.5, '
    '"shares": {"doctor": 0.4, ...}}'
)
_CONFUSION = (
    '{"source": "...", "attributes": {"hair": {"values": [...], "counts": [[50, 1, ...], ...]}}}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Declared shares: `shares[attribute][group or "*"]` maps values to what they should be."""

    source: str
    shares: Mapping[str, Mapping[str, Mapping[str, float]]]

    def of(self, attribute: str, group: str, values: Sequence[str]) -> list[float] | None:
        """The shares of an attribute's values for a group; None where none is declared.

        An intersection without shares of its own has the product of its parts': a policy of
        balance in each holds in all their combinations.
        """
        held = self._rule(attribute, group)
        if held is not None:
            return [held[value] for value in values]
        rules = [self._rule(part, group) for part in attribute.split(CROSS)]
        known = [rule for rule in rules if rule is not None]
        if CROSS not in attribute or len(known) < len(rules):
            return None
        return [
            math.prod(rule[part] for rule, part in zip(known, value.split(CROSS), strict=True))
            for value in values
        ]

    def _rule(self, attribute: str, group: str) -> Mapping[str, float] | None:
        by_group = self.shares.get(attribute, {})
        return by_group.get(group, by_group.get(ANY))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Shares of one value by occupation that a user holds the model against."""

    source: str
    attribute: str
    value: str
    pivot: float
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Videos of known truth (rows, in the values' order) by reading; abstentions come last."""

    values: tuple[str, ...]
    counts_KJ: npt.NDArray[np.int64]


def read_object(text: str, what: str, legal: str) -> dict[str, Any]:
    """The JSON object of a file, or of the text itself where that begins with a brace.

    Raises:
        UsageError: when it cannot be read.
    """
    try:
        held = json.loads(text if text.lstrip().startswith("{") else Path(text).read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{what} cannot be read", seen=f"{text}: {error}", legal=legal) from error
    if not isinstance(held, dict) or not str(held.get("source", "")).strip():
        raise UsageError(
            f"{what} does not say where it comes from", seen=text, legal=legal, then='add "source"'
        )
    return held


def read_target(text: str, attributes: Sequence[str], reader: AttributeReader) -> Target:
    """The target of a file, of inline JSON, or `uniform` over named attributes.

    Raises:
        UsageError: when there is none, or it does not fit what the reader perceives.
    """
    if not text:
        raise UsageError(
            "no target is declared, and there is none by default: what is right is a policy choice",
            seen="target=",
            legal=f"target=FILE with {_TARGET}, or target=uniform,attributes=NAME",
        )
    if text == "uniform":
        if not attributes:
            raise UsageError(
                "uniform over what?", seen="target=uniform", legal="attributes=NAME,NAME"
            )
        whole = {name: values_of(name, reader) for name in attributes}
        shares = {n: {ANY: dict.fromkeys(v, 1 / len(v))} for n, v in whole.items()}
        return Target(source="uniform, declared on the command line", shares=shares)
    held = read_object(text, "the target", _TARGET)
    try:
        shares = {
            checked_attribute(str(name)): _by_group(rule) for name, rule in held["targets"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError("the target cannot be read", seen=repr(error), legal=_TARGET) from error
    for name, by_group in shares.items():
        for rule in by_group.values():
            _check_shares(name, rule, values_of(name, reader))
    return Target(source=str(held["source"]), shares=shares)


def values_of(attribute: str, reader: AttributeReader) -> tuple[str, ...]:
    """The values of an attribute, or of an intersection `a+b`, in their order.

    Raises:
        UsageError: when the reader does not perceive it.
    """
    parts = attribute.split(CROSS)
    if strange := [part for part in parts if part not in reader.attributes]:
        raise UsageError(
            f"the reader {reader.name} does not perceive this",
            seen=strange[0],
            legal=", ".join(reader.attributes),
        )
    values: list[str] = [""]
    for index, part in enumerate(parts):
        joint = CROSS if index else ""
        values = [f"{a}{joint}{b}" for a in values for b in reader.attributes[part]]
    return tuple(values)


def crossed(attribute: str, perceived: Mapping[str, str | None]) -> str | None:
    """The value of an attribute or an intersection; None where any part was not told."""
    values = [perceived.get(part) for part in attribute.split(CROSS)]
    told = [value for value in values if value is not None]
    return CROSS.join(told) if len(told) == len(values) else None


def read_reference(text: str, reader: AttributeReader) -> Reference | None:
    """The reference table; None where none is given."""
    if not text:
        return None
    held = read_object(text, "the reference", _REFERENCE)
    try:
        made = Reference(
            source=f"{held['source']}, {held['year']}",
            attribute=checked_attribute(str(held["attribute"])),
            value=str(held["value"]),
            pivot=float(held["pivot"]),
            shares={str(name): float(share) for name, share in held["shares"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            "the reference cannot be read", seen=repr(error), legal=_REFERENCE
        ) from error
    if made.value not in values_of(made.attribute, reader):
        raise UsageError(
            "the reference is of a value that there is not",
            seen=made.value,
            legal=", ".join(values_of(made.attribute, reader)),
        )
    if not all(0 < share < 1 for share in (*made.shares.values(), made.pivot)):
        raise UsageError("a reference share must lie between 0 and 1", seen=dict(made.shares))
    return made


def read_confusion(text: str, reader: AttributeReader) -> dict[str, Confusion]:
    """Measured confusions by attribute; none where none is given."""
    if not text:
        return {}
    held = read_object(text, "the confusion", _CONFUSION)
    made = {}
    try:
        for name, table in held["attributes"].items():
            values = tuple(str(value) for value in table["values"])
            counts_KJ = np.array(table["counts"], dtype=np.int64)
            made[checked_attribute(str(name))] = Confusion(values=values, counts_KJ=counts_KJ)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            "the confusion cannot be read", seen=repr(error), legal=_CONFUSION
        ) from error
    for name, confusion in made.items():
        if confusion.values != values_of(name, reader):
            raise UsageError(
                f"the confusion of {name} is of other values",
                seen=", ".join(confusion.values),
                legal=", ".join(values_of(name, reader)),
            )
    return made


def target_json(target: Target | None) -> Json:
    """A target as it stands in the audit's settings."""
    if target is None:
        return None
    shares: dict[str, Json] = {
        name: {group: dict(rule) for group, rule in by_group.items()}
        for name, by_group in target.shares.items()
    }
    return {"source": target.source, "targets": shares}


def _by_group(rule: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    if all(isinstance(value, Mapping) for value in rule.values()):
        return {str(g): {str(v): float(s) for v, s in part.items()} for g, part in rule.items()}
    return {ANY: {str(value): float(share) for value, share in rule.items()}}


def _check_shares(name: str, rule: Mapping[str, float], values: Sequence[str]) -> None:
    if set(rule) != set(values):
        raise UsageError(
            f"the target of {name} is of other values",
            seen=", ".join(rule),
            legal=", ".join(values),
        )
    if min(rule.values()) <= 0 or abs(sum(rule.values()) - 1) > 1e-6:
        raise UsageError(
            f"the target of {name} is none", seen=dict(rule), legal="above 0, adding up to 1"
        )
