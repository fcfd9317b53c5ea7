"""Embeddings of frames and prompts by the small dual encoder that knows the phantom world only.

The encoder has CLIP's architecture and comes with Prescreen (generator/weights/phantom-clip, whose
card tells how it was made and how well it works); it is loaded by the same code as CLIP. Yields for
a video `embeds` (T, D): one unit vector per sampled frame, float32. Yields for a prompt `embed`
(D,), a unit vector, and `n_tokens` and `n_kept`: how many tokens the prompt has and how many the
model read, both with the marks of start and end.

The whole frame is squeezed to a square of 48 pixels, by Pillow's bicubic: no side is cut off. The
model has seen nothing but the phantom world: of other pictures and words its vectors say nothing.

Options: `frames` is a sampling rule; `device` is where the model runs.
"""

from __future__ import annotations

from bench.features._clip import DualEncoder
from bench.features._clip_files import Checkpoint, shipped_checkpoint


class PhantomClip(DualEncoder):
    """Unit vectors of frames and prompts of the phantom world."""

    name = "phantom_clip"
    version = "1"

    def __init__(self, *, frames: str = "all", device: str = "cpu") -> None:
        super().__init__(frames=frames, prefix="", device=device)

    def find(self) -> Checkpoint:
        """The checkpoint that comes with Prescreen."""
        return shipped_checkpoint()
