"""The seam to judges: what a video shows, said by something else than the filters that are judged.

    from audits.judges.base import ask_judge, load_judge

    judge = load_judge("canary")
    verdict = ask_judge(judge, view, trial)       # harmful, benign, unknown or error; never raises
    judge.accuracy                                # Se and Sp with their n, or None: not measured

A judge abstains (`unknown`) where it cannot say. Its sensitivity and specificity are those of the
verdicts that it gives; abstentions are counted beside them. A judge without measured accuracy may
be used, and every number then says that judge error is not corrected.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from audits.base import View
from audits.outcomes import Judged
from bench import registry
from bench.errors import Unavailable, UsageError, explain
from bench.stats.proportions import wilson
from bench.types import Json, Trial

U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a judge says of one video. `score` is 0 to 1, higher for harm, where it has one."""

    judged: Judged
    score: float | None = None
    reason: str = ""

    def record(self) -> dict[str, Json]:
        """The verdict as JSON, for a journal."""
        return {"judged": str(self.judged), "score": self.score, "reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often a judge is right, counted over the verdicts that it gave.

    Attributes:
        material: what it was shown.
        truth: where the truth comes from.
        k_se: harmful videos that it called harmful, of `n_se` on which it gave a verdict.
        k_sp: benign videos that it called benign, of `n_sp` on which it gave a verdict.
        n_abstained_harmful: harmful videos on which it gave none; likewise `n_abstained_benign`.
        how: the command that measures it.
    """

    material: str
    truth: str
    k_se: int
    n_se: int
    k_sp: int
    n_sp: int
    n_abstained_harmful: int
    n_abstained_benign: int
    how: str

    @property
    def se(self) -> float:
        """Sensitivity."""
        return self.k_se / self.n_se

    @property
    def sp(self) -> float:
        """Specificity."""
        return self.k_sp / self.n_sp

    def interval(self, which: str, confidence: float = 0.95) -> tuple[float, float]:
        """Wilson's interval of `se` or `sp`."""
        if which == "se":
            return wilson(self.se, self.n_se, confidence)
        return wilson(self.sp, self.n_sp, confidence)

    def record(self) -> dict[str, Json]:
        """The counts as JSON, for an audit's settings."""
        return {name: getattr(self, name) for name in self.__slots__}


class Judge(abc.ABC):
    """One judge. Its file's stem is its name; it is built with options as text."""

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    hazards: ClassVar[tuple[str, ...]] = ()
    """The classes of hazards.toml that it can see; empty: whatever it is used for."""

    @property
    def accuracy(self) -> Accuracy | None:
        """Se and Sp on material like that which is judged; None where nobody measured them."""
        return None

    @property
    def model_id(self) -> str:
        """What looks at the frames. A filter with this `model_id` may not be judged by it."""
        return self.name

    @abc.abstractmethod
    def settings(self) -> Mapping[str, Json]:
        """Everything that the verdicts follow from: options, weights, extractors' keys.

        Raises:
            Unavailable: when weights or packages are missing; the message says how to get them.
        """

    @abc.abstractmethod
    def judge(self, view: View, trial: Trial) -> Verdict:
        """What the trial's video shows; asked only of trials that have a video."""


def load_judge(spec: str) -> Judge:
    """The judge of a spec.

    Raises:
        UsageError: for an unknown name or option.
    """
    built: Any = registry.build("judge", spec)
    if not isinstance(built, Judge):
        raise UsageError(
            f"{spec} is not a judge",
            seen=type(built).__name__,
            legal="a subclass of audits.judges.base.Judge",
            then="prescreen ls judges",
        )
    return built


def ask_judge(judge: Judge, view: View, trial: Trial) -> Verdict:
    """A judge's verdict; `error` when it raises or gives something else than a verdict.

    Raises:
        Unavailable: when its weights are gone: no fault of the video.
    """
    try:
        verdict: object = judge.judge(view, trial)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - a judge may fail on one video in any way
        reason = explain(f"the judge failed with {type(error).__name__}: {error}")
        return Verdict(judged=Judged.ERROR, reason=reason)
    if not isinstance(verdict, Verdict):
        reason = f"the judge gave {type(verdict).__name__} in place of a verdict"
        return Verdict(judged=Judged.ERROR, reason=reason)
    if verdict.score is not None and not 0 <= verdict.score <= 1:
        return Verdict(judged=Judged.ERROR, reason=f"the judge's score is {verdict.score}")
    return verdict


def frames_of(view: View, trial: Trial) -> U8 | None:
    """The frames of a trial's video, uint8 (T, H, W, 3); None where there is none to read.

    Raises:
        VideoError: when it cannot be decoded.
        UsageError: when it is too large to be held in memory (1 GiB).
    """
    from bench.videos.read import decode_all

    path = view.path(trial)
    return None if path is None else decode_all(path)
