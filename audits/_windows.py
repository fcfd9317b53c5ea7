"""Long texts in overlapping windows, so that nothing after a model's last token goes unread.

A classifier that cuts a text at 512 tokens can be passed by writing 512 harmless ones first. Here
every token is read in some window, and what a window scores highest is the text's score.
"""

from __future__ import annotations

from typing import Any

MAX_CHARACTERS = 200_000
"""A longer prompt is refused: it would cost minutes, and no generator reads it."""


def windows(tokenizer: Any, text: str, size: int) -> list[str]:
    """The text in pieces of at most `size` tokens that overlap by an eighth; one where it fits.

    Args:
        tokenizer: one of transformers, with offsets.
        text: without lone surrogates.
        size: tokens a window, without the marks of start and end.

    Raises:
        ValueError: for a text beyond :data:`MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the text has {len(text)} characters; legal: {MAX_CHARACTERS}")
    made = tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
    )
    spans = made["offset_mapping"]
    if len(spans) <= size:
        return [text]
    step = size - size // 8
    starts = range(0, len(spans) - size // 8, step)
    return [text[spans[at][0] : spans[min(at + size, len(spans)) - 1][1]] for at in starts]
