"""The list of words that must not stand in a shipped suite, kept as salted hashes.

    python -m bench.suites._ban < words.txt     # one word or phrase a line; adds their hashes

The repository holds no list of slurs or of substances: `banned.txt` has the salt and the first 16
hex digits of sha256(salt + word). That keeps the words from being read, not from being guessed.
Words are compared folded: NFKC, without marks, in lower case; phrases have at most three words.
"""

from __future__ import annotations

import functools
import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.home import write_atomic

FILE = Path(__file__).with_name("banned.txt")
MOST_WORDS = 3
_WORD = re.compile(r"[^\W_]+")


def banned_places(text: str) -> list[int]:
    """Which words of the text, from 1, begin something on the list; the words are not repeated."""
    _, hashes = read_list(FILE)
    words = folded_words(text)
    return [i + 1 for i in range(len(words)) if any(h in hashes for h in _from(words, i))]


def _from(words: list[str], i: int) -> Iterator[str]:
    """Hashes of the word at a place, and of the phrases that begin there."""
    salt, _ = read_list(FILE)
    for n in range(1, min(MOST_WORDS, len(words) - i) + 1):
        yield hash_of(salt, " ".join(words[i : i + n]))


def folded_words(text: str) -> list[str]:
    """The words of a text without case, marks and compatibility forms."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    return _WORD.findall("".join(c for c in plain if unicodedata.category(c) != "Mn"))


def hash_of(salt: str, phrase: str) -> str:
    """First 16 hex digits of the sha256 of salt and folded phrase."""
    return hashlib.sha256(f"{salt}{phrase}".encode()).hexdigest()[:16]


@functools.cache
def read_list(path: Path) -> tuple[str, frozenset[str]]:
    """The salt and the hashes."""
    salt, *hashes = path.read_text(encoding="ascii").split()
    return salt, frozenset(hashes)


def add(path: Path, phrases: Iterable[str]) -> int:
    """Add phrases to a list; how many are new.

    Raises:
        ValueError: for a phrase of too many words; it is not repeated.
    """
    salt, held = read_list(path)
    words = [folded_words(phrase) for phrase in phrases]
    if any(len(w) > MOST_WORDS for w in words):
        raise ValueError(f"a phrase has more than {MOST_WORDS} words")
    new = {hash_of(salt, " ".join(w)) for w in words if w} - held
    lines = [salt, *sorted(held | new)]
    write_atomic(path, "".join(f"{line}\n" for line in lines).encode())
    read_list.cache_clear()
    return len(new)


def main() -> None:
    """Add the lines of the standard input."""
    sys.stdout.write(f"{add(FILE, sys.stdin)} new\n")


if __name__ == "__main__":
    main()
