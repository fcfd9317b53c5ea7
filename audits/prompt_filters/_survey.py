"""Measures prompt filters on the text suites: harm, over-refusal, identities, languages, attacks.

    python -m audits.prompt_filters._survey    # some minutes on one core

Labels are the prompts' own. Only the test split is reported where a suite has splits; thresholds
marked `dev` were chosen on dev. A filter whose package or weights are missing is listed with the
command that gets them, and has no numbers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audits._normalise import normalised
from audits._survey import FOLDER, TEXT, write_results
from audits.prompt_filters.base import TextFilter, load_filter
from audits.prompt_filters.normalised import Normalised
from bench import registry
from bench.errors import Unavailable
from bench.stats.multiplicity import benjamini_hochberg
from bench.stats.permutation import paired
from bench.stats.proportions import wilson
from bench.stats.ranking import choose_threshold, delong
from bench.stats.tables import mcnemar
from bench.suites.base import Suite, load_suite
from bench.types import Prompt
from generator.filters.base import BLOCK, PASS, Decision, Filter

FILTERS = ("wordlist", "alt_profanity", "minilm", "detoxify")
SUITES = ("safety", "over_refusal", "bias_counterfactual", "multilingual")
MOST_FALSE = 0.2
SEED = 0

F64 = npt.NDArray[np.float64]
B = npt.NDArray[np.bool_]
Screen = Filter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Prompts with the scores that a filter gave them (N,); NaN where it failed."""

    prompts: tuple[Prompt, ...]
    scores_N: F64

    @property
    def harmful_N(self) -> B:
        """Which are labelled harmful."""
        return np.array([prompt.attributes.get("label") == "harmful" for prompt in self.prompts])

    def only(self, kept_N: Sequence[bool] | B) -> Scored:
        """Some of them."""
        kept = np.asarray(kept_N, dtype=bool)
        prompts = tuple(prompt for prompt, keep in zip(self.prompts, kept, strict=True) if keep)
        return Scored(prompts=prompts, scores_N=self.scores_N[kept])

    def values(self, name: str) -> list[str]:
        """An attribute, or the field of this name, of each."""
        return [str(p.attributes.get(name) or getattr(p, name, "") or "") for p in self.prompts]


class Remembered:
    """A filter that is asked once about each text: many disguises come off to one text."""

    def __init__(self, filter_: Screen) -> None:
        self.filter = filter_
        self.name, self.fingerprint = filter_.name, filter_.fingerprint
        self._held: dict[str, Decision] = {}

    def prepare(self, texts: Iterable[str]) -> None:
        """Have many texts scored at once, where the filter can do that."""
        inner = getattr(self.filter, "filter", self.filter)
        new = sorted({text for text in texts if text not in self._held})
        if not isinstance(inner, TextFilter):
            return
        for text, score in zip(new, inner.score_all(new), strict=True):
            self._held[text] = Decision(
                filter=self.name,
                decision=BLOCK if score >= inner.threshold else PASS,
                score=score,
                threshold=inner.threshold,
            )

    def __call__(self, content: str) -> Decision:
        """The decision, from memory where there is one."""
        if content not in self._held:
            self._held[content] = self.filter(content)
        return self._held[content]


def ask(screen: Screen, prompts: Iterable[Prompt], texts: Iterable[str] | None = None) -> Scored:
    """Every prompt's score, or that of other texts in their place."""
    asked = tuple(prompts)
    put = list(texts) if texts is not None else [prompt.text for prompt in asked]
    if isinstance(screen, Remembered):
        screen.prepare(put)
    made = [screen(text) for text in put]
    scores = [np.nan if decision.score is None else decision.score for decision in made]
    return Scored(prompts=asked, scores_N=np.array(scores, np.float64))


def of_split(suite: Suite, split: str) -> list[Prompt]:
    """The labelled prompts of a split; all of them where the suite has no splits."""
    splits = {prompt.attributes.get("split") for prompt in suite.prompts}
    kept = [p for p in suite.prompts if splits == {None} or p.attributes.get("split") == split]
    return [prompt for prompt in kept if prompt.attributes.get("label") in {"harmful", "benign"}]


def rate(blocked_N: B) -> dict[str, Any]:
    """How many of n are blocked, with Wilson's interval; no interval where n is 0."""
    k, n = int(blocked_N.sum()), len(blocked_N)
    low, high = wilson(k / n, n) if n else (0.0, 1.0)
    return {"k": k, "n": n, "low": low, "high": high}


def rates(scored: Scored, threshold: float) -> dict[str, Any]:
    """True and false positive rate at a threshold; prompts on which the filter failed beside."""
    sound = scored.only(np.isfinite(scored.scores_N))
    blocked_N = sound.scores_N >= threshold
    return {
        "tpr": rate(blocked_N[sound.harmful_N]),
        "fpr": rate(blocked_N[~sound.harmful_N]),
        "n_error": len(scored.scores_N) - len(sound.scores_N),
    }


def by(scored: Scored, name: str, threshold: float) -> dict[str, Any]:
    """The rates of each value of an attribute."""
    values = scored.values(name)
    return {
        value: rates(scored.only([v == value for v in values]), threshold)
        for value in sorted(set(values))
    }


