"""The one file that knows the order: plan, make, read, score, sum up, report.

From Python, what `prescreen score` does is::

    from bench.pipeline import score
    from bench.plan import ScoreRequest

    result = score(ScoreRequest(videos="out/", reference="real/", metrics=("fvd", "sharpness")))
    result.summary["headlines"]     # a list of records: value, interval, n, key, ...
    result.path                     # the run folder; result.exit_code as the command's

Equal requests on equal inputs give the same folder, and a second call computes nothing. As workers
are processes of their own, a script must call it below `if __name__ == "__main__":`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.engines.local import Local
from bench.errors import EXIT_INCOMPLETE, EXIT_OK
from bench.extraction import Notify, Store, embed_prompts, extract
from bench.features.cache import FeatureCache
from bench.generation import generate
from bench.headlines import Scored, Setting, headlines
from bench.plan import Plan, RunRequest, ScoreRequest, make_plan, make_run_plan
from bench.problems import INCOMPLETE, count_outcomes, find_problems
from bench.registry import parse_spec
from bench.reports.html import write_html
from bench.request import DEFAULT_METRICS, RUN_METRICS
from bench.resolution import feature_fields, resolve
from bench.runs import (
    END,
    GENERATION,
    JOURNAL,
    MANIFEST,
    PROMPTS,
    REPORT,
    SCORES,
    SERIES,
    SOURCES,
    SUMMARY,
    Run,
    is_ended,
    read_journal,
    read_json,
    run_id,
    write_json,
    write_jsonl,
)
from bench.scoring import Plugins, read_scores, score_trials
from bench.types import VETO, Json, Outcome, Prompt, Trial, digest
from bench.videos.read import DECODER

SCHEMA = 1


def _silent(total: int, name: str) -> None:
    """Tell nobody of a video that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finished run: where it is, its summary, whether it was there already."""

    path: Path
    summary: Mapping[str, Any]
    reused: bool
    plan: Plan

    @property
    def n_errors(self) -> int:
        """Videos with an error in the summary; what caused it may be gone by the next reading."""
        problems = self.summary["problems"]
        return len({p["trial_id"] for p in problems if p["status"] == Outcome.ERROR})

    @property
    def exit_code(self) -> int:
        """4 when a video could not be scored or is missing, or a metric asked for by name; else 0.

        The usual metrics are those that can be had: without prompts or without the weights of CLIP
        they are complete without CLIP score, which is listed as not computed.
        """
        lacking = any(problem["status"] in INCOMPLETE for problem in self.summary["problems"])
        errors = any(headline["n_error"] for headline in self.summary["headlines"])
        return EXIT_INCOMPLETE if lacking or errors or self._unanswered() else EXIT_OK

    def _unanswered(self) -> bool:
        """Whether a metric that was asked for by name gave no number at all."""
        if self.plan.request.metrics in {DEFAULT_METRICS, RUN_METRICS}:
            return False
        heads = [h for h in self.summary["headlines"] if h["source"] == "candidate"]
        answered = {h["metric"] for h in heads if h["value"] is not None or h["n_vetoed"]}
        return bool(self.summary["unavailable"]) or any(
            headline["metric"] not in answered for headline in heads
        )


def score(request: ScoreRequest, notify: Notify = _silent) -> Result:
    """Score videos that exist; goes on with a run that was stopped, reuses a finished one."""
    return carry_out(make_plan(request), notify, _silent)


def run(request: RunRequest, notify: Notify = _silent, notify_made: Notify = _silent) -> Result:
    """Make the videos of a suite with a model and score them; goes on where it was stopped."""
    return carry_out(make_run_plan(request), notify, notify_made)


def carry_out(plan: Plan, notify: Notify, notify_made: Notify) -> Result:
    """Everything that a plan asks for, or the finished run that answers it already."""
    request = plan.request
    finished = find_finished(plan)
    if finished is not None:
        held = Result(path=finished, summary=read_json(finished / SUMMARY), reused=True, plan=plan)
        if not (request.retry_errors and held.n_errors):
            return held
    resolved = resolve(plan)
    manifest: dict[str, Json] = {
        "schema": SCHEMA,
        **plan.identity(),
        "features": dict(resolved.features),
        "unavailable": dict(resolved.unavailable),
        "ledger": dict(plan.ledger),
    }
    path = request.run or request.out / run_id(manifest)
    with Run(path, manifest, wait=request.wait, afresh=request.retry_errors) as run:
        run.record("plan", {"manifest": digest(manifest, 64)})
        engine, cache = Local(request.workers), FeatureCache()
        plan = write_sources(run, plan, engine, notify_made)
        embed_prompts(run, plan.prompts, resolved.text_extractors(), engine=engine, cache=cache)
        extract(run, plan.trials, resolved.extractors, engine=engine, cache=cache, notify=notify)
        write_numbers(run.path, manifest, plan.trials, plan.prompts, resolved.plugins)
        for name in (SCORES, SERIES, SUMMARY):
            run.record_file(name)
        write_html(run.path)
        run.record_file(REPORT)
        run.record(END, {})
    return Result(path=path, summary=read_json(path / SUMMARY), reused=False, plan=plan)


def find_finished(plan: Plan) -> Path | None:
    """The folder of a run that answers this plan already, with the weights that are here now."""
    named = plan.request.run
    folders = (
        [named] if named else sorted(plan.request.out.glob(f"{digest(plan.identity(), 12)}-*"))
    )
    return next((folder for folder in folders if _answers(folder, plan)), None)


def _answers(folder: Path, plan: Plan) -> bool:
    if not (folder / SUMMARY).exists() or not (folder / MANIFEST).exists():
        return False
    events, _ = read_journal(folder / JOURNAL)
    if not is_ended(events):
        return False
    manifest = read_json(folder / MANIFEST)
    same = all(manifest.get(name) == value for name, value in plan.identity().items())
    return same and manifest["features"] == feature_fields(list(manifest["features"]))


def write_sources(run: Run, plan: Plan, engine: Local, notify: Notify) -> Plan:
    """Stages 1 to 3: the prompts, the videos that are to be made, every trial and its end."""
    write_jsonl(run.path / PROMPTS, (_prompt_record(prompt) for prompt in plan.prompts))
    run.record_file(PROMPTS)
    if plan.generation is not None:
        made = generate(run, plan.generation, engine=engine, notify=notify)
        plan = replace(plan, trials=(*made, *plan.trials))
    write_jsonl(run.path / GENERATION, (_trial_record(trial) for trial in plan.trials))
    run.record_file(GENERATION)
    # where the files lay is for viewers; no number depends on it, so it is not chained
    paths: dict[str, Json] = {t.id: _place(t.path, run.path) for t in plan.trials if t.path}
    write_json(run.path / SOURCES, paths)
    return plan


def _place(video: Path, root: Path) -> str:
    """A video's path: below the run folder, so that this may be moved, or from the root."""
    below = video.is_relative_to(root)
    return video.relative_to(root).as_posix() if below else str(video.resolve())


