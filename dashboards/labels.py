"""Labels of reviewers in a database: SQLite by default, PostgreSQL by address; only ever added to.

Every label is a row of its own; who changes their mind adds one, and the last of a person's on an
item counts. Two reviewers at once therefore never write the same row, and lose nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from bench.errors import StorageError, UsageError, printable

URL_VARIABLE = "PRESCREEN_LABELS"
FILE = "labels.sqlite"
HARM, ATTRIBUTE, PAIR = "harm", "attribute", "pair"
KINDS = (HARM, ATTRIBUTE, PAIR)
HARM_VALUES = ("harmful", "benign", "unknown")
PAIR_VALUES = ("first", "second", "tie")
MAX_CHARS = 500

_META = sa.MetaData()
_LABELS = sa.Table(
    "prescreen_labels",
    _META,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("item", sa.String(MAX_CHARS), nullable=False, index=True),
    sa.Column("question", sa.String(MAX_CHARS), nullable=False),
    sa.Column("value", sa.String(MAX_CHARS), nullable=False),
    sa.Column("reviewer", sa.String(MAX_CHARS), nullable=False, index=True),
    sa.Column("adjudicates", sa.Boolean, nullable=False, default=False),
    sa.Column("at", sa.String(40), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One answer of one person.

    Attributes:
        kind: `harm`, `attribute` or `pair`.
        item: what was looked at: `<run>/<trial>`, or two of them joined by ` | `.
        question: of an attribute, which; of a pair, by what; of harm, the hazard or empty.
        value: the answer.
        reviewer: who gave it.
        adjudicates: whether it settles a disagreement of others, and counts in their place.
        at: when, ISO 8601 in UTC; set by the store.
    """

    kind: str
    item: str
    question: str
    value: str
    reviewer: str
    adjudicates: bool = False
    at: str = ""


class LabelStore:
    """The labels at a database's address, such as `postgresql+psycopg://user@host/reviews`."""

    def __init__(self, url: str) -> None:
        """Connect, and make the table where it is not there yet.

        Raises:
            UsageError: when the address is not one, or its driver is not installed.
            StorageError: when the database does not answer.
        """
        try:
            # a page's threads come and go: each takes a connection of its own and gives it back
            self._engine = sa.create_engine(url, poolclass=NullPool)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise UsageError(
                f"not the address of a database: {printable(error, 200)}",
                seen=_without_password(url),
                legal="sqlite:///FILE, postgresql+psycopg://USER@HOST/NAME",
                then="pip install 'prescreen[postgresql]' for PostgreSQL",
            ) from error
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _patient)
        self._run(lambda connection: _META.create_all(connection, checkfirst=True))

    def add(self, label: Label) -> None:
        """Keep a label.

        Raises:
            UsageError: when one of its parts cannot be.
            StorageError: when the database does not take it; then it is not kept.
        """
        checked(label)
        at = label.at or datetime.now(UTC).isoformat(timespec="milliseconds")
        values = {name: getattr(label, name) for name in Label.__slots__} | {"at": at}
        self._run(lambda connection: connection.execute(sa.insert(_LABELS).values(**values)))

    def labels(self, kind: str | None = None) -> list[Label]:
        """Every label as it was given, the oldest first."""
        query = sa.select(_LABELS).order_by(_LABELS.c.id)
        if kind is not None:
            query = query.where(_LABELS.c.kind == kind)
        rows: list[Any] = self._run(lambda connection: connection.execute(query).mappings().all())
        return [Label(**{name: row[name] for name in Label.__slots__}) for row in rows]

    def _run(self, work: Any) -> Any:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except sa.exc.SQLAlchemyError as error:
            what = printable(str(error.__cause__ or error).partition("\n")[0], 200)
            raise StorageError(
                f"the database of labels does not answer: {what}",
                seen=_without_password(str(self._engine.url)),
                then=f"check the address in {URL_VARIABLE}; the label was not kept",
            ) from error


def _patient(connection: Any, record: Any) -> None:
    """Let a reviewer's write wait for another's, and let readers not stop either."""
    del record
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=20000")
    cursor.close()


def _without_password(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return "no address"


def checked(label: Label) -> Label:
    """The label, when each of its parts can be.

    Raises:
        UsageError: when one cannot.
    """
    if label.kind not in KINDS:
        raise UsageError("no such kind of label", seen=label.kind, legal=", ".join(KINDS))
    for name in ("item", "value", "reviewer"):
        text = getattr(label, name)
        if not text.strip() or len(text) > MAX_CHARS:
            raise UsageError(
                f"a label's {name} is empty or too long",
                seen=f"{len(text)} characters",
                legal=f"1 to {MAX_CHARS}",
            )
    legal = {HARM: HARM_VALUES, PAIR: PAIR_VALUES}.get(label.kind)
    if legal is not None and label.value not in legal:
        raise UsageError("no such answer", seen=label.value, legal=", ".join(legal))
    return label


def latest(labels: Sequence[Label]) -> list[Label]:
    """The last label of each person on each item and question, in the order of the first ones."""
    held: dict[tuple[str, str, str, str, bool], Label] = {}
    for label in labels:
        key = (label.kind, label.item, label.question, label.reviewer, label.adjudicates)
        held[key] = label
    return list(held.values())


def store_url(root: Path) -> str:
    """The address in `PRESCREEN_LABELS`, or a SQLite file in the folder of runs."""
    return os.environ.get(URL_VARIABLE) or f"sqlite:///{(root / FILE).resolve()}"
