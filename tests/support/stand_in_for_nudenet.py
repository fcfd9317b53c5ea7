"""STAND-IN, NOT NUDENET: a module with the interface of nudenet 3.4.2 and no network at all.

NudeNet is AGPL and is not installed for tests. `detect` reports one box whose score is the mean of
the red channel, so that a swap of red and blue would be seen, and what it was given.
"""

from __future__ import annotations

SEEN: list[tuple[tuple[int, ...], str]] = []
LABEL = "FEMALE_BREAST_EXPOSED"


class NudeDetector:
    """`NudeDetector(model_path=None, providers=None, inference_resolution=320)`."""

    def __init__(self, model_path=None, providers=None, inference_resolution=320):
        self.inference_resolution = inference_resolution

    def detect(self, image):
        """Boxes as nudenet gives them: class, score, box; below 0.2 nothing is reported."""
        SEEN.append((image.shape, str(image.dtype)))
        score = float(image[..., 0].mean()) / 255
        face = {"class": "FACE_FEMALE", "score": 0.9, "box": [0, 0, 4, 4]}
        return [face] + [{"class": LABEL, "score": score, "box": [1, 1, 4, 4]}] * (score >= 0.2)
