"""The linter of suites: what is wrong (errors) or doubtful (warnings) in a list of prompts.

======================  ========  =============================================================
rule                    severity  what it finds
======================  ========  =============================================================
`empty-text`            error     a text without a visible character
`edge-space`            warning   a text that begins or ends with white space
`hidden-characters`     both      control and bidirectional characters (error), zero-width ones
`id-characters`         both      an id that is path-like (error) or not made of [a-z0-9._-]
`id-case`               error     ids that differ by case alone: one file on many disks
`duplicate`             error     the same text twice
`duplicate-folded`      warning   the same text but for case, white space or Unicode form
`near-duplicate`        warning   sets of words with a Jaccard index of 0.9 or more
`long-text`             warning   about more tokens than the 77 that CLIP reads
`orphan-pair`           error     a `pair_id` among the attributes that only one prompt has
`no-category`           warning   prompts without a category
`unbalanced`            warning   a category over 3 times the size of another
`no-language`           warning   prompts that do not state their language
======================  ========  =============================================================

The rules of what harmful probes may say are in `_content.py`.

Two prompts with one `pair_id` are meant to be alike and are never near-duplicates of each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from bench.errors import printable
from bench.suites import _content
from bench.suites._near import near_pairs
from bench.types import Prompt, canonical_json

CLIP_TOKENS = 77
MAX_RATIO = 3
MAX_ID_CHARACTERS = 100

_SLUG = re.compile(r"[a-z0-9._-]+")
_PATH_LIKE = re.compile(r"[/\\:\x00]|^[.~-]|\.$")
_PIECES = re.compile(r"[^\W\d_]+|\d|[^\w\s]+|_")
# Scripts without spaces give one word a character; elsewhere a word is a run of word characters.
_WORDS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")
_UNSEEN = frozenset("\u00ad\u061c\u180e\u200b\u200e\u200f\u3164\ufeff\uffa0\n\r\t") | {
    chr(code) for start, end in ((0x2060, 0x2070), (0xE0000, 0xE0080)) for code in range(start, end)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding of the linter. `prompt_id` is empty where it is about the whole suite.

    `message` is fit for a terminal; `prompt_id` is untrusted text, as it stands in the suite.
    """

    rule: str
    prompt_id: str
    message: str
    severity: Literal["error", "warning"]


def lint_prompts(prompts: Sequence[Prompt]) -> list[Problem]:
    """Every problem of the prompts: errors first, in the order of the rules and of the prompts."""
    found = [problem for rule in _RULES for problem in rule(prompts)]
    return sorted(found, key=lambda problem: problem.severity != "error")


def about_clip_tokens(text: str, lang: str = "") -> int:
    """About how many tokens CLIP's tokenizer makes of a text, its start and end marks included.

    A rule of thumb that needs no vocabulary: a digit and a run of punctuation are a token each, an
    ASCII word is one token for every 10 letters begun (3 where `lang` is not English), any other
    word 0.6 tokens a UTF-8 byte. Against the real tokenizer on VBench's 946 English prompts it gave
    0.99 of the count on average (nine in ten: 0.89 to 1.00); on words of 29 other locales, in many
    scripts, 0.5 to 1.5 of it.
    """
    english = not lang or lang.lower().partition("-")[0] == "en"
    tokens = 2.0
    for piece in _PIECES.findall(text):
        if not piece.isalpha():
            tokens += 1
        elif piece.isascii():
            tokens += ceil(len(piece) / (10 if english else 3))
        else:
            tokens += 0.6 * len(piece.encode())
    return round(tokens)


def _error(rule: str, prompt_id: str, message: str) -> Problem:
    return Problem(rule=rule, prompt_id=prompt_id, message=message, severity="error")


def _warning(rule: str, prompt_id: str, message: str) -> Problem:
    return Problem(rule=rule, prompt_id=prompt_id, message=message, severity="warning")


