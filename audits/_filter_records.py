"""One record a trial of the filter audit: the decisions, what was made, what a judge saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from audits._bursts import planned_miss
from audits.base import View
from audits.judges.base import Judge, Verdict, ask_judge, frames_of
from audits.outcomes import Gate, Generated, Judged, Passage, generated
from bench.errors import PrescreenError, Unavailable, UsageError
from bench.metrics import _degeneracy as rules
from bench.types import Json, Outcome, Prompt, Trial
from generator.filters.base import ERROR, Decision, Filter

AUTO, NONE, RUN = "auto", "none", "run"
OURS = {"input": "canary_words", "output": "canary_frames"}
"""The filters that ship with the reference cascade."""
OUR_MODELS = ("cascade", "phantom")
OUR_JUDGE = "canary"
IDENTITY = "none"
"""The attack of a prompt that is in no disguise."""
BURSTS = (1, 2, 4, 8, 16, 32)
"""Frames of an event of which the chance to be missed is told."""
ID, LABELS = "trial", ("harmful", "benign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose decisions are audited: for each layer `run`, `none`, or a filter; and the judge."""

    input: Filter[str] | str
    output: Filter[Any] | str
    judge: Judge


def source(view: View, layer: str, option: str) -> str:
    """What `auto` means for a layer: the run's own decisions, or the cascade's filters.

    Raises:
        UsageError: when the run holds no decisions and its model is none of ours.
    """
    held = has_decisions(view)
    if option == RUN and not held:
        raise UsageError(
            "the run holds no decisions of filters",
            seen=f"{layer}=run",
            then=f"--opt {layer}=FILTER (prescreen ls {_kind(layer)}s), or make the run with "
            "filters=shadow",
        )
    if option != AUTO:
        return option
    if held:
        return RUN
    if _model(view) in OUR_MODELS:
        return OURS[layer]
    raise UsageError(
        "the run holds no decisions of filters, and none is named",
        seen=f"model {_model(view) or 'unknown'}",
        legal=f"--opt {layer}=FILTER, or {layer}=none",
        then=f"prescreen ls {_kind(layer)}s",
    )


def judge_of(view: View, option: str) -> str:
    """What `auto` means for the judge.

    Raises:
        UsageError: when the run's model is none of ours and no judge is named.
    """
    if option != AUTO:
        return option
    if _model(view) in OUR_MODELS:
        return OUR_JUDGE
    raise UsageError(
        "no judge is named, and only videos of the phantom world have one by default",
        seen=f"model {_model(view) or 'unknown'}",
        legal="--opt judge=JUDGE",
        then="prescreen ls judges",
    )


def _kind(layer: str) -> str:
    return "prompt_filter" if layer == "input" else "frame_filter"


def _model(view: View) -> str:
    inputs = view.manifest.get("inputs")
    model = inputs.get("model") if isinstance(inputs, Mapping) else None
    return str(model.get("model")) if isinstance(model, Mapping) else ""


def has_decisions(view: View) -> bool:
    """Whether the system that was run left decisions of its own filters."""
    return any(isinstance(trial.details.get("filters"), Mapping) for trial in view.trials)


def label_of(prompt: Prompt) -> str:
    """`harmful` or `benign`: as the prompt says, else by whether it names a hazard."""
    stated = str(prompt.attributes.get("label", ""))
    return stated if stated in LABELS else ("harmful" if prompt.hazard else "benign")


def record_of(asked: Asked, view: View, trial: Trial) -> dict[str, Json]:
    """The record of one trial."""
    prompt = view.prompts.get(trial.prompt_id or "")
    black, problem, facts = looked_at(view, trial)
    made, reason = generated(trial, black=black, problem=problem)
    made, reason = _not_by_others(asked, made, reason)
    there = made is Generated.VIDEO
    verdict = ask_judge(asked.judge, view, trial) if there else None
    return {
        ID: trial.id,
        **_of_prompt(prompt, trial),
        "seed": trial.seed,
        "input": _input(asked.input, trial, prompt),
        "generated": str(made),
        "generated_reason": reason,
        "output": _output(asked.output, view, trial) if there else _held(asked, trial),
        "judged": verdict.record() if verdict else Verdict(judged=Judged.UNKNOWN).record(),
        **facts,
        **hideouts(asked.output, trial, int(str(facts["n_frames"]))),
    }


def about(asked: Asked) -> dict[str, Json]:
    """Whose decisions and verdicts the records hold; it stands in the first of them."""
    layers = {"input": asked.input, "output": asked.output}
    named: dict[str, Json] = {
        layer: one if isinstance(one, str) else f"{one.name} {one.fingerprint}"
        for layer, one in layers.items()
    }
    return {**named, "judge": dict(asked.judge.settings())}


def hideouts(filter_: Any, trial: Trial, n_frames: int) -> dict[str, Json]:
    """What can hide between the frames that the output filter looks at; nothing where unknown.

    `shortest_event` is how many frames an event must last to be seen wherever it begins, `misses`
    the chance to miss one of 1, 2, 4, ... frames that begins anywhere.
    """
    found = _looked_at(filter_, trial, n_frames) if n_frames else None
    if found is None:
        return {"shortest_event": None, "misses": []}
    looked_at, hits = found
    from audits.frame_filters.base import shortest_event

    lengths = [k for k in BURSTS if k <= n_frames]
    return {
        "shortest_event": shortest_event(looked_at, n_frames, hits),
        "misses": [[k, planned_miss(n_frames, k, looked_at, hits)] for k in lengths],
    }


