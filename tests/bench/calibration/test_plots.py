"""The plot of a certificate: a picture, the same for the same certificate, an error without."""

import sys

import cv2
import numpy as np
import pytest

from bench.calibration.plots import plot
from bench.errors import Unavailable
from support.metric_certificates import certificate


def test_a_plot_is_a_picture_and_repeats_itself():
    data = plot(certificate())
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[1] > 600
    assert picture.std() > 5
    assert data == plot(certificate())


def test_more_ladders_make_a_taller_plot_and_none_an_empty_one():
    tall, short = (
        cv2.imdecode(np.frombuffer(plot(c), np.uint8), cv2.IMREAD_COLOR).shape[0]
        for c in (certificate(("noise", "black") * 4), certificate(()))
    )
    assert tall >= short


def test_without_matplotlib_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(Unavailable, match=r"matplotlib is not installed; next: pip install"):
        plot(certificate())
