"""Files of weights: what is not whole, not pinned or of another network is refused."""

from __future__ import annotations

import pytest
import torch

from generator.store import (
    BadWeights,
    add_difference,
    fill,
    load_weights,
    save_difference,
    save_weights,
    write_atomic,
)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.safetensors"
    return path, save_weights(path, {"weight": torch.ones(2, 3)}, {"stage": "base"})


def test_what_is_saved_comes_back(saved) -> None:
    path, sha256 = saved
    weights = load_weights(path, sha256=sha256)
    assert torch.equal(weights.tensors["weight"], torch.ones(2, 3))
    assert weights.about == {"stage": "base"}
    assert weights.sha256 == sha256


def test_the_same_tensors_make_the_same_bytes(saved, tmp_path) -> None:
    again = tmp_path / "again.safetensors"
    assert save_weights(again, {"weight": torch.ones(2, 3)}, {"stage": "base"}) == saved[1]


@pytest.mark.parametrize("cut", [3, 12, 40, -1])
def test_truncated_files_are_refused(saved, cut) -> None:
    path, _ = saved
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BadWeights, match="is not whole"):
        load_weights(path)


def test_one_changed_bit_is_refused(saved) -> None:
    path, sha256 = saved
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadWeights, match=r"not the pinned file; seen: sha256"):
        load_weights(path, sha256=sha256)


def test_numbers_that_are_not_finite_are_refused(tmp_path) -> None:
    path = tmp_path / "net.safetensors"
    save_weights(path, {"weight": torch.tensor([1.0, float("nan")])}, {})
    with pytest.raises(BadWeights, match="not finite"):
        load_weights(path)


@pytest.mark.parametrize(
    "tensors",
    [{}, {"weight": torch.zeros(2, 3)}, {"weight": torch.zeros(3, 2), "bias": torch.zeros(2)}],
)
def test_weights_of_another_network_are_refused(tensors) -> None:
    with pytest.raises(BadWeights, match=r"not of a test: [123] names or shapes differ"):
        fill(torch.nn.Linear(3, 2), tensors, "a test")


def test_a_failed_write_leaves_nothing(tmp_path) -> None:
    with pytest.raises(TypeError):
        write_atomic(tmp_path / "file", "text")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_difference_in_eight_bits_gives_the_tensors_back_within_a_few_percent(tmp_path) -> None:
    generator = torch.Generator().manual_seed(0)
    first = {"a": torch.randn(40, 30, generator=generator), "b": torch.ones(3)}
    save_weights(tmp_path / "teacher.safetensors", first, {})
    onto = load_weights(tmp_path / "teacher.safetensors")
    moved = {"a": onto.tensors["a"] + 1e-3 * torch.randn(40, 30, generator=generator)}
    moved["b"] = onto.tensors["b"].clone()
    path = tmp_path / "student.safetensors"
    save_difference(path, moved, onto, {"n_steps": "8"})
    kept = load_weights(path)
    again = add_difference(kept, onto)
    assert kept.about["n_steps"] == "8"
    assert (again["a"] - moved["a"]).norm() < 0.05 * (moved["a"] - onto.tensors["a"]).norm()
    assert torch.equal(again["b"], moved["b"])
    assert path.stat().st_size < 0.8 * (tmp_path / "teacher.safetensors").stat().st_size
    save_weights(tmp_path / "other.safetensors", {"a": first["a"]}, {})
    with pytest.raises(BadWeights, match="a student is of another teacher"):
        add_difference(kept, load_weights(tmp_path / "other.safetensors"))
    with pytest.raises(BadWeights, match="not a difference to this file"):
        add_difference(onto, onto)