def _looked_at(filter_: Any, trial: Trial, n_frames: int) -> tuple[list[int], int] | None:
    """The frames that a filter looks at, and in how many an event must show to be blocked."""
    inner = getattr(filter_, "filter", filter_)
    if hasattr(inner, "plan") and hasattr(inner, "rule"):
        looked_at = [int(i) for i in inner.plan.indices(n_frames)]
        return looked_at, min(inner.rule.hits(inner.threshold), len(looked_at))
    decision = (_of_run(trial, "output") or {}) if filter_ == RUN else {}
    name = str(decision.get("filter", "")) if filter_ == RUN else getattr(inner, "name", "")
    if not name.startswith(OURS["output"]):
        return None
    from generator.filters.canary_frames import MAX_FRAMES

    at = np.unique(np.linspace(0, n_frames - 1, MAX_FRAMES).round().astype(int))
    # its score is that of the second-highest frame
    return [int(i) for i in at], min(2, len(at))


def _not_by_others(asked: Asked, made: Generated, reason: str) -> tuple[Generated, str]:
    """Nothing is known of what the run's own filter held back, where another takes its place."""
    layer = {Generated.STOPPED: asked.input, Generated.SUPPRESSED: asked.output}.get(made)
    if layer is None or layer in (RUN, NONE):
        return made, reason
    return Generated.MISSING, "the run's own filter held it back, and another one is audited"


def _of_prompt(prompt: Prompt | None, trial: Trial) -> dict[str, Json]:
    if prompt is None:
        return {"prompt": trial.prompt_id, "label": "", "attack": IDENTITY, "base": ""}
    stated = prompt.attributes
    return {
        "prompt": prompt.id,
        "label": label_of(prompt),
        "hazard": prompt.hazard or "",
        "lang": prompt.lang,
        "attack": str(stated.get("attack") or IDENTITY),
        "base": str(stated.get("base") or prompt.id),
        "pair": stated.get("pair_id"),
        "split": str(stated.get("split", "")),
        "identity": str(stated.get("identity", "")),
    }


def looked_at(view: View, trial: Trial) -> tuple[bool | None, str, dict[str, Json]]:
    """Whether a video is black or blank (None: cannot be read), why not, and its length."""
    facts: dict[str, Json] = {"n_frames": 0, "fps": 0.0}
    if trial.outcome is not Outcome.OK:
        return None, trial.reason, facts
    arrays = view.arrays(trial, "pixels")
    if arrays is None:
        where = "is not there any more" if view.path(trial) is None else "cannot be decoded"
        return None, f"the video {where}", facts
    luma = np.asarray(arrays["luma_quantiles"], np.float64)
    std = np.asarray(arrays["std"], np.float64)
    black = max(rules.black_share(luma), rules.blank_share(std)) > rules.EMPTY_SHARE
    return black, "", {"n_frames": len(luma), "fps": _fps(view, trial)}


def _fps(view: View, trial: Trial) -> float:
    from bench.errors import VideoError
    from bench.videos.probe import probe

    path = view.path(trial)
    try:
        return 0.0 if path is None else float(probe(path).fps)
    except VideoError:
        return 0.0


def _input(
    filter_: Filter[str] | str, trial: Trial, prompt: Prompt | None
) -> dict[str, Json] | None:
    if filter_ == NONE:
        return None
    if filter_ == RUN:
        return _of_run(trial, "input")
    if prompt is None:
        return _failed("the trial has no prompt")
    return _asked(filter_, prompt.text)


def _output(filter_: Filter[Any] | str, view: View, trial: Trial) -> dict[str, Json] | None:
    if filter_ == NONE:
        return None
    if filter_ == RUN:
        return _of_run(trial, "output")
    try:
        frames = frames_of(view, trial)
    except Unavailable:
        raise
    except PrescreenError as error:
        return _failed(str(error))
    return _failed("the video is not there") if frames is None else _asked(filter_, frames)


def _held(asked: Asked, trial: Trial) -> dict[str, Json] | None:
    """The output filter's decision on what was made and held back, where the run has one."""
    return _of_run(trial, "output", need=False) if asked.output == RUN else None


def _of_run(trial: Trial, layer: str, *, need: bool = True) -> dict[str, Json] | None:
    filters = trial.details.get("filters")
    decision = filters.get(layer) if isinstance(filters, Mapping) else None
    if isinstance(decision, Mapping):
        return dict(decision)
    return _failed("the run holds no decision of this filter here") if need else None


def _asked(filter_: Any, content: Any) -> dict[str, Json]:
    from generator.filters.guard import ask

    decision = ask(filter_, content)
    score = decision.score
    if decision.decision not in {str(Gate.PASS), str(Gate.BLOCK), ERROR}:
        return _failed(f"it decided {decision.decision!r}")
    if score is not None and not (isinstance(score, int | float) and 0 <= score <= 1):
        return _failed(f"its score is {score}")
    return asdict(decision)


def _failed(reason: str) -> dict[str, Json]:
    return asdict(Decision(filter="", decision=ERROR, score=None, threshold=None, reason=reason))


def passage(record: Mapping[str, Any]) -> Passage:
    """The way of a record's trial."""
    return Passage(
        input=_gate(record["input"]),
        generated=Generated(record["generated"]),
        output=_gate(record["output"]),
        judged=Judged(record["judged"]["judged"]),
    )


def _gate(decision: Mapping[str, Any] | None) -> Gate:
    return Gate.NONE if decision is None else Gate(decision["decision"])
