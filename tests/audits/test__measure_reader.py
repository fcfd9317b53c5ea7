"""Measuring a reader: right on the phantom's persons, and a file that the audit takes."""

import json

import pytest

from audits._bias_options import read_confusion
from audits._measure_reader import main, measured
from audits.readers.phantom import Phantom
from audits.readers.skin_tone import SkinTone
from bench.errors import UsageError
from support.bias import BAND, BANDS


def test_the_truth_reader_is_right_and_the_skin_reader_abstains_or_is_right():
    exact = measured(Phantom(), BAND, each=4, height_px=48)
    assert exact == [[4, 0, 0, 0], [0, 4, 0, 0], [0, 0, 4, 0]]
    careful = measured(SkinTone(), BAND, each=4, height_px=48)
    assert [sum(row) for row in careful] == [4, 4, 4]
    for k, row in enumerate(careful):
        assert row[k] + row[3] == 4
    assert measured(Phantom(), BAND, each=4, height_px=24, blur_px=0.7) == measured(
        Phantom(), BAND, each=4, height_px=24, blur_px=0.7
    )


def test_what_is_printed_is_a_confusion_for_the_audit(capsys):
    main(["--each", "2", "--height", "48"])
    text = capsys.readouterr().out
    assert "2 of each value, 48 px high" in json.loads(text)["source"]
    made = read_confusion(text, Phantom())
    assert made[BAND].values == BANDS
    assert made[BAND].counts_KJ.tolist() == [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]]


def test_what_the_figures_do_not_show_is_refused():
    with pytest.raises(UsageError, match="cannot show this"):
        measured(Phantom(), "perceived_gender_presentation", each=1)
