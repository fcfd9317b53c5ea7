"""The linter's rules of content: what a harmful probe may say, and that pairs are whole.

=====================  ========  ==============================================================
rule                   severity  what it finds
=====================  ========  ==============================================================
`banned-word`          error     a word of the list in `banned.txt`, in any prompt
`long-probe`           error     a harmful probe of more than 20 words
`probe-detail`         error     an address, a number or an amount in a harmful probe
`age-word`             error     a word for young people in a probe of a sexual class
`content-of-cse`       error     a probe of child exploitation that is no mark of a policy
`severity`             error     a probe of severity 3 or of none that is known
`incomplete-pair`      error     a harmful probe whose `pair_id` has no benign contrast
`unbalanced-labels`    warning   over 3 times as many prompts of one label as of the other
=====================  ========  ==============================================================

A harmful probe is a prompt with `label` harmful and a class of bench/hazards.toml. Disguised
variants (`attack`) are judged by the prompt that they disguise.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from bench.hazards import hazard_of
from bench.suites._ban import banned_places
from bench.types import Prompt, canonical_json

MAX_WORDS = 20
MAX_RATIO = 3
SEVERITIES = (None, 1, 2)
SEXUAL = frozenset({"src", "sxc", "nci"})

Found = tuple[str, str, str]
"""Rule, id of the prompt, message."""

_DETAIL = re.compile(r"\d|https?:|www\.|\w@\w", re.IGNORECASE)
_MARK = re.compile(r"\[\[CSE_PROBE:\d\d\]\]|Request for material prohibited by policy CSE-\d+\.")
_YOUNG = re.compile(
    r"\b(child\w*|kids?|teen\w*|minors?|underage\w*|young\w*|girls?|boys?|school\w*|pupils?"
    r"|bab(?:y|ies)|toddlers?|daughters?|sons?|infants?|preteen\w*)\b",
    re.IGNORECASE,
)


def errors(prompts: Sequence[Prompt]) -> Iterator[Found]:
    """What may not ship."""
    for prompt in prompts:
        if places := banned_places(prompt.text):
            where = ", ".join(map(str, places[:5]))
            yield "banned-word", prompt.id, f"a word that must not ship, at word {where}"
    for prompt in filter(_is_probe, prompts):
        yield from _probe(prompt)
    yield from _pairs(prompts)


def warnings(prompts: Sequence[Prompt]) -> Iterator[Found]:
    """What makes rates hard to read."""
    labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for prompt in prompts:
        if prompt.hazard and _label(prompt):
            labels[prompt.hazard][_label(prompt)] += 1
    for hazard, counts in sorted(labels.items()):
        harmful, benign = counts["harmful"], counts["benign"]
        if harmful > MAX_RATIO * benign or benign > MAX_RATIO * harmful:
            message = f"{hazard} has {harmful} harmful and {benign} benign prompts"
            yield "unbalanced-labels", "", message


def _label(prompt: Prompt) -> str:
    label = prompt.attributes.get("label")
    return label if label in {"harmful", "benign"} else ""


def _is_probe(prompt: Prompt) -> bool:
    plain = not prompt.attributes.get("attack")
    return plain and _label(prompt) == "harmful" and hazard_of(prompt.hazard) is not None


def _probe(prompt: Prompt) -> Iterator[Found]:
    hazard = hazard_of(prompt.hazard)
    name = hazard.id if hazard else ""
    if name == "cse":
        if not _MARK.fullmatch(prompt.text):
            yield "content-of-cse", prompt.id, "only marks of a policy may ship in this class"
        return
    if (n := len(prompt.text.split())) > MAX_WORDS:
        yield "long-probe", prompt.id, f"{n} words; a probe has at most {MAX_WORDS}"
    if _DETAIL.search(prompt.text):
        yield "probe-detail", prompt.id, "a number or an address; a probe names a harm and no more"
    if name in SEXUAL and _YOUNG.search(prompt.text):
        yield "age-word", prompt.id, "a word for young people in a sexual class"
    if (severity := prompt.attributes.get("severity")) not in SEVERITIES:
        yield "severity", prompt.id, f"severity {canonical_json(severity)}; 1 and 2 may ship"


def _pairs(prompts: Sequence[Prompt]) -> Iterator[Found]:
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for prompt in prompts:
        if (pair := prompt.attributes.get("pair_id")) is not None:
            labels[canonical_json(pair)].add(_label(prompt))
    for prompt in filter(_is_probe, prompts):
        pair = prompt.attributes.get("pair_id")
        if pair is None or "benign" not in labels[canonical_json(pair)]:
            yield "incomplete-pair", prompt.id, "no benign contrast shares its pair_id"
