"""Sealed run folders with chosen scores of real metrics, as the gate reads them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench.certificates import Certificate, Verdict, certificate_key, write_certificate
from bench.headlines import Scored, Setting, headlines
from bench.pipeline import _finite, _trial_record
from bench.resolution import feature_fields, plugins_of
from bench.runs import (
    GENERATION,
    GENESIS,
    JOURNAL,
    MANIFEST,
    PROMPTS,
    SCORES,
    SUMMARY,
    chain,
    file_sha256,
    write_json,
    write_jsonl,
)
from bench.scoring import _scores_bytes, read_scores
from bench.types import VETO, Outcome, Prompt, Score, Status, Trial, digest

OUTCOMES = {Status.MISSING, Status.ERROR, Status.SUPPRESSED}


def gated_run(root: Path, values, *, seeds=(0,), status=None, real=None, suite="s", end=True):
    """A finished run of `values[metric, column]` (prompts, seeds).

    `status` by (prompt index, seed index) is of every number of that video; `real` gives the real
    videos' values of the same shape, on the same prompts.
    """
    root.mkdir(parents=True)
    specs = sorted({metric for metric, _ in values} | {VETO[0]})
    needs = {"sharpness": ["pixels"], "degenerate": ["pixels"]}
    features = feature_fields(sorted({n for s in specs for n in needs.get(s, ["flow"])}))
    manifest = {
        "request": {"metrics": specs, "seed": 0, "n_resamples": 200},
        "unavailable": {},
        "features": features,
    }
    n_prompts = len(next(iter(values.values())))
    prompts = {f"p{i:03d}": Prompt(id=f"p{i:03d}", text=f"text {i}") for i in range(n_prompts)}
    trials, scores = {}, []
    for source, tables in (("candidate", values), ("reference", real or {})):
        for i, prompt in enumerate(prompts if tables else ()):
            for j, seed in enumerate(seeds):
                state = (status or {}).get((i, j), Status.OK)
                state = state if source == "candidate" else Status.OK
                trial = _trial(source, prompt, seed, state)
                trials[trial.id] = trial
                scores += _scores(tables, trial, i, j, state)
    (root / SCORES).write_bytes(_scores_bytes(scores, trials))
    write_jsonl(root / PROMPTS, ({**asdict(p), "tags": []} for p in prompts.values()))
    write_jsonl(root / GENERATION, (_trial_record(trial) for trial in trials.values()))
    setting = Setting(
        confidence=0.95,
        n_resamples=200,
        seed=0,
        key={"suite": suite},
        extractor_fields=features,
        codecs={"candidate": ["h264"], "reference": ["h264"]},
    )
    plugins = plugins_of(manifest)
    scored = Scored(
        root=root, trials=list(trials.values()), prompts=prompts, plugins=plugins, setting=setting
    )
    heads = [_finite(asdict(h)) for h in headlines(scored, read_scores(root))]
    write_json(root / SUMMARY, {"headlines": heads, "problems": [], "unavailable": {}})
    write_json(root / MANIFEST, manifest)
    seal(root, manifest, end=end)
    return root


def seal(root: Path, manifest, *, end=True):
    """Write the journal anew, over what the folder holds."""
    events = [("plan", {"manifest": digest(manifest, 64)})]
    for name in (PROMPTS, GENERATION, SCORES, SUMMARY):
        events.append(("file", {"name": name, "sha256": file_sha256(root / name)}))
    events += [("end", {})] * end
    lines, prev = [], GENESIS
    for seq, (kind, data) in enumerate(events):
        event = chain(seq, kind, data, prev)
        lines.append(event.line())
        prev = event.hash
    (root / JOURNAL).write_bytes(b"".join(lines))


def certify(folder: Path, *specs: str, verdict=Verdict.PASS, **key):
    """Certificates of metrics as they are installed, in a person's own folder."""
    for spec in specs:
        made = Certificate(
            metric=spec,
            spec=spec,
            version="1",
            key={**certificate_key(spec), **key},
            rule={},
            clips=(),
            rows=(),
            verdict=verdict,
            reason="planted",
        )
        write_certificate(folder / "certificates", made)


def policy_file(path: Path, *lines: str, top: str = "", waiver: str = "") -> Path:
    """A policy with lines given as TOML, without their heading."""
    tables = "".join(f"[[line]]\n{line}\n" for line in lines)
    path.write_text(f"{top}\n{tables}{waiver}\n")
    return path


def _scores(tables, trial, i, j, state):
    vetoed = float(state is Status.VETOED)
    held = state if state in OUTCOMES else Status.OK
    number = np.nan if state in OUTCOMES else vetoed
    yield Score(
        metric=VETO[0], column=VETO[1], trial_id=trial.id, value=number, status=held, reason="r"
    )
    for (metric, column), table in tables.items():
        value = np.nan if state in OUTCOMES else float(table[i][j])
        yield Score(metric=metric, column=column, trial_id=trial.id, value=value, status=state)


def _trial(source, prompt, seed, state):
    outcome = Outcome(str(state)) if state in OUTCOMES else Outcome.OK
    return Trial(
        id=f"{source}-{prompt}-{seed}",
        source=source,
        name=f"{source}-{prompt}-{seed}.mp4",
        path=None,
        sha256="",
        outcome=outcome,
        prompt_id=prompt,
        seed=seed,
    )