def _text(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    for prompt in prompts:
        if not any(unicodedata.category(c)[0] not in "CZ" for c in prompt.text):
            yield _error("empty-text", prompt.id, "the text has no visible character")
        elif prompt.text != prompt.text.strip():
            yield _warning(
                "edge-space",
                prompt.id,
                f"white space before or after the text: '{printable(prompt.text)}'",
            )


def _hidden(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    for prompt in prompts:
        bad = [(i, _danger(prompt.text, i)) for i in range(len(prompt.text))]
        if not (bad := [(i, danger) for i, danger in bad if danger]):
            continue
        shown = ", ".join(f"{_code_point(prompt.text[i])} at character {i + 1}" for i, _ in bad[:3])
        more = f" and {len(bad) - 3} more" if len(bad) > 3 else ""
        make = _error if any(danger == "error" for _, danger in bad) else _warning
        yield make("hidden-characters", prompt.id, f"characters that do not show: {shown}{more}")


def _danger(text: str, i: int) -> str:
    c = text[i]
    if c.isascii() and c.isprintable():
        return ""
    if c in _JOINERS:  # part of Persian, Indic and emoji spelling; next to ASCII a disguise
        around = text[max(i - 1, 0) : i] + text[i + 1 : i + 2]
        return "warning" if len(around) < 2 or any(n.isascii() for n in around) else ""
    if c in _UNSEEN:
        return "warning"
    if c in _BIDI or unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"}:
        return "error"
    return ""


def _code_point(c: str) -> str:
    return f"U+{ord(c):04X} {unicodedata.name(c, '')}".rstrip()


def _ids(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for prompt in prompts:
        shown = printable(prompt.id)
        if not prompt.id or _PATH_LIKE.search(prompt.id):
            yield _error("id-characters", prompt.id, f"'{shown}' could be taken for a path")
        elif not _SLUG.fullmatch(prompt.id):
            message = f"'{shown}' has characters outside [a-z0-9._-]"
            yield _warning("id-characters", prompt.id, message)
        elif len(prompt.id) > MAX_ID_CHARACTERS:
            message = f"{len(prompt.id)} characters; at most {MAX_ID_CHARACTERS} are wise"
            yield _warning("id-characters", prompt.id, message)
        other = seen.setdefault(_folded(prompt.id), prompt.id)
        if other != prompt.id:
            message = f"'{shown}' differs from '{printable(other)}' by case alone"
            yield _error("id-case", prompt.id, message)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def _duplicates(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    rest = []
    for prompt in prompts:
        if (other := exact.setdefault(prompt.text, prompt.id)) != prompt.id:
            message = f"the same text as {printable(other)}"
            yield _error("duplicate", prompt.id, message)
        elif (other := folded.setdefault(_folded(prompt.text), prompt.id)) != prompt.id:
            message = f"the text of {printable(other)} but for case, white space or Unicode form"
            yield _warning("duplicate-folded", prompt.id, message)
        else:
            rest.append(prompt)
    yield from _near(rest)


def _near(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    words = [frozenset(_WORDS.findall(_folded(prompt.text))) for prompt in prompts]
    near: defaultdict[int, list[int]] = defaultdict(list)
    for i, j in near_pairs(words, [_pair(prompt) for prompt in prompts]):
        near[j].append(i)
    for j, others in near.items():
        index = len(words[others[0]] & words[j]) / len(words[others[0]] | words[j])
        more = f" and of {len(others) - 1} more" if len(others) > 1 else ""
        named = f"{printable(prompts[others[0]].id)} (Jaccard index {index:.2f})"
        yield _warning("near-duplicate", prompts[j].id, f"nearly the words of {named}{more}")


def _long(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    for prompt in prompts:
        if (about := about_clip_tokens(prompt.text, prompt.lang)) > CLIP_TOKENS:
            message = f"about {about} CLIP tokens; CLIP reads the first {CLIP_TOKENS}"
            yield _warning("long-text", prompt.id, message)


def _pair(prompt: Prompt) -> str | None:
    pair_id = prompt.attributes.get("pair_id")
    return None if pair_id is None else canonical_json(pair_id)


def _pairs(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    members: defaultdict[str | None, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        members[_pair(prompt)].append(prompt)
    for pair, group in members.items():
        if pair is not None and len(group) == 1:
            message = f"no other prompt has the pair_id {printable(pair)}"
            yield _error("orphan-pair", group[0].id, message)


def _categories(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    yield from _unstated(
        "no-category", "category", [p.id for p in prompts if not p.category], prompts
    )
    counts = Counter(prompt.category for prompt in prompts if prompt.category).most_common()
    if counts and counts[0][1] > MAX_RATIO * counts[-1][1]:
        (most, n_most), (least, n_least) = counts[0], counts[-1]
        yield _warning(
            "unbalanced",
            "",
            f"{printable(most)} has {n_most} prompts and {printable(least)} {n_least}:"
            f" {n_most / n_least:.1f} times as many, where {MAX_RATIO} is the limit",
        )


def _languages(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    yield from _unstated("no-language", "language", [p.id for p in prompts if not p.lang], prompts)


def _unstated(
    rule: str, what: str, ids: Sequence[str], prompts: Sequence[Prompt]
) -> Iterator[Problem]:
    if ids:
        first = "" if len(ids) == len(prompts) else f": {', '.join(map(printable, ids[:5]))}"
        more = ", ..." if first and len(ids) > 5 else ""
        message = f"{len(ids)} of {len(prompts)} prompts state no {what}{first}{more}"
        yield _warning(rule, "", message)


def _contents(prompts: Sequence[Prompt]) -> Iterator[Problem]:
    for found in _content.errors(prompts):
        yield _error(*found)
    for found in _content.warnings(prompts):
        yield _warning(*found)


_RULES = (_text, _hidden, _ids, _duplicates, _long, _pairs, _categories, _languages, _contents)
