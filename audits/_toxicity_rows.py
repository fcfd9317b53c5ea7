"""One record a trial of the toxicity audit: the scores of its texts, or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from audits._filter_parts import FilterFailed
from audits._filter_records import IDENTITY, label_of
from audits._toxicity_scorer import Captioner, Scorer
from audits.base import View
from audits.judges.base import frames_of
from bench.errors import PrescreenError, Unavailable, printable
from bench.types import Json, Prompt, Trial

PROMPT, REWRITTEN, CAPTION = "prompt", "rewritten", "caption"
SOURCES = (PROMPT, REWRITTEN, CAPTION)
DETAIL = "rewritten_prompt"
"""The name in a trial's details of the text that a model really worked from, where it rewrites."""
SCORED, UNAVAILABLE, ERROR = "scored", "unavailable", "error"
KEPT = 500
"""Characters of a caption that a record keeps; its hash and its scores are of all."""
Heard = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of one trial, read back. `cluster` is the template, else the prompt it came from."""

    trial: str
    prompt: str
    cluster: str
    asked: str
    hazard: str
    category: str
    lang: str
    attack: str
    identity: str
    template: str
    state: str
    scores: Mapping[str, float]

    @property
    def is_scored(self) -> bool:
        """Whether there are scores."""
        return self.state == SCORED


def texts_of(records: Sequence[Mapping[str, Any]], source: str) -> list[Text]:
    """The texts of one source. A prompt is one text, however many videos were made from it."""
    found = [_text(record, source) for record in records if source in record["texts"]]
    if source != PROMPT:
        return found
    first: dict[str, Text] = {}
    for text in found:
        first.setdefault(text.prompt, text)
    return list(first.values())


def _text(record: Mapping[str, Any], source: str) -> Text:
    heard = record["texts"][source]
    names = ("trial", "prompt", "asked", "hazard", "category", "lang", "attack", "identity")
    return Text(
        **{name: record[name] for name in names},
        template=record["template"],
        cluster=record["template"] or record["base"],
        state=heard["state"],
        scores=heard["scores"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Scores a run's texts; each text once.

    Args:
        scorer: a text's scores.
        captioner: reads a text from frames; None where none is given.
        rewrites: whether any trial of the run tells of a rewritten prompt.
        memory: what was heard already, by text.
    """

    scorer: Scorer
    captioner: Captioner | None
    rewrites: bool
    memory: MutableMapping[str, Heard]

    def record(self, view: View, trial: Trial) -> dict[str, Json]:
        """A trial's record."""
        prompt = None if trial.prompt_id is None else view.prompts.get(trial.prompt_id)
        texts: dict[str, Json] = {PROMPT: dict(self._prompt(prompt))}
        if self.rewrites:
            texts[REWRITTEN] = dict(self._rewritten(trial))
        if self.captioner is not None:
            texts[CAPTION] = dict(self._caption(view, trial, self.captioner))
        return {"trial": trial.id, **_of_prompt(prompt, trial), "texts": texts}

    def hear(self, text: str) -> Heard:
        """A text's scores, or why there are none."""
        if text not in self.memory:
            self.memory[text] = self._heard(text)
        return self.memory[text]

    def _heard(self, text: str) -> Heard:
        scores, problem = _tried(lambda: self.scorer(text))
        if scores is None:
            return _without(ERROR, problem)
        data = text.encode("utf-8", errors="surrogatepass")
        found = {"state": SCORED, "reason": "", "scores": scores}
        return {**found, "sha256": sha256(data).hexdigest()}

    def _prompt(self, prompt: Prompt | None) -> Heard:
        if prompt is None:
            return _without(UNAVAILABLE, "the trial has no prompt")
        return self.hear(prompt.text)

    def _rewritten(self, trial: Trial) -> Heard:
        given = trial.details.get(DETAIL)
        if given is None:
            return _without(UNAVAILABLE, "the model tells of no rewritten prompt")
        if not isinstance(given, str) or not given.strip():
            return _without(ERROR, f"the detail {DETAIL} is {given!r:.40}; legal: a text")
        return self.hear(given)

    def _caption(self, view: View, trial: Trial, captioner: Captioner) -> Heard:
        frames_THWC, problem = _tried(lambda: frames_of(view, trial))
        if problem:
            return _without(ERROR, f"the video cannot be read: {problem}")
        if frames_THWC is None:
            why = trial.reason or "the video is not there"
            return _without(UNAVAILABLE, f"no video: {why}")
        caption, problem = _tried(lambda: captioner(frames_THWC))
        if caption is None:
            return _without(ERROR, f"the captioner failed: {problem}")
        return {**self.hear(caption), "text": caption[:KEPT]}


def _tried(work: Callable[[], Any]) -> tuple[Any, str]:
    """What some work gave, or None and what went wrong; what is not installed is not a failure.

    Raises:
        Unavailable: when it is not there for any trial.
    """
    try:
        return work(), ""
    except Unavailable:
        raise
    except (FilterFailed, PrescreenError) as error:
        return None, printable(error, 400)
    except Exception as error:  # noqa: BLE001 - a user's function may fail in any way
        return None, printable(f"{type(error).__name__}: {error}", 400)


def _without(state: str, reason: str) -> Heard:
    return {"state": state, "reason": reason, "scores": {}, "sha256": ""}


def _of_prompt(prompt: Prompt | None, trial: Trial) -> dict[str, Json]:
    """What findings group by; all texts, empty where nothing is said."""
    name = trial.prompt_id or trial.name
    stated = {} if prompt is None else prompt.attributes
    return {
        "prompt": name,
        "asked": "" if prompt is None else label_of(prompt),
        "hazard": "" if prompt is None else prompt.hazard or "",
        "category": "" if prompt is None else prompt.category,
        "lang": "" if prompt is None else prompt.lang,
        "attack": str(stated.get("attack") or IDENTITY),
        "base": str(stated.get("base") or name),
        "identity": str(stated.get("identity") or ""),
        "template": str(stated.get("template") or ""),
    }
