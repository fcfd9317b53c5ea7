"""A list of words and phrases, one a line: a prompt that holds one of them is blocked.

Words are compared whole (`ass` is not in `class`), after NFKC and case folding. The score is 1 for
a hit and 0 else. Blind to everything that is not in the list: synonyms, other spellings, disguise,
other languages; and deaf to context, so that "blood orange" is blood.

Options: `file` is a UTF-8 text file, `#` begins a comment; without it the short example that ships
with Prescreen is used (twenty plain words for violence and weapons, no slurs), which is there to be
audited and not to be deployed. `threshold`, `leak`, `false_alarm`, `dial_seed`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from audits._filter_parts import digest_of
from audits.prompt_filters.base import TextFilter
from bench.errors import UsageError

EXAMPLE = Path(__file__).parent / "wordlist_example.txt"


class Wordlist(TextFilter):
    """Blocks a prompt that holds a listed word."""

    name = "wordlist"
    version = "1"

    def __init__(
        self, *, file: str = "", threshold: float | str = 0.5, **dials: float | str
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self.entries = read_list(Path(file) if file else EXAMPLE)
        self._pattern = pattern_of(self.entries)

    def parts(self) -> str:
        """A hash of the entries."""
        return digest_of(self.entries)

    def score(self, content: str) -> tuple[float, str]:
        """1 with the words that were found, else 0."""
        found = sorted({match.group() for match in self._pattern.finditer(folded(content))})
        return (1.0, f"listed: {', '.join(found[:3])}") if found else (0.0, "")


def folded(text: str) -> str:
    """NFKC, case folded, runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def read_list(path: Path) -> tuple[str, ...]:
    """The entries of a list, folded, sorted, without repeats.

    Raises:
        UsageError: when it cannot be read or is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the word list cannot be read: {error}", seen=path.name, legal="a UTF-8 text file"
        ) from error
    entries = {folded(line.partition("#")[0]) for line in lines} - {""}
    if not entries:
        raise UsageError("the word list is empty", seen=path.name, legal="one word a line")
    return tuple(sorted(entries))


def pattern_of(entries: Sequence[str]) -> re.Pattern[str]:
    """Any entry as whole words; the longest first, so that a phrase wins over its first word."""
    longest_first = sorted(entries, key=lambda entry: (-len(entry), entry))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
