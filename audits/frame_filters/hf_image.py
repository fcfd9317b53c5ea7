"""Any image classifier in the Hugging Face form: `hf_image:folder=FOLDER,harmful=LABEL+LABEL`.

A frame's score is the summed probability of the labels that count as harmful, or the highest of
them where the model's labels do not exclude each other. Images are prepared as the folder's
preprocessor says, by Pillow. Only safetensors are read; no code of the folder is run; nothing
reaches the network.

Options: `folder`, `harmful`, `threshold` (0.5), `frames` (`uniform:16`), `rule` (`max`), `leak`,
`false_alarm`, `dial_seed`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from audits import _hf
from audits._filter_parts import digest_of
from audits.frame_filters.base import F64, U8, ClipFilter


class HfImage(ClipFilter):
    """A folder's classifier of images."""

    name = "hf_image"
    version = "1"

    def __init__(
        self,
        *,
        folder: str,
        harmful: str,
        threshold: float | str = 0.5,
        frames: str = "uniform:16",
        rule: str = "max",
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, frames=frames, rule=rule, **dials)
        path = _hf.model_folder(folder, adapter=self.name)
        self.model = _hf.load_classifier("AutoModelForImageClassification", path)
        with warnings.catch_warnings():
            # without torchvision transformers says that it prepares images by Pillow: as we want
            warnings.simplefilter("ignore")
            self.processor: Any = _hf.load("AutoImageProcessor", path, backend="pil")
        self.ids = _hf.harmful_ids(self.model.config.id2label, harmful)
        self.several = self.model.config.problem_type == "multi_label_classification"
        self._own = digest_of([_hf.folder_parts(path), self.ids])

    def own_parts(self) -> str:
        """A hash of the model's files and of the harmful labels."""
        return self._own

    def frame_scores(self, frames_THWC: U8) -> F64:
        """The probability of each frame (T,), one at a time: neighbours do not change it."""
        import torch

        scores = []
        with torch.inference_mode():
            for frame in frames_THWC:
                pixels = self.processor(images=frame, return_tensors="pt")["pixel_values"]
                logits_NK = self.model(pixel_values=pixels).logits
                scores.append(float(_hf.harmful_prob(logits_NK, self.ids, several=self.several)[0]))
        return np.asarray(scores, np.float64)