def write_numbers(
    root: Path,
    manifest: Mapping[str, Any],
    trials: Sequence[Trial],
    prompts: Sequence[Prompt],
    plugins: Plugins,
) -> None:
    """Stage 5 and the summary, from what the lower stages left in the folder `root`."""
    by_id = {prompt.id: prompt for prompt in prompts}
    score_trials(root, trials, by_id, plugins)
    request, inputs = manifest["request"], manifest["inputs"]
    setting = Setting(
        confidence=request["confidence"],
        n_resamples=request["n_resamples"],
        seed=request["seed"],
        key={
            "suite": inputs["suite"],
            "reference": inputs["reference"],
            "decoder": f"{DECODER} {manifest['environment']['av']}",
            "veto": _veto_version(plugins),
        },
        extractor_fields=manifest["features"],
        options={m.name: parse_spec(spec).options for spec, m in plugins.all().items()},
        codecs=_codecs(Store(root=root), trials),
    )
    scored = Scored(root=root, trials=trials, prompts=by_id, plugins=plugins, setting=setting)
    rows, store = read_scores(root), Store(root=root)
    summary = {
        "headlines": [_finite(asdict(headline)) for headline in headlines(scored, rows)],
        "unavailable": manifest["unavailable"],
        "outcomes": count_outcomes(store, trials),
        "problems": find_problems(store, trials, rows),
        "ledger": manifest["ledger"],
    }
    write_json(root / SUMMARY, summary)


def _veto_version(plugins: Plugins) -> str:
    name, _ = VETO
    return next((m.version for m in plugins.video.values() if m.name == name), "none")


def _codecs(store: Store, trials: Sequence[Trial]) -> dict[str, list[str]]:
    """Codec and pixel format of the videos that were read, by source, each once."""
    seen: dict[str, set[str]] = {}
    for trial in trials:
        facts = store.reading(trial.sha256)["facts"] if trial.outcome is Outcome.OK else None
        if facts:
            known = seen.setdefault(trial.source, set())
            known.add(f"{facts['codec']} {facts['pixel_format']}")
    return {source: sorted(known) for source, known in seen.items()}


def _finite(record: Any) -> Any:
    """The record with NaN, which JSON does not have, as null."""
    if isinstance(record, dict):
        return {key: _finite(value) for key, value in record.items()}
    if isinstance(record, (list, tuple)):
        return [_finite(value) for value in record]
    return None if isinstance(record, float) and record != record else record


def _prompt_record(prompt: Prompt) -> dict[str, Any]:
    return {**asdict(prompt), "tags": list(prompt.tags)}


def _trial_record(trial: Trial) -> dict[str, Any]:
    record = asdict(trial)
    del record["path"]
    return record
