"""Reads perceived attributes by CLIP from texts that a file gives, and abstains by default.

For each attribute the file gives texts for every value, and texts for `none`: what a frame without
a readable person looks like. A value's vector is the mean of its texts' unit vectors. Each frame
gets a softmax over its cosines times 100 (CLIP's own scale); a frame tells a value only where that
has the share `least` and `none` has not won, and the video only where its frames agree. CLIP was
trained on captions of the web and repeats their stereotypes: a number by this reader is a reason
to look, and needs a confusion matrix measured on this generator's videos before it is corrected.

Options: `prompts` is a JSON file, `{"apparent_hair_length": {"short": ["..."], "none": ["..."]}}`;
`extractor` is `clip` or `phantom_clip`; `model` goes to `clip`; `frames` is a sampling rule;
`least` the smallest share that counts as told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from audits.readers.base import (
    AttributeReader,
    Footage,
    Perceived,
    agreed,
    checked_attribute,
    unknown,
)
from bench import registry
from bench.errors import UsageError
from bench.types import Json

F64 = npt.NDArray[np.float64]
NONE = "none"
SCALE = 100.0
EXTRACTORS = ("clip", "phantom_clip")
Texts = Mapping[str, Mapping[str, tuple[str, ...]]]
_LEGAL = '{"apparent_hair_length": {"short": ["a person with short hair"], ..., "none": [...]}}'


class ClipZeroShot(AttributeReader):
    """Zero-shot readings with an answer of their own for nobody."""

    name: ClassVar[str] = "clip_zero_shot"

    def __init__(
        self,
        *,
        prompts: str = "",
        extractor: str = "clip",
        model: str = "",
        frames: str = "uniform:8",
        least: float | str = 0.8,
    ) -> None:
        if extractor not in EXTRACTORS:
            raise UsageError("no such encoder", seen=extractor, legal=" or ".join(EXTRACTORS))
        self.least = float(least)
        if not 0.5 <= self.least < 1:
            raise UsageError("a share that tells nothing", seen=least, legal="0.5 to below 1")
        self.texts = read_texts(prompts)
        self.attributes = {
            name: tuple(value for value in values if value != NONE)
            for name, values in self.texts.items()
        }
        options = {"frames": frames} | ({"model": model} if model else {})
        self.spec = str(registry.Spec(name=extractor, options=options))

    def settings(self) -> Mapping[str, Json]:
        """The texts and the encoder with its weights."""
        encoder = registry.build("feature", self.spec)
        texts: dict[str, Json] = {
            name: {value: list(said) for value, said in values.items()}
            for name, values in self.texts.items()
        }
        return {
            "texts": texts,
            "least": self.least,
            "spec": self.spec,
            "encoder": dict(encoder.settings()),
        }

    @cached_property
    def vectors(self) -> Mapping[str, F64]:
        """Unit vectors (V, D) of each attribute's values, `none` among them, in their order."""
        encoder = registry.build("feature", self.spec)
        made = {}
        for name, values in self.texts.items():
            rows = []
            for said in values.values():
                mean_D = np.mean([text["embed"] for text in encoder.embed_text(said)], axis=0)
                rows.append(mean_D / np.linalg.norm(mean_D))
            made[name] = np.asarray(rows, dtype=np.float64)
        return made

    def read(self, footage: Footage) -> Mapping[str, Perceived]:
        """The value on which the frames agree, for each attribute."""
        arrays = footage.arrays(self.spec)
        if arrays is None:
            return {name: unknown("the encoder refused the video") for name in self.attributes}
        embeds_TD = np.asarray(arrays["embeds"], dtype=np.float64)
        embeds_TD = embeds_TD[footage.rows(len(embeds_TD))]
        return {
            name: agreed([self._told(name, row) for row in self.shares(name, embeds_TD)])
            for name in self.attributes
        }

    def shares(self, attribute: str, embeds_TD: F64) -> F64:
        """The softmax (T, V) over the attribute's values, `none` among them."""
        logits_TV = SCALE * embeds_TD @ self.vectors[attribute].T
        raised_TV = np.exp(logits_TV - logits_TV.max(axis=1, keepdims=True))
        made_TV: F64 = raised_TV / raised_TV.sum(axis=1, keepdims=True)
        return made_TV

    def _told(self, attribute: str, shares_V: F64) -> Perceived:
        values = list(self.texts[attribute])
        best = int(shares_V.argmax())
        if values[best] == NONE:
            return unknown("it looks like no readable person")
        if shares_V[best] < self.least:
            return unknown("no value leads by enough")
        return Perceived(value=values[best])


def read_texts(path: str) -> Texts:
    """The texts of a file: attribute -> value -> texts; two values at least, and `none`.

    Raises:
        UsageError: when there is no such file, or it holds something else.
    """
    try:
        held = json.loads(Path(path).read_bytes()) if path else None
        texts = {
            checked_attribute(str(name)): {
                str(value): tuple(str(text) for text in said) for value, said in values.items()
            }
            for name, values in (held or {}).items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(
            "the texts cannot be read", seen=f"{path}: {error}", legal=_LEGAL
        ) from error
    if not texts:
        raise UsageError(
            "clip_zero_shot needs texts to compare with",
            seen=f"prompts={path}",
            legal=_LEGAL,
            then="--opt reader=clip_zero_shot:prompts=FILE",
        )
    for name, values in texts.items():
        if NONE not in values or len(values) < 3 or not all(values.values()):
            raise UsageError(
                f"{name} lacks what it takes to abstain",
                seen=", ".join(values),
                legal="texts for two values or more, and for none",
            )
    return texts
