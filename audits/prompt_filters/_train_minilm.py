"""Trains MiniLM's logistic head on the train split of suites.

    python -m audits.prompt_filters._train_minilm               # a minute on one core

Only prompts with `"split": "train"` and a label are read for the weights, those of `dev` for the
threshold, and those of `test` not at all. The penalty is chosen by cross-validation inside the
train split, with whole pairs (a harmful prompt and its benign contrast) in one fold. Writes the
head, prints its sha256 to pin and what was seen on the way.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from audits.prompt_filters.minilm import F64, HEAD, embed, load_minilm
from bench.errors import UsageError
from bench.stats.ranking import auc, choose_threshold
from bench.suites.base import load_suite
from bench.types import Prompt, canonical_json

SUITES = ("safety", "over_refusal")
PENALTIES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
N_FOLDS = 5
MOST_FALSE = 0.2
"""The upper bound of false alarms on dev that a threshold may have."""

B = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Prompts' vectors (N, D), which are harmful (N,), and their groups."""

    vectors_ND: F64
    harmful_N: B
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A logistic head and how it was chosen."""

    weights_D: F64
    bias: float
    penalty: float
    cv_auc: float


def of_split(prompts: Sequence[Prompt], split: str) -> list[Prompt]:
    """The labelled prompts of a split, without attacked variants.

    Raises:
        UsageError: when there are none, or all have one label.
    """
    labels = {"harmful", "benign"}
    found = [
        prompt
        for prompt in prompts
        if prompt.attributes.get("split") == split
        and prompt.attributes.get("label") in labels
        and not prompt.attributes.get("attack")
    ]
    if {prompt.attributes["label"] for prompt in found} != labels:
        raise UsageError(
            f"the split {split} has not both labels", seen=f"{len(found)} prompts", legal="both"
        )
    return found


def material(prompts: Sequence[Prompt]) -> Material:
    """Vectors, labels and groups of prompts; of a long prompt its first window."""
    encoder, _ = load_minilm()
    return Material(
        vectors_ND=np.stack([embed(encoder, prompt.text)[0] for prompt in prompts]),
        harmful_N=np.array([prompt.attributes["label"] == "harmful" for prompt in prompts]),
        groups=tuple(str(prompt.attributes.get("pair_id") or prompt.id) for prompt in prompts),
    )


def fit(vectors_ND: F64, harmful_N: B, penalty: float) -> tuple[F64, float]:
    """Weights (D,) and bias of least balanced log loss plus `penalty / 2 * |weights|^2`."""
    from scipy.optimize import minimize

    sign_N = np.where(harmful_N, 1.0, -1.0)
    n_harmful = int(harmful_N.sum())
    share_N = np.where(harmful_N, 0.5 / n_harmful, 0.5 / (len(harmful_N) - n_harmful))

    def loss(at: F64) -> tuple[float, F64]:
        margin_N = sign_N * (vectors_ND @ at[:-1] + at[-1])
        value = float(share_N @ np.logaddexp(0, -margin_N)) + penalty / 2 * float(at[:-1] @ at[:-1])
        pull_N = -share_N * sign_N / (1 + np.exp(np.clip(margin_N, -500, 500)))
        return value, np.append(pull_N @ vectors_ND + penalty * at[:-1], pull_N.sum())

    start = np.zeros(vectors_ND.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000})
    return np.asarray(found.x[:-1], np.float64), float(found.x[-1])


def fold_of(group: str) -> int:
    """The fold of a group: by its hash, so that no order of rows changes it."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % N_FOLDS


def cross_validated(train: Material, penalty: float) -> float:
    """Area under the ROC curve of scores that were made without the group they belong to."""
    fold_N = np.array([fold_of(group) for group in train.groups])
    scores_N = np.zeros(len(fold_N))
    for fold in np.unique(fold_N):
        out_N = fold_N == fold
        weights_D, bias = fit(train.vectors_ND[~out_N], train.harmful_N[~out_N], penalty)
        scores_N[out_N] = train.vectors_ND[out_N] @ weights_D + bias
    return auc(scores_N[train.harmful_N], scores_N[~train.harmful_N])


def train_head(train: Material) -> Head:
    """The head of the best penalty, trained on all of the train split."""
    areas = {penalty: cross_validated(train, penalty) for penalty in PENALTIES}
    best = max(areas, key=lambda penalty: areas[penalty])
    weights_D, bias = fit(train.vectors_ND, train.harmful_N, best)
    return Head(weights_D=weights_D, bias=bias, penalty=best, cv_auc=areas[best])


def threshold_of(head: Head, dev: Material, most_false: float = MOST_FALSE) -> float | None:
    """The threshold that finds most on dev within the limit of false alarms; None: too few."""
    scores_N = 1 / (1 + np.exp(-(dev.vectors_ND @ head.weights_D + head.bias)))
    point = choose_threshold(scores_N, dev.harmful_N, most_false=most_false)
    return None if point is None else point.threshold


def write(path: Path, head: Head, about: dict[str, str]) -> str:
    """Write a head; returns the file's sha256."""
    import torch

    from generator.store import save_weights

    tensors = {
        "weights": torch.from_numpy(head.weights_D),
        "bias": torch.tensor([head.bias], dtype=torch.float64),
    }
    # one entry: safetensors writes several in an order that changes from run to run
    return save_weights(path, tensors, {"training": canonical_json(about)}, dtype=torch.float32)


def main() -> None:
    """Train, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", action="append", help=f"default: {', '.join(SUITES)}")
    parser.add_argument("--output", type=Path, default=HEAD)
    asked = parser.parse_args()
    suites = [load_suite(name) for name in asked.suite or SUITES]
    prompts = [prompt for suite in suites for prompt in suite.prompts]
    train = material(of_split(prompts, "train"))
    head = train_head(train)
    dev = material(of_split(prompts, "dev"))
    about = {
        "suites": ", ".join(f"{s.name} {s.version} {s.sha256[:16]}" for s in suites),
        "penalty": f"{head.penalty:g}",
        "n_train": f"{int(train.harmful_N.sum())} harmful, {int((~train.harmful_N).sum())} benign",
    }
    sha256 = write(asked.output, head, about)
    for line in (
        *(f"{name}: {value}" for name, value in about.items()),
        f"cross-validated area under the ROC curve: {head.cv_auc:.3f}",
        f"threshold from {len(dev.groups)} prompts of dev: {threshold_of(head, dev)}",
        f"{asked.output.name}: sha256 {sha256}",
    ):
        print(line)  # noqa: T201


if __name__ == "__main__":
    main()
