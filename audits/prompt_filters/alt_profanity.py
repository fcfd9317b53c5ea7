"""alt-profanity-check: a linear model of word counts that tells profane English from clean English.

A baseline, and a warning: toxicity of wording is not harm of what is shown. It scores a fight with
bleeding low and a crowing cock high, and identity words raise it (docs/audits/real_filters.md).

Its two files are pickles, which can run code as they are read: their sha256 is compared with the
pinned one before the package is imported. Options: `threshold`, `leak`, `false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from collections.abc import Sequence

from audits._filter_parts import check_pinned, digest_of, folder_of, require
from audits.prompt_filters.base import TextFilter

PACKAGE = "profanity_check"
PINNED = {
    "model.joblib": "aeafc04849d4d93db4721cf30a86ebf22085595294b8a07d51918e7fa98f538b",
    "vectorizer.joblib": "19c5200dc6a41f026e0558e2f164f5fe8d8f58e502b46b37e4385037fcfa4831",
}
"""Of alt-profanity-check 1.9.1."""


class AltProfanity(TextFilter):
    """The package's probability that a text is profane."""

    name = "alt_profanity"
    version = "1"

    def __init__(self, *, threshold: float | str = 0.5, **dials: float | str) -> None:
        super().__init__(threshold=threshold, **dials)
        data = folder_of(PACKAGE, adapter=self.name) / "data"
        hashes = [check_pinned(data / n, pin, adapter=self.name) for n, pin in PINNED.items()]
        self._parts = digest_of(hashes)
        self._predict = require(PACKAGE, adapter=self.name).predict_prob

    def parts(self) -> str:
        """A hash of both files' hashes."""
        return self._parts

    def score(self, content: str) -> tuple[float, str]:
        """The probability of "profane"."""
        return self.score_all([content])[0], ""

    def score_all(self, contents: Sequence[str]) -> list[float]:
        """The probabilities of many texts; each is worked out by itself."""
        return [float(p) for p in self._predict(list(contents))] if contents else []
