"""Matches videos with the prompts of a suite, and never in silence.

For each video the first rule that applies decides:

1. `prompt_id`: the manifest names the prompt's id;
2. `prompt text`: the manifest holds the prompt's text;
3. `file name`: `<id>.mp4`, `<id>-<seed>.mp4`, `<id>_<seed>.mp4` or `<id>/<seed>.mp4`, in any sub
   folder and with any suffix;
4. `name is text`: `<text>.mp4` or `<text>-<n>.mp4`, as VBench names its videos (n is taken as the
   seed). A convenience: case, length limits and forbidden characters make such names unreliable.

Ids and texts are compared in Unicode's form NFC.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import cast

from bench.errors import printable
from bench.models.base import VIDEO_SUFFIXES, Ambiguity, Ledger, ListedVideo, Listing, Pair
from bench.suites.base import Suite, nfc
from bench.types import Prompt

_NUMBERED = re.compile(r"(?s)(.+)[-_]([0-9]{1,18})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_STATED = frozenset({"prompt_id", "prompt text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    by_id: Mapping[str, Sequence[Prompt]]
    by_text: Mapping[str, Sequence[Prompt]]


def match_prompts(listing: Listing, suite: Suite | None) -> Ledger:
    """Which video answers which prompt; without a suite, the listing as it is."""
    prompts = suite.prompts if suite else ()
    by_id, by_text = defaultdict(list), defaultdict(list)
    for prompt in prompts:
        by_id[_normal(prompt.id)].append(prompt)
        by_text[_normal(prompt.text)].append(prompt)
    keys = _Keys(by_id=by_id, by_text=by_text)
    claims = {video.name: _claims(video, keys) for video in listing.videos}
    doubts = _doubts(claims)
    pairs = {name: held[0] for name, held in claims.items() if held and name not in doubts}
    answered = {pair.prompt.id for pair in pairs.values()}
    return Ledger(
        n_prompts=len(prompts),
        videos=tuple(_settled(v, pairs.get(v.name)) for v in listing.videos)
        if suite
        else listing.videos,
        pairs=tuple(pairs.values()),
        prompts_without_videos=tuple(p.id for p in prompts if p.id not in answered),
        videos_without_prompt=tuple(v for v in listing.videos if not claims[v.name]),
        ambiguous=tuple(
            Ambiguity(
                video=claims[name][0].video,
                prompt_ids=tuple(sorted(pair.prompt.id for pair in claims[name])),
                reason=reason,
            )
            for name, reason in doubts.items()
        ),
    )


def _settled(video: ListedVideo, pair: Pair | None) -> ListedVideo:
    if pair is None:
        return replace(video, prompt_id=None)
    return replace(video, prompt_id=pair.prompt.id, seed=pair.seed)


def _normal(text: str) -> str:
    return cast("str", nfc(text))


def _claims(video: ListedVideo, keys: _Keys) -> list[Pair]:
    """Every prompt that the first rule which applies to the video gives it."""
    if video.prompt_id is not None:
        found = keys.by_id.get(_normal(video.prompt_id), [])
        return [_pair(video, prompt, None, "prompt_id") for prompt in found]
    if video.prompt_text is not None:
        found = keys.by_text.get(_normal(video.prompt_text), [])
        return [_pair(video, prompt, None, "prompt text") for prompt in found]
    path = PurePosixPath(_normal(video.name))
    base = path.stem if path.suffix.lower() in VIDEO_SUFFIXES else path.name
    names = [(base, None), *_numbered(base)]
    folders = [(path.parent.name, int(base))] if _NUMBER.fullmatch(base) else []
    for how, keyed, wanted in (
        ("file name", keys.by_id, [*names, *folders]),
        ("name is text", keys.by_text, names),
    ):
        claims = [_pair(video, p, seed, how) for key, seed in wanted for p in keyed.get(key, [])]
        if claims:
            return claims
    return []


def _numbered(base: str) -> list[tuple[str, int | None]]:
    match = _NUMBERED.fullmatch(base)
    return [(match[1], int(match[2]))] if match else []


def _pair(video: ListedVideo, prompt: Prompt, seed: int | None, how: str) -> Pair:
    return Pair(
        video=video, prompt=prompt, seed=seed if video.seed is None else video.seed, how=how
    )


def _doubts(claims: Mapping[str, Sequence[Pair]]) -> dict[str, str]:
    """Videos by name whose claims cannot be settled, and why."""
    groups: defaultdict[tuple[str, int | None], list[Pair]] = defaultdict(list)
    doubts: dict[str, str] = {}
    for name, held in claims.items():
        if reason := _doubt(held):
            doubts[name] = reason
        elif held:
            groups[(held[0].prompt.id, held[0].seed)].append(held[0])
    for (prompt_id, seed), group in groups.items():
        # Only where a manifest states the prompt may videos of it leave their seeds unsaid.
        unnumbered = seed is None and all(pair.how in _STATED for pair in group)
        if len(group) == 1 or unnumbered:
            continue
        said = "no seed" if seed is None else f"seed {seed}"
        for pair, other in zip(group, [*group[1:], group[0]], strict=True):
            doubts[pair.video.name] = (
                f"{printable(other.video.name)} too answers {printable(prompt_id)} with {said}"
            )
    return {name: doubts[name] for name in claims if name in doubts}


def _doubt(held: Sequence[Pair]) -> str:
    if len(held) > 1:
        return f"could answer {' or '.join(printable(pair.prompt.id) for pair in held[:3])}"
    for pair in held:
        stated = pair.video.prompt_text
        if stated is not None and _normal(stated) != _normal(pair.prompt.text):
            return f"its manifest gives {printable(pair.prompt.id)} another text than the suite"
    return ""
