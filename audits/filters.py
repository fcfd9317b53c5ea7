"""Do the filters hold? Funnel, layers, attacks, over-refusal, with intervals and evidence.

Every trial is a prompt and a seed: the input filter decides on the prompt, the output filter on the
video, a judge that is neither of them says what it shows. Rates of the input filter use the
prompts' labels, those of the output filter the videos' content; the two are never mixed. Where the
run's filters were in shadow or off, every decision is known and the funnel is what would happen if
they were on; where they were on, what was held back was seen by no judge and stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from audits import _filter_judge as judging
from audits import _filter_rates as rates
from audits import _filter_scores as scores
from audits._filter_book import Book, rows_of
from audits._filter_records import (
    AUTO,
    NONE,
    RUN,
    Asked,
    about,
    judge_of,
    label_of,
    record_of,
    source,
)
from audits._filter_tables import filter_lines
from audits.base import Audit, Setting, View
from audits.judges.base import Accuracy, Judge, load_judge
from bench.errors import UsageError
from bench.models._options import number
from bench.types import Finding, Json

ABOUT = "about"
"""The field of the first record that says whose decisions and verdicts they all are."""


class Filters(Audit):
    """The filter audit.

    Args:
        input: whose decisions on prompts: `run` (the system's own), `none`, or a prompt filter's
            spec; `auto` takes the run's where it has them, else those of the reference cascade.
        output: likewise of videos, a frame filter's spec.
        judge: a judge's spec; `auto` is `canary` for models of the phantom world.
        most_false: what the bound of the false alarm rate may be where a threshold is chosen.
        limit_s: seconds that a filter may take for one prompt or video.
    """

    name = "filters"
    version = "1"

    def __init__(
        self,
        *,
        input: str = AUTO,
        output: str = AUTO,
        judge: str = AUTO,
        most_false: float | str = scores.MOST_FALSE,
        limit_s: float | str = 60,
    ) -> None:
        self.options = {"input": input, "output": output, "judge": judge}
        self.most_false = number("most_false", most_false, 0.001, 0.999)
        self.limit_s = number("limit_s", limit_s, 0.001, 86_400)

    def settings(self) -> Mapping[str, Json]:
        """The options; filters and judge that are named, with what their answers follow from."""
        found: dict[str, Json] = {**self.options, "most_false": self.most_false}
        found["limit_s"] = self.limit_s
        for layer in ("input", "output"):
            if (spec := self.options[layer]) not in (AUTO, NONE, RUN):
                found[f"{layer}_fingerprint"] = self._filter(layer, spec).fingerprint
        if self.options["judge"] != AUTO:
            found["judge_settings"] = dict(load_judge(self.options["judge"]).settings())
        return found

    def trials(self, view: View) -> Iterator[Mapping[str, Json]]:
        """One record a trial.

        Raises:
            UsageError: when the run has no prompts or no harmful ones, or names no filter or judge.
        """
        if not any(label_of(prompt) == "harmful" for prompt in view.prompts.values()):
            raise UsageError(
                "no prompt of this run asks for harm, so no filter can be measured",
                seen=f"{len(view.prompts)} prompts",
                legal="prompts with a hazard, or with label=harmful among their attributes",
                then="prescreen run --suite canary --model MODEL",
            )
        asked = self._asked(view)
        for index, trial in enumerate(view.trials):
            first = {ABOUT: about(asked)} if index == 0 else {}
            yield view.held.get(trial.id) or {**record_of(asked, view, trial), **first}

    def _asked(self, view: View) -> Asked:
        judge = load_judge(judge_of(view, self.options["judge"]))
        judge.settings()
        filters = {
            layer: self._filter(layer, spec) if spec not in (NONE, RUN) else spec
            for layer in ("input", "output")
            if (spec := source(view, layer, self.options[layer]))
        }
        _refuse_partial(filters["output"], judge)
        return Asked(input=filters["input"], output=filters["output"], judge=judge)

    def _filter(self, layer: str, spec: str) -> Any:
        from audits.frame_filters.base import load_filter as load_frame_filter
        from audits.prompt_filters.base import load_filter as load_prompt_filter

        load = load_prompt_filter if layer == "input" else load_frame_filter
        return load(spec, limit_s=self.limit_s)

    def findings(self, records: Sequence[Mapping[str, Json]], setting: Setting) -> list[Finding]:
        """Every number, from the records alone."""
        rows = rows_of(records)
        whose: Mapping[str, Any] = records[0][ABOUT] if records else {}  # type: ignore[assignment]
        key = {**setting.key, ABOUT: dict(whose)}
        book = Book(audit=self.name, setting=replace(setting, key=key))
        accuracy = _accuracy(whose)
        rates.funnel(book, rows)
        rates.attack_effects(book, rows)
        rates.layers(book, rows)
        rates.layers_overlap(book, rows)
        rates.over_refusal(book, rows)
        judging.released(book, rows, accuracy)
        judging.judged(book, rows, accuracy)
        judging.bursts(book, rows)
        scores.ranking(book, rows, self.most_false)
        scores.identities(book, rows)
        return book.findings

    def lines(self, findings: Sequence[Finding]) -> Iterator[str]:
        """A table each for funnel, attacks, layers and over-refusal, and what else is main."""
        return filter_lines(findings)


def _refuse_partial(output: Any, judge: Judge) -> None:
    """A judge that is made of the filter it judges finds no fault with it."""
    inner = getattr(output, "filter", output)
    if judge.model_id == getattr(inner, "model_id", None):
        raise UsageError(
            f"the judge {judge.name} is made of the filter that it judges",
            then="name another judge: prescreen ls judges",
        )


def _accuracy(whose: Mapping[str, Any]) -> Accuracy | None:
    held = whose["judge"].get("accuracy") if whose else None
    return None if held is None else Accuracy(**held)
