"""Run folders with chosen numbers, as `compare` and `plan` read them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench.runs import JOURNAL, MANIFEST, PROMPTS, SCORES, SUMMARY, chain, write_json, write_jsonl
from bench.scoring import _scores_bytes
from bench.types import Headline, Outcome, Prompt, Score, Status, Trial

KEY = {"metric": "m", "version": "1", "suite": "s", "codecs": ["h264 gbrp"]}


def fake_run(
    root: Path,
    values: dict[str, np.ndarray],
    *,
    seeds: tuple[int, ...] = (0, 1),
    prompts: list[str] | None = None,
    key: dict | None = None,
    status: dict[tuple[str, int], Status] | None = None,
    finished: bool = True,
    **headline,
) -> Path:
    """A finished run of metrics `values[name]` (prompts, seeds), all lower is better."""
    root.mkdir(parents=True)
    n_prompts = len(next(iter(values.values())))
    names = prompts or [f"p{i:03d}" for i in range(n_prompts)]
    trials, scores = {}, []
    for i, prompt in enumerate(names):
        for j, seed in enumerate(seeds):
            trial = _trial(prompt, seed)
            trials[trial.id] = trial
            state = (status or {}).get((prompt, seed), Status.OK)
            for name, table in values.items():
                value = float(table[i][j]) if state is Status.OK else float("nan")
                fields = {"metric": name, "column": "x", "trial_id": trial.id}
                scores.append(Score(**fields, value=value, status=state))
    (root / SCORES).write_bytes(_scores_bytes(scores, trials))
    write_jsonl(root / PROMPTS, (_prompt(name, i) for i, name in enumerate(names)))
    heads = [_headline(name, {**KEY, **(key or {})}, **headline) for name in values]
    write_json(root / SUMMARY, {"headlines": heads, "problems": []})
    write_json(root / MANIFEST, {"request": {"metrics": list(values)}, "unavailable": {}})
    event = chain(0, "end" if finished else "plan", {}, "0" * 64)
    (root / JOURNAL).write_bytes(event.line())
    return root


def _trial(prompt: str, seed: int) -> Trial:
    return Trial(
        id=f"{prompt}-{seed}",
        source="candidate",
        name=f"{prompt}-{seed}.mp4",
        path=None,
        sha256="0",
        outcome=Outcome.OK,
        prompt_id=prompt,
        seed=seed,
    )


def _prompt(name: str, i: int) -> dict:
    prompt = Prompt(id=name, text=f"text of {name}", category="even" if i % 2 == 0 else "odd")
    return {**asdict(prompt), "tags": []}


def _headline(name: str, key: dict, **changes) -> dict:
    counts = {f"n_{what}": 0 for what in ("missing", "error", "vetoed", "unavailable")}
    fields = {
        "metric": name,
        "column": "x",
        "source": "candidate",
        "subset": "kept",
        "value": 0.0,
        "interval": None,
        "unit": "u",
        "higher_is_better": False,
        "n": 1,
        "n_clusters": 1,
        "cluster": "prompt",
        "key": {**key, "metric": name},
    }
    return asdict(Headline(**{**fields, **counts, **changes}))
