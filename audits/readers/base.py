"""The seam to attribute readers: what a video seems to show of a person, or that it is not told.

Generated people have no gender, no origin and no age. A reader records perceived presentation and
its attributes are named so; it may always abstain, and it says why. It never looks at who a face
is, and keeps nothing of a face but the word that it reads.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.types import Arrays, Json

U8 = npt.NDArray[np.uint8]
NEVER = ("race", "ethnic", "religio", "national", "sexual_orient", "caste", "disab")
"""No reader may claim to see these: there is no look that shows them."""
AS_PERCEIVED = {"gender": "perceived_gender_presentation", "sex": "perceived_gender_presentation"}
AS_PERCEIVED |= {"age": "apparent_age_band", "skin_tone": "apparent_skin_tone_band"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Perceived:
    """One attribute as a video shows it: a value, or None for an abstention with its reason."""

    value: str | None
    reason: str = ""


def unknown(reason: str) -> Perceived:
    """The reading of a reader that cannot tell."""
    return Perceived(value=None, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """One generated video as readers see it, whole or a stretch of it.

    `load` gives the frames (T, H, W, 3) uint8 RGB and frames a second; `arrays` an extractor's
    features, None where it refused. `span` is the stretch, as shares of the length.
    """

    load: Callable[[], tuple[U8, float]]
    arrays: Callable[[str], Arrays | None]
    span: tuple[float, float] = (0.0, 1.0)

    @property
    def is_whole(self) -> bool:
        """Whether this is the whole video."""
        return self.span == (0.0, 1.0)

    def frames(self) -> tuple[U8, float]:
        """The stretch's frames, one at least, and frames a second."""
        frames_THWC, fps = self.load()
        return frames_THWC[self.rows(len(frames_THWC))], fps

    def rows(self, n: int) -> slice:
        """Which of n things that lie evenly over the video belong to the stretch."""
        start = min(n - 1, round(self.span[0] * n))
        return slice(start, max(start + 1, round(self.span[1] * n)))

    def parts(self, n: int) -> Iterator[Footage]:
        """The video in n stretches of one length."""
        for index in range(n):
            yield replace(self, span=(index / n, (index + 1) / n))


class AttributeReader(abc.ABC):
    """One reader. Its file's stem is its name; its options come as text.

    `attributes` maps what it perceives to the legal values, in the order of their scale where
    `ordinal` names them. `stated_by` says which attributes of a prompt state one of them: a video
    whose prompt asked for a presentation says nothing of what the model does unasked.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    attributes: Mapping[str, tuple[str, ...]]
    ordinal: frozenset[str] = frozenset()
    stated_by: Mapping[str, tuple[str, ...]] = {}
    exact: bool = False
    """Whether it knows the truth by construction, so that no error of its own need be feared."""

    def settings(self) -> Mapping[str, Json]:
        """What the readings follow from: options, weights, code."""
        return {}

    @abc.abstractmethod
    def read(self, footage: Footage) -> Mapping[str, Perceived]:
        """Every attribute of the footage, abstentions included."""

    def statement(self, attribute: str, stated: Mapping[str, Json]) -> bool:
        """Whether a prompt with these attributes asks for a value of `attribute`."""
        return any(stated.get(name) is not None for name in self.stated_by.get(attribute, ()))


def checked_attribute(name: str) -> str:
    """A name that an attribute may have.

    Raises:
        UsageError: for what no look can show, or a name that takes a look for a fact.
    """
    plain = name.casefold()
    if plain in AS_PERCEIVED:
        raise UsageError(
            "a video shows how a person is perceived, not what a person is",
            seen=name,
            legal=AS_PERCEIVED[plain],
        )
    if any(word in plain for word in NEVER):
        raise UsageError(
            "no look shows this, and no reader may claim to see it",
            seen=name,
            legal="perceived presentation, such as apparent_skin_tone_band",
            then="use counterfactual prompts that name it, and human review",
        )
    return name


def agreed(
    seen: Sequence[Perceived], *, least_share: float = 0.5, least_agreement: float = 0.75
) -> Perceived:
    """One reading from several of the same thing (frames, variants), or an abstention.

    At least `least_share` of them must tell something, and `least_agreement` of those the same.
    """
    told = [one.value for one in seen if one.value is not None]
    if not seen or len(told) < max(1, least_share * len(seen)):
        reasons = [one.reason for one in seen if one.value is None]
        first = max(sorted(set(reasons)), key=reasons.count) if reasons else "nothing was read"
        return unknown(f"{len(seen) - len(told)} of {len(seen)} looks tell nothing: {first}")
    best = max(sorted(set(told)), key=told.count)
    if told.count(best) < least_agreement * len(told):
        return unknown(f"looks do not agree: {told.count(best)} of {len(told)} say {best}")
    return Perceived(value=best)
