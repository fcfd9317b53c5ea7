"""Another prompt filter behind the reference normaliser: how much do disguises gain, then?

The text is normalised (audits/_normalise.py) and handed to the filter within. A text of which
nothing is left, as one in Unicode's tag block, is blocked: what nobody can see is not safe.

What it cannot help against: synonyms, other languages, encodings, dilution, slips of the keyboard.
It folds accents and joins spaced letters, so the filter within reads other words than were typed;
measure its false alarms too.

Options: `filter`, the spec of the filter within, with `;` between its options in place of commas
(`normalised:filter=minilm:threshold=0.4;dial_seed=2`); `level`, how far it goes: `nfkc`, `bare`
(and without invisible characters and marks) or `full` (and look-alikes, leet, spacing, repeats).
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from audits._normalise import LEVELS, normalised
from bench import registry
from bench.errors import UsageError
from generator.filters.base import BLOCK, Decision, Filter
from generator.filters.guard import ask

NOTHING_LEFT = "nothing is left of the text once it is normalised"


class Normalised:
    """A filter that reads texts without their disguise."""

    name = "normalised"
    version = "1"

    def __init__(self, *, filter: str | Filter[str], level: str = "full") -> None:
        known = {known: known for known in LEVELS}
        if level not in known:
            raise UsageError("no such level", seen=level, legal=", ".join(LEVELS))
        self.level = known[level]
        self.filter: Filter[str] = (
            registry.build("prompt_filter", filter.replace(";", ","))
            if isinstance(filter, str)
            else filter
        )
        self.threshold = float(getattr(self.filter, "threshold", 0.5))

    @property
    def fingerprint(self) -> str:
        """A hash of the level and of what the filter within follows from."""
        return self._digest(self.filter.fingerprint)

    @property
    def model_id(self) -> str:
        """What looks at the text, whatever the threshold within."""
        return self._digest(getattr(self.filter, "model_id", self.filter.fingerprint))

    def _digest(self, within: str) -> str:
        parts = [self.name, self.version, self.level, within]
        return sha256(repr(parts).encode()).hexdigest()[:16]

    def __call__(self, content: str) -> Decision:
        """The decision of the filter within on the normalised text."""
        name = f"{self.name}@{self.version}"
        text = normalised(content, self.level)
        if not text.strip():
            return Decision(
                filter=name,
                decision=BLOCK,
                score=1.0,
                threshold=self.threshold,
                reason=NOTHING_LEFT,
            )
        made = ask(self.filter, text)
        return replace(made, filter=name, reason=f"{made.filter}: {made.reason}".rstrip(": "))
