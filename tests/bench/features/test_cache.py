"""The feature cache: same bytes in and out, safe among processes, bounded, self-healing."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bench.errors import UsageError
from bench.features.cache import FeatureCache, arrays_digest, load_arrays, parse_size, save_arrays

ARRAYS = {"logits": np.arange(6, dtype=np.float32).reshape(2, 3), "offset": np.array(7)}
SHA = "ab" * 32


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "features", limit_bytes=10**9)


def test_what_goes_in_comes_out(cache):
    assert cache.get(SHA, "i3d-1-x") is None
    cache.put(SHA, "i3d-1-x", ARRAYS)
    found = cache.get(SHA, "i3d-1-x")
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)
    assert cache.get(SHA, "i3d-2-x") is None


dtypes = st.sampled_from([np.uint8, np.int64, np.float32, np.float64, np.bool_, np.uint64])


@settings(deadline=None, max_examples=30)
@given(hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
def test_every_shape_and_type_survives(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("arrays") / "a.safetensors"
    save_arrays(path, {"a": array})
    first = path.read_bytes()
    found = load_arrays(path)["a"]
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()
    save_arrays(path, {"a": found})
    assert path.read_bytes() == first


def test_a_transposed_array_is_the_same_array(tmp_path):
    array = np.arange(6.0).reshape(2, 3).T
    save_arrays(tmp_path / "a", {"a": array})
    np.testing.assert_array_equal(load_arrays(tmp_path / "a")["a"], array)
    assert arrays_digest({"a": array}) == arrays_digest({"a": array.copy()})


@pytest.mark.parametrize("keep", [0, 5, 60, -1])
def test_a_damaged_file_is_absent_and_goes(cache, keep):
    cache.put(SHA, "k", ARRAYS)
    path = cache.path(SHA, "k")
    data = bytearray(path.read_bytes())
    if keep < 0:
        data[-1] ^= 1
    else:
        data = data[:keep]
    path.write_bytes(bytes(data))
    assert cache.get(SHA, "k") is None
    assert not path.exists()


def test_pruning_removes_what_was_not_read_for_longest(cache):
    for i in range(4):
        cache.put(f"{i:064d}", "k", ARRAYS)
        os.utime(cache.path(f"{i:064d}", "k"), (1000 + i, 1000 + i))
    assert cache.get(f"{0:064d}", "k") is not None  # read now, so it is young again
    size = next(cache.entries()).size_bytes
    removed = cache.prune(limit_bytes=2 * size)
    assert [entry.sha256[-1] for entry in removed] == ["1", "2"]
    assert [entry.sha256[-1] for entry in cache.entries()] == ["0", "3"]


def test_many_writers_at_once_leave_whole_files(cache):
    code = f"""
        import numpy as np
        from pathlib import Path
        from bench.features.cache import FeatureCache
        cache = FeatureCache(Path({str(cache.root)!r}), limit_bytes=2000)
        for turn in range(40):
            for i in range(5):
                cache.put(f"{{i:064d}}", "k", {{"a": np.full(50, i)}})
                held = cache.get(f"{{i:064d}}", "k")
                assert held is None or (held["a"] == i).all()
            cache.prune()
    """
    writers = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", textwrap.dedent(code)])
        for _ in range(3)
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    assert all(cache.get(entry.sha256, "k") is not None for entry in list(cache.entries()))
    assert not list(cache.root.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("text", "size"), [("5GB", 5e9), ("1.5 mb", 1.5e6), ("0B", 0), ("10kb", 1e4)]
)
def test_sizes_are_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "five GB", "-1GB", "5", "5 PB!", "nanGB"])
def test_bad_sizes_are_shown(text):
    with pytest.raises(UsageError, match="a size cannot be read"):
        parse_size(text)


def test_drafts_of_killed_processes_are_removed_after_a_day(cache):
    cache.put(SHA, "i3d-1-x", ARRAYS)
    folder = cache.path(SHA, "i3d-1-x").parent
    old, fresh = folder / ".a.safetensors.0.tmp", folder / ".b.safetensors.1.tmp"
    for draft in (old, fresh):
        draft.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert cache.prune() == []
    assert not old.exists()
    assert fresh.exists()
    assert cache.get(SHA, "i3d-1-x") is not None
