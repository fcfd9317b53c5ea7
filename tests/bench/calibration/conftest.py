"""Small clips of the phantom and a cache of their own, so that ladders take seconds."""

import pytest

from bench.calibration import clips


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Clips of 24x40 px and 8 frames; the folder for certificates."""
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "cache"))
    for name, value in {"HEIGHT_PX": 24, "WIDTH_PX": 40, "N_FRAMES": 8}.items():
        monkeypatch.setattr(clips, name, value)
    return tmp_path / "certificates"
