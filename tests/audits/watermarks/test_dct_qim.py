import numpy as np
import pytest
from scipy.stats import binom

from audits.watermarks.base import load_watermark
from audits.watermarks.dct_qim import DctQim
from bench.errors import UsageError
from generator.watermark import Watermark, embed, payload_bits

FRAMES = np.random.default_rng(1).integers(60, 190, (3, 32, 48, 3), dtype=np.uint8)


def test_a_marked_clip_is_found_and_an_unmarked_one_is_not():
    marked = Watermark().mark_frames(FRAMES, None)
    seen = DctQim().detect(marked)
    assert seen.n_right == 32
    assert seen.p_value == pytest.approx(2.0**-32)
    assert seen.score > 0.9
    plain = DctQim().detect(FRAMES)
    assert plain.p_value == pytest.approx(binom.sf(plain.n_right - 1, 32, 0.5))
    assert plain.p_value > 1e-3


def test_key_and_payload_are_options(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"secret")
    marked = embed(FRAMES, payload_bits(0xDEADBEEF), b"secret")
    assert load_watermark(f"dct_qim:key={key},payload=deadbeef").detect(marked).n_right == 32
    assert DctQim(payload="deadbeef").detect(marked).p_value > 1e-3
    settings = DctQim(key=str(key)).settings()
    assert settings["key"] != DctQim().settings()["key"]
    assert "secret" not in str(settings)


def test_small_frames_and_bad_options_are_refused(tmp_path):
    with pytest.raises(ValueError, match="frames too small"):
        DctQim().detect(FRAMES[:, :8, :8])
    for options in ({"payload": "xyz"}, {"payload": "1" * 9}):
        with pytest.raises(UsageError, match="no such payload"):
            DctQim(**options)
    with pytest.raises(UsageError, match="key cannot be read"):
        DctQim(key=str(tmp_path / "none"))
