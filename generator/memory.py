"""Says what to do when memory runs out: one line in place of what allocators say.

NumPy raises a MemoryError, torch a RuntimeError, OpenCV its own; each names bytes and no way out.
A process that the system kills for its memory says nothing at all: only a limit on address space
(`ulimit -v`) or a full machine without overcommitment comes here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

_WORDS = ("allocate memory", "unable to allocate", "failed to allocate", "bad_alloc")
WHOLE = (
    "for the whole video",
    "all of its frames in one array",
    "Cascade.stream(prompt), which gives them one by one, or an earlier stage",
)
"""Advice for a call that gives all frames at once: where, what is seen, what to do."""
T = TypeVar("T")


class OutOfMemory(MemoryError):
    """Memory ran out; the message says where, and what to ask for instead."""


def is_memory(error: Exception) -> bool:
    """Whether an error, of any library, means that there is no more memory."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(word in text for word in _WORDS)


@contextmanager
def advice(where: str, seen: str, then: str) -> Iterator[None]:
    """Around what takes much memory.

    Raises:
        OutOfMemory: in place of an allocator's error; what an inner one says stays.
    """
    try:
        yield
    except OutOfMemory:
        raise
    except Exception as error:
        if not is_memory(error):
            raise
        raise OutOfMemory(f"out of memory {where}; seen: {seen}; next: {then}") from error


def guarded(items: Iterator[T]) -> Iterator[T]:
    """The same items; what runs out of memory between them says so in one line."""
    with advice("between frames", "one frame more", "an earlier stage, or a machine with more"):
        yield from items
