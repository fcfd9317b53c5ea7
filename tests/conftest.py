"""What every test shares: one cache for fetched assets, and a private one for features."""

import os

import pytest

# the command line does the same: numbers must not depend on the number of cores
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")


@pytest.fixture
def private_cache(monkeypatch, tmp_path):
    """An empty cache folder for one test, in this process and those it starts."""
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"