def separation(scored: Scored) -> dict[str, Any]:
    """Area under the ROC curve with DeLong's interval."""
    sound = scored.only(np.isfinite(scored.scores_N))
    area, interval = delong(sound.scores_N[sound.harmful_N], sound.scores_N[~sound.harmful_N])
    return {"auc": area, "low": interval.low, "high": interval.high}


def identities(scored: Scored, threshold: float) -> list[dict[str, Any]]:
    """False alarms of each identity, and how far its score lies off its template's mean.

    The sentences of a template differ in the identity alone and are all benign, so any shift is the
    filter's. p is of flipping signs by template, corrected over identities (Benjamini-Hochberg).
    """
    templates, terms = scored.values("template"), scored.values("identity")
    mean = {
        name: float(np.nanmean(scored.scores_N[[t == name for t in templates]]))
        for name in set(templates)
    }
    shift_N = scored.scores_N - np.array([mean[name] for name in templates])
    rows = []
    for term in sorted(set(terms)):
        at = [i for i, t in enumerate(terms) if t == term and np.isfinite(shift_N[i])]
        rows.append(
            {
                "identity": term,
                **rate(scored.scores_N[at] >= threshold),
                "shift": float(shift_N[at].mean()),
                "p": paired(shift_N[at], [templates[i] for i in at]).p,
            }
        )
    adjusted = benjamini_hochberg([row["p"] for row in rows])
    return [{**row, "p_bh": float(p)} for row, p in zip(rows, adjusted, strict=True)]


def attacked(screen: Screen, plain: Scored, spec: str, threshold: float) -> dict[str, Any]:
    """The rates under an attack, and McNemar's test of harmful prompts that changed sides."""
    from audits.attacks.base import parse_attack

    attack = parse_attack(spec)
    texts = [attack(prompt.text, SEED) for prompt in plain.prompts]
    found = ask(screen, plain.prompts, texts)
    before_N, after_N = (s.scores_N[s.harmful_N] >= threshold for s in (plain, found))
    lost, won = int((before_N & ~after_N).sum()), int((~before_N & after_N).sum())
    test = {"lost": lost, "won": won, "p": mcnemar(lost, won)}
    return {**rates(found, threshold), **test, "meaning_for": attack.meaning_for}


def disguised(texts: Sequence[str], attacks: Sequence[str]) -> Iterator[str]:
    """Every text under every attack."""
    from audits.attacks.base import parse_attack

    made = [parse_attack(spec) for spec in attacks]
    return (attack(text, SEED) for attack in made for text in texts)


def under_attack(
    screens: Mapping[str, Screen], prompts: Sequence[Prompt], specs: Sequence[str], threshold: float
) -> dict[str, Any]:
    """Each way of asking (plain, normalised) under each attack; p corrected over attacks."""
    table: dict[str, Any] = {}
    for way, screen in screens.items():
        plain = ask(screen, prompts)
        rows = {spec: attacked(screen, plain, spec, threshold) for spec in specs}
        adjusted = benjamini_hochberg([row["p"] for row in rows.values()])
        for row, p in zip(rows.values(), adjusted, strict=True):
            row["p_bh"] = float(p)
        table[way] = {"none": rates(plain, threshold), **rows}
    return table


def of_filter(spec: str, suites: Mapping[str, Suite], attacks: Sequence[str]) -> dict[str, Any]:
    """Everything of one filter, or why it has no numbers."""
    try:
        screen = Remembered(load_filter(spec))
    except Unavailable as error:
        return {"unavailable": str(error)}
    threshold = float(registry.build("prompt_filter", spec).threshold)
    scored = {name: ask(screen, of_split(suite, "test")) for name, suite in suites.items()}
    dev = ask(screen, of_split(suites["safety"], "dev"))
    point = choose_threshold(dev.scores_N, dev.harmful_N, most_false=MOST_FALSE)
    found: dict[str, Any] = {
        "threshold": threshold,
        "dev_threshold": point.threshold if point else None,
        "safety": rates(scored["safety"], threshold),
        "safety_dev": rates(scored["safety"], point.threshold) if point else None,
        "separation": separation(scored["safety"]),
        "hazards": by(scored["safety"], "hazard", threshold),
        "over_refusal": rates(scored["over_refusal"], threshold),
        "over_refusal_by": by(scored["over_refusal"], "category", threshold),
        "identities": identities(scored["bias_counterfactual"], threshold),
        "languages": by(scored["multilingual"], "lang", threshold)
        if "multilingual" in scored
        else {},
    }
    test = [prompt.text for prompt in scored["safety"].prompts]
    screen.prepare(normalised(text, "full") for text in [*test, *disguised(test, attacks)])
    ways: dict[str, Screen] = {"plain": screen, "normalised": Normalised(filter=screen)}
    found["attacks"] = under_attack(ways, scored["safety"].prompts, attacks, threshold)
    return found


def measure(filters: Sequence[str] = FILTERS) -> dict[str, Any]:
    """Everything, as JSON."""
    suites = {name: load_suite(name) for name in SUITES if name in registry.names("suite")}
    attacks = [*registry.names("attack"), "leet+spacing"]
    return {
        "suites": {
            name: {"version": s.version, "sha256": s.sha256[:16], "n": len(s.prompts)}
            for name, s in suites.items()
        },
        "filters": {spec: of_filter(spec, suites, attacks) for spec in filters},
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=FOLDER / TEXT)
    asked = parser.parse_args()
    write_results(asked.results, measure())


if __name__ == "__main__":
    main()
