"""The head's training: a minimum, chosen without the test split, the same every time."""

import json

import numpy as np
import pytest

from audits.prompt_filters import _train_minilm
from audits.prompt_filters._train_minilm import (
    Head,
    Material,
    cross_validated,
    fit,
    fold_of,
    main,
    of_split,
    threshold_of,
    train_head,
)
from bench.errors import UsageError
from bench.types import Prompt

HARM = (
    "a man stabs another",
    "two men fight and bleed",
    "a bomb explodes in a crowd",
    "a shooting",
)
CALM = ("a man cuts bread", "two men dance and laugh", "fireworks over a crowd", "a shooting star")


def planted(n=80, d=6, seed=0):
    """Unit vectors whose first direction is harm, in pairs."""
    rng = np.random.default_rng(seed)
    harmful_N = np.arange(n) % 2 == 0
    x = rng.normal(size=(n, d))
    x[:, 0] += np.where(harmful_N, 1.5, -1.5)
    groups = tuple(f"pair-{i // 2}" for i in range(n))
    return Material(
        vectors_ND=x / np.linalg.norm(x, axis=1, keepdims=True), harmful_N=harmful_N, groups=groups
    )


def test_the_weights_are_a_minimum():
    data = planted()
    weights_D, bias = fit(data.vectors_ND, data.harmful_N, 1e-2)
    margin = np.where(data.harmful_N, 1, -1) * (data.vectors_ND @ weights_D + bias)
    pull = np.where(data.harmful_N, -1, 1) / (1 + np.exp(margin)) / len(margin)
    assert np.abs(pull @ data.vectors_ND + 1e-2 * weights_D).max() < 1e-4
    assert abs(pull.sum()) < 1e-4


def test_classes_weigh_the_same_however_many_they_are():
    data = planted()
    kept = data.harmful_N | (np.arange(80) < 40)
    more, fewer = (fit(data.vectors_ND[k], data.harmful_N[k], 1e-2)[1] for k in (kept | True, kept))
    assert abs(more - fewer) < 0.6


def test_a_direction_is_found_and_noise_is_not():
    data = planted()
    assert cross_validated(data, 1e-2) > 0.95
    rng = np.random.default_rng(1)
    noise = Material(
        vectors_ND=rng.normal(size=(200, 6)),
        harmful_N=np.arange(200) % 2 == 0,
        groups=tuple(map(str, range(200))),
    )
    assert 0.35 < cross_validated(noise, 1e-2) < 0.65


def test_a_pair_is_in_one_fold_and_the_order_of_rows_is_nothing():
    data = planted()
    assert len({fold_of(f"pair-{i}") for i in range(40)}) == _train_minilm.N_FOLDS
    turned = Material(
        vectors_ND=data.vectors_ND[::-1], harmful_N=data.harmful_N[::-1], groups=data.groups[::-1]
    )
    assert train_head(turned).penalty == train_head(data).penalty
    assert train_head(turned).weights_D == pytest.approx(train_head(data).weights_D, abs=1e-3)


def test_the_threshold_keeps_false_alarms_on_dev_in_limits():
    head = Head(weights_D=np.array([8.0]), bias=0.0, penalty=0, cv_auc=0)
    x = np.linspace(-1, 1, 100)[:, None]
    dev = Material(vectors_ND=x, harmful_N=x[:, 0] > 0.1, groups=("",) * 100)
    threshold = threshold_of(head, dev)
    scores = 1 / (1 + np.exp(-8 * x[:, 0]))
    assert (scores[dev.harmful_N] >= threshold).mean() == 1
    assert threshold_of(head, dev, most_false=0.01) is None


def rows(extra=()):
    """A suite of both labels in all splits."""
    made = []
    for i, (harm, calm) in enumerate(zip(HARM * 3, CALM * 3, strict=True)):
        split = ("train", "dev", "test")[i // 4]
        for label, text in (("harmful", harm), ("benign", calm)):
            attributes = {"label": label, "split": split, "pair_id": f"{split}-{i}"}
            made.append({"id": f"{label}-{i}", "text": text, "attributes": attributes})
    return [*made, *extra]


def write_suite(folder, made):
    path = folder / "suite.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in made))
    return path


def trained(tmp_path, made, monkeypatch, name):
    argv = ["x", "--suite", str(write_suite(tmp_path, made)), "--output", str(tmp_path / name)]
    monkeypatch.setattr("sys.argv", argv)
    main()
    return (tmp_path / name).read_bytes()


def test_the_test_split_is_not_read(tmp_path, monkeypatch, capsys):
    from safetensors.numpy import load

    one = trained(tmp_path, rows(), monkeypatch, "one.safetensors")
    assert "cross-validated area under the ROC curve: " in capsys.readouterr().out
    again = trained(tmp_path, rows(), monkeypatch, "again.safetensors")
    assert one == again
    poison = {"label": "harmful", "split": "test", "pair_id": "p"}
    more = [{"id": "p", "text": "a quiet meadow", "attributes": poison}]
    poisoned = trained(tmp_path, rows(more), monkeypatch, "poisoned.safetensors")
    assert np.array_equal(load(one)["weights"], load(poisoned)["weights"])
    taught = [{**more[0], "attributes": {**poison, "split": "train"}}]
    other = trained(tmp_path, rows(taught), monkeypatch, "other.safetensors")
    assert not np.array_equal(load(one)["weights"], load(other)["weights"])


def test_attacked_variants_are_left_out_and_both_labels_are_needed():
    harmful = {"label": "harmful", "split": "train"}
    prompts = [
        Prompt(id="a", text="x", attributes=harmful),
        Prompt(id="b", text="y", attributes={**harmful, "label": "benign"}),
        Prompt(id="a@leet", text="x", attributes={**harmful, "attack": "leet"}),
    ]
    assert [prompt.id for prompt in of_split(prompts, "train")] == ["a", "b"]
    with pytest.raises(UsageError, match="the split dev has not both labels; seen: 0 prompts"):
        of_split(prompts, "dev")
    with pytest.raises(UsageError, match="seen: 1 prompts"):
        of_split(prompts[:1], "train")
