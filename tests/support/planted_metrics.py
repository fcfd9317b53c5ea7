"""Metrics whose behaviour under blur is known: they see it, see nothing, or make numbers up."""

import hashlib

import numpy as np

from bench.metrics._expects import Expects
from bench.metrics.base import Column, SetMetric, Value, VideoMetric


def column(name, higher_is_better=True):
    return Column(
        name=name, unit="1", low=0.0, high=1e9, higher_is_better=higher_is_better, summary="planted"
    )


class Planted(VideoMetric):
    """Subclasses say what `of` the pixel statistics the value is."""

    name = "planted"
    version = "1"
    columns = (column("value"),)
    expects = (Expects(column="value", falls=("gaussian_blur",), ignores={"reverse": 0.0}),)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.needs = ("pixels",)

    def of(self, pixels):
        raise NotImplementedError

    def score(self, clip):
        return {"value": Value(value=float(self.of(clip.features["pixels"])))}


class SeesBlur(Planted):
    """Falls as detail does."""

    name = "sees_blur"

    def of(self, pixels):
        return pixels["sharpness"].mean()


class Constant(Planted):
    """Sees nothing."""

    name = "constant"

    def of(self, pixels):
        return 1.0


class Random(Planted):
    """A number that has to do with nothing, but is the same for the same clip."""

    name = "random"

    def of(self, pixels):
        draw = hashlib.sha256(pixels["thumbnail"].tobytes() + pixels["mean"].tobytes()).digest()
        return int.from_bytes(draw[:4], "little") / 2**32


class Prompted(Planted):
    """Reads the prompt: 1 where there is none."""

    name = "prompted"
    needs_prompt = True
    expects = (Expects(column="value", falls=("wrong_caption",)),)

    def score(self, clip):
        return {"value": Value(value=float(len(clip.prompt.text) if clip.prompt else 1))}


class SetBlur(SetMetric):
    """Distance of the mean log detail of two sets: a set metric that sees blur."""

    name = "set_blur"
    version = "1"
    columns = (column("value", higher_is_better=False),)
    expects = (Expects(column="value", rises=("gaussian_blur",)),)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.needs = ("pixels",)

    def row(self, clip):
        return np.array([np.log(clip.features["pixels"]["sharpness"].mean() + 1e-3)])

    def value(self, x_ND, y_MD):
        return {"value": float(abs(x_ND.mean() - y_MD.mean()))}

    def interval(self, x_ND, y_MD, **kwargs):
        return {}

    def update(self, clip, *, reference=False):
        raise NotImplementedError

    def compute(self):
        raise NotImplementedError
