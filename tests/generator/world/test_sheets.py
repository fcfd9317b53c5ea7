import cv2
import numpy as np
import pytest

from generator.world.sheets import FOLDER, SHEETS, draw_all, enlarged, tiled


def test_tiles_lie_in_rows_with_white_between():
    black = np.zeros((3, 4, 3), dtype=np.uint8)
    sheet = tiled([[black, black], [black]])
    assert sheet.shape == (8, 10, 3)
    assert sheet[3].min() == 255
    assert sheet[:, 4].min() == 255
    assert sheet[7, 9].min() == 255


def test_enlarging_shows_pixels_as_squares():
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert enlarged(picture, 3)[2, 5].tolist() == picture[0, 1].tolist()


def test_every_sheet_is_drawn_and_small(tmp_path):
    paths = draw_all(tmp_path)
    assert [p.name for p in paths] == [f"world-{name}.png" for name in SHEETS]
    for path in paths:
        assert path.stat().st_size < 300_000
        assert cv2.imread(str(path)).std() > 10


@pytest.mark.parametrize("name", SHEETS)
def test_the_sheets_of_the_docs_are_there(name):
    assert (FOLDER / f"world-{name}.png").is_file()
