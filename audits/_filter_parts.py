"""What adapters of prompt filters and of frame filters share: dials, packages, a time limit."""

from __future__ import annotations

import importlib
import importlib.util
import queue
import threading
from collections.abc import Iterable
from hashlib import file_digest, sha256
from pathlib import Path
from types import ModuleType
from typing import Generic

from bench.errors import Unavailable, UsageError
from bench.models._options import number, whole
from generator.filters.base import ERROR, Content, Decision, Dialled, Filter, Mistakes
from generator.filters.guard import ask

EXTRA = "pip install 'prescreen[audits]'"
MAX_HUNG = 4
"""After so many calls that still hang, a filter is not asked again."""


class FilterFailed(Exception):
    """A filter could not decide on one content, and says why: its decision is `error`."""


class Adapter(Dialled[Content]):
    """A filter under test, built from a spec: every option may come as text.

    Args:
        threshold: scores from here on are positive, 0 to 1.
        leak: chance that a positive is let through, 0 to 1: a planted mistake.
        false_alarm: chance that a negative is blocked, 0 to 1: a planted mistake.
        dial_seed: which contents the planted mistakes hit.
    """

    def __init__(
        self,
        *,
        threshold: float | str,
        leak: float | str = 0,
        false_alarm: float | str = 0,
        dial_seed: float | str = 0,
    ) -> None:
        mistakes = Mistakes(
            leak_prob=number("leak", leak, 0, 1),
            false_alarm_prob=number("false_alarm", false_alarm, 0, 1),
            seed=whole("dial_seed", dial_seed, 0, 2**31),
        )
        super().__init__(number("threshold", threshold, 0, 1), mistakes)

    @property
    def model_id(self) -> str:
        """What looks at the content, whatever threshold and dials are set: name and weights.

        A judge may not have the `model_id` of a filter that it judges.
        """
        return f"{self.name}:{digest_of([self.version, self.parts()])}"

    def __call__(self, content: Content) -> Decision:
        """Decide on one content; `error` with the reason where the filter could not."""
        try:
            return super().__call__(content)
        except FilterFailed as failure:
            return Decision(
                filter=f"{self.name}@{self.version}",
                decision=ERROR,
                score=None,
                threshold=self.threshold,
                reason=str(failure)[:400],
            )


class TimeLimited(Generic[Content]):
    """A filter that gets `limit_s` seconds for each content; then its decision is `error`.

    A call that hangs cannot be ended from outside: its thread is left behind, and after
    `MAX_HUNG` of them that still run the filter is not asked again. Whatever else goes wrong in
    the filter is an `error` too, as behind a guard. Decisions in time are those of the filter, so
    the fingerprint is its own.
    """

    def __init__(self, filter_: Filter[Content], limit_s: float | str = 30.0) -> None:
        self.filter = filter_
        self.name = filter_.name
        self.limit_s = number("limit_s", limit_s, 0.001, 86_400)
        self._hung: list[threading.Thread] = []

    @property
    def fingerprint(self) -> str:
        """That of the filter within."""
        return self.filter.fingerprint

    @property
    def model_id(self) -> str:
        """That of the filter within; its fingerprint where it names none."""
        return str(getattr(self.filter, "model_id", self.filter.fingerprint))

    def __call__(self, content: Content) -> Decision:
        """The filter's decision, or `error` when it takes too long or fails."""
        self._hung = [thread for thread in self._hung if thread.is_alive()]
        if len(self._hung) >= MAX_HUNG:
            return self._error(f"not asked: {len(self._hung)} earlier calls still hang")
        answers: queue.SimpleQueue[Decision] = queue.SimpleQueue()

        def work() -> None:
            answers.put(ask(self.filter, content))

        thread = threading.Thread(target=work, daemon=True, name=f"filter {self.name}")
        thread.start()
        try:
            return answers.get(timeout=self.limit_s)
        except queue.Empty:
            self._hung.append(thread)
            return self._error(f"no decision within {self.limit_s:g} s")

    def _error(self, reason: str) -> Decision:
        return Decision(filter=self.name, decision=ERROR, score=None, threshold=None, reason=reason)


def require(module: str, *, adapter: str, then: str = EXTRA) -> ModuleType:
    """An optional package, imported.

    Raises:
        Unavailable: when it is not installed; the message ends with the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Unavailable(
            f"the filter {adapter} needs a package that is not installed", seen=module, then=then
        ) from error


def folder_of(module: str, *, adapter: str, then: str = EXTRA) -> Path:
    """Where an optional package lies; it is not imported, so its files can be checked before.

    Raises:
        Unavailable: when it is not installed.
    """
    spec = importlib.util.find_spec(module)
    for root in (spec.submodule_search_locations or ()) if spec else ():
        return Path(root)
    raise Unavailable(
        f"the filter {adapter} needs a package that is not installed", seen=module, then=then
    )


def check_pinned(path: Path, expected: str, *, adapter: str, then: str = EXTRA) -> str:
    """The sha256 of a file, after it was compared with the pinned one (or the start of it).

    Raises:
        Unavailable: when the file is not there or is another one.
    """
    if not path.is_file():
        raise Unavailable(f"the filter {adapter} lacks its file {path.name}", then=then)
    found = sha256_of(path)
    if not found.startswith(expected.lower()):
        raise Unavailable(
            f"the file {path.name} of the filter {adapter} is not the pinned one",
            seen=f"sha256 {found}",
            legal=f"sha256 {expected}",
            then=then,
        )
    return found


def sha256_of(path: Path) -> str:
    """Sha256 of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def words(name: str, value: str, separator: str = "+") -> tuple[str, ...]:
    """An option that lists texts: `a+b`.

    Raises:
        UsageError: when it lists nothing.
    """
    found = tuple(part.strip() for part in value.split(separator) if part.strip())
    if not found:
        raise UsageError(f"the option {name} is empty", seen=value, legal=f"A{separator}B")
    return found


def digest_of(parts: Iterable[object]) -> str:
    """16 hex digits of the sha256 of some parts: what a score follows from, for `parts()`."""
    return sha256(repr(list(parts)).encode()).hexdigest()[:16]
