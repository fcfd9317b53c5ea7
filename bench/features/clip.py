"""CLIP embeddings of frames and prompts, from a checkpoint in the Hugging Face form.

Yields for a video `embeds` (T, D): one unit vector per sampled frame, float32. Yields for a prompt
`embed` (D,), a unit vector, and `n_tokens` and `n_kept`: how many tokens the prompt has and how
many the model read, both with the marks of start and end. CLIP reads 77; a longer prompt loses its
last tokens.

Frames are prepared as the Hugging Face processor does it with Pillow, to the last bit: shorter side
to the model's size by bicubic, centre crop, mean and deviation from preprocessor_config.json. What
lies outside the crop is not seen. Frames are embedded as they come, a few at a time: what is held
until the video ends is one vector a frame.

Options: `model` is `b32` (the default), `l14`, a hub id or a local folder; `frames` is a sampling
rule; `prefix` is put before every prompt; `device` is where the model runs. Weights are read from
this machine only: nothing is fetched while a run goes on.
"""

from __future__ import annotations

from bench.features._clip import DualEncoder
from bench.features._clip_files import ALIASES, Checkpoint, find_checkpoint


class Clip(DualEncoder):
    """Unit vectors of frames and prompts."""

    name = "clip"
    version = "1"

    def __init__(
        self,
        *,
        model: str = ALIASES["b32"],
        frames: str = "all",
        prefix: str = "",
        device: str = "cpu",
    ) -> None:
        super().__init__(frames=frames, prefix=prefix, device=device)
        self.model = ALIASES.get(model, model)

    def find(self) -> Checkpoint:
        """The checkpoint of `model`, which is no stand-in."""
        return find_checkpoint(self.model)
