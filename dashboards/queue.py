"""Who looks at what next: a blinded queue, settled labels, what people agree on. Pure.

An item waits until two people labelled it; where they disagree, a third settles it. The order is
each reviewer's own, shuffled by a hash, so that two who work at once seldom meet and nobody learns
from the order what an item is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.stats.preference import Preference
from dashboards.labels import Label, latest

WANTED = 2
"""Labels that an item needs from different people."""
SEPARATOR = " | "


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is known of an item and question once people labelled it.

    `value` is None while they disagree; `by` says how it was settled: `agreed` or `adjudicated`.
    """

    item: str
    question: str
    value: str | None
    by: str
    reviewers: tuple[str, ...]


def rank(reviewer: str, item: str) -> str:
    """A text to sort by that looks random, and is the same each time for one reviewer and item."""
    return hashlib.sha256(f"{reviewer}\n{item}".encode()).hexdigest()


def is_swapped(reviewer: str, item: str) -> bool:
    """Whether a pair is shown to this reviewer with its sides exchanged."""
    return int(rank(reviewer, item)[-1], 16) % 2 == 1


def pair_item(a: str, b: str) -> str:
    """The name of a pair: `<run>/<trial> | <run>/<trial>`, the same whichever comes first."""
    return SEPARATOR.join(sorted((a, b)))


def next_items(
    items: Iterable[str], labels: Sequence[Label], reviewer: str, question: str
) -> list[str]:
    """Items that this reviewer may label now, begun ones first; not those that they have seen."""
    given = [label for label in latest(labels) if label.question == question]
    seen = {label.item for label in given if label.reviewer == reviewer}
    counts: dict[str, set[str]] = {}
    for label in given:
        if not label.adjudicates:
            counts.setdefault(label.item, set()).add(label.reviewer)
    waiting = [i for i in items if i not in seen and len(counts.get(i, ())) < WANTED]
    return sorted(waiting, key=lambda i: (-len(counts.get(i, ())), rank(reviewer, i)))


def disputed(labels: Sequence[Label], question: str, reviewer: str) -> list[str]:
    """Items whose labels differ and that this reviewer, who gave none of them, may settle."""
    return [
        settled.item
        for settled in settle(labels)
        if settled.question == question
        and settled.value is None
        and len(settled.reviewers) >= WANTED
        and reviewer not in settled.reviewers
    ]


def settle(labels: Sequence[Label]) -> list[Settled]:
    """Each item and question with its answer: adjudicated, or agreed by two or more people."""
    groups: dict[tuple[str, str], list[Label]] = {}
    for label in latest(labels):
        groups.setdefault((label.item, label.question), []).append(label)
    made = []
    for (item, question), held in groups.items():
        final = [label for label in held if label.adjudicates]
        plain = [label for label in held if not label.adjudicates]
        values = {label.value for label in plain}
        agreed = len(plain) >= WANTED and len(values) == 1
        value = final[-1].value if final else (plain[0].value if agreed else None)
        made.append(
            Settled(
                item=item,
                question=question,
                value=value,
                by="adjudicated" if final else ("agreed" if agreed else ""),
                reviewers=tuple(sorted(label.reviewer for label in plain)),
            )
        )
    return made


def ratings(labels: Sequence[Label]) -> dict[tuple[str, str], list[str]]:
    """Item and question -> what people said before anyone settled it."""
    made: dict[tuple[str, str], list[str]] = {}
    for label in latest(labels):
        if not label.adjudicates:
            made.setdefault((label.item, label.question), []).append(label.value)
    return made


def common(labels: Sequence[Label], one: str, other: str) -> tuple[list[str], list[str]]:
    """What two people said of the items that both labelled, in the same order."""
    plain = [label for label in latest(labels) if not label.adjudicates]
    mine = {(a.item, a.question): a.value for a in plain if a.reviewer == one}
    theirs = {(a.item, a.question): a.value for a in plain if a.reviewer == other}
    both = [key for key in mine if key in theirs]
    return [mine[key] for key in both], [theirs[key] for key in both]


def preferences(labels: Sequence[Label], model_of: dict[str, str]) -> list[Preference]:
    """Answers on pairs as wins of models over models; pairs of one model say nothing.

    Args:
        labels: of kind `pair`; `first` is the first of the item's two names.
        model_of: run name -> model.
    """
    made = []
    for label in latest(labels):
        first, _, second = label.item.partition(SEPARATOR)
        a, b = (model_of.get(side.partition("/")[0]) for side in (first, second))
        if a is None or b is None or a == b:
            continue
        winner, loser = (b, a) if label.value == "second" else (a, b)
        tie = label.value == "tie"
        made.append(Preference(item=label.item, winner=winner, loser=loser, tie=tie))
    return made
