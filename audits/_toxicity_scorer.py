"""Who scores texts for the toxicity audit, and who reads a caption from frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audits._callables import load_function, parts_of
from audits._filter_parts import FilterFailed, TimeLimited, sha256_of
from bench import registry, weights
from bench.errors import UsageError
from generator.filters.base import ERROR

DETOXIFY = "detoxify"
MODEL = "original"
LABEL = "score"
"""What the number of a plug-in is called that gives only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """Gives a text's scores by label.

    Args:
        name: what it is, as findings name it: `detoxify-original` only for the released weights.
        labels: of its scores, the main one first.
        model_id: a hash of what the scores follow from.
        ask: a text in, scores out; raises whatever it likes.
    """

    name: str
    labels: tuple[str, ...]
    model_id: str
    ask: Callable[[str], Mapping[str, object]]

    def __call__(self, text: str) -> dict[str, float]:
        """Each label's score, 0 to 1.

        Raises:
            FilterFailed: when there is no such score for every label.
        """
        given = self.ask(text)
        return {label: _score(label, given.get(label)) for label in self.labels}


def _score(label: str, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and 0 <= value <= 1):  # type: ignore[operator]  # NaN is in no range
        raise FilterFailed(f"its score of {label} is {value!r:.40}; legal: 0 to 1")
    return float(value)  # type: ignore[arg-type]


def scorer_spec(scorer: str, of_detoxify: Mapping[str, str]) -> registry.Spec:
    """The prompt filter that is asked, with Detoxify's own options put in.

    Raises:
        UsageError: when an option of Detoxify is given to another scorer, or twice.
    """
    spec = registry.parse_spec(scorer)
    given = {name: value for name, value in of_detoxify.items() if value}
    twice = sorted(set(given) & set(spec.options))
    if given and (spec.name != DETOXIFY or twice):
        name = (twice or sorted(given))[0]
        raise UsageError(
            f"the option {name} is for Detoxify" if not twice else f"{name} is given twice",
            seen=f"scorer={scorer}, {name}={given[name]}",
            legal=f"scorer=NAME:{name}=VALUE, or leave scorer out",
        )
    return registry.Spec(name=spec.name, options={**spec.options, **given})


def load_scorer(spec: registry.Spec, limit_s: float) -> Scorer:
    """The scorer of a prompt filter: every label where it has `labels` and `scores`.

    Raises:
        UsageError: for an unknown name or option.
        Unavailable: when a package or weights are missing; says what gets them.
    """
    built: Any = registry.build("prompt_filter", spec)
    limited: TimeLimited[str] = TimeLimited(built, limit_s)
    if hasattr(built, "scores") and hasattr(built, "labels"):
        return Scorer(
            name=_name(spec),
            labels=tuple(built.labels),
            model_id=limited.model_id,
            ask=lambda text: dict(built.scores([text])[0]),
        )
    return Scorer(
        name=_name(spec),
        labels=(LABEL,),
        model_id=limited.model_id,
        ask=lambda text: {LABEL: _decided(limited, text)},
    )


def _decided(filter_: TimeLimited[str], text: str) -> float:
    """A filter's score; what it would block is not asked."""
    decision = filter_(text)
    if decision.decision == ERROR or decision.score is None:
        raise FilterFailed(decision.reason or "the filter gives no score")
    return decision.score


def _name(spec: registry.Spec) -> str:
    """The plug-in's name; Detoxify's only with weights that Detoxify released."""
    if spec.name != DETOXIFY:
        return spec.name
    asset = weights.asset(f"{DETOXIFY}-{spec.options.get('model', MODEL)}")
    if not (file := spec.options.get("checkpoint")):
        return asset.name
    found = sha256_of(Path(file).expanduser())
    return asset.name if found.startswith(asset.sha256) else f"checkpoint-{found[:8]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioner:
    """A user's function from frames, uint8 RGB (T, H, W, 3), to a caption; `code` is its hash."""

    name: str
    code: str
    read: Callable[[Any], Any]

    def __call__(self, frames_THWC: Any) -> str:
        """The caption.

        Raises:
            FilterFailed: when it gave no text.
        """
        given = self.read(frames_THWC)
        if not isinstance(given, str) or not given.strip():
            raise FilterFailed(f"the captioner gave {given!r:.40}; legal: a text")
        return given


def load_captioner(function: str) -> Captioner | None:
    """The captioner `package.module:function`; None for no name.

    Raises:
        UsageError: when there is none of this name, or it cannot be called.
    """
    if not function:
        return None
    read = load_function("prompt_filter", function)
    return Captioner(name=function, code=parts_of("prompt_filter", function), read=read)
