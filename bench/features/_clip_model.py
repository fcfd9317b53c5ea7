"""A CLIP model in memory: prepared frames and prompts in, unit vectors out.

Frames go through the model in chunks of one fixed size, the last one filled up with zeros, and
prompts one at a time. The sums inside a matrix product are ordered by its shape, so this is what
makes a video's numbers the same to the bit whatever else is read beside it.

Shapes: N frames, H = W the crop, C = 3 colours, D the width of the embedding, L tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from bench.errors import Unavailable, UsageError, WeightsMismatch
from bench.features._clip_files import CHUNK, Checkpoint, Preparation
from bench.features._quiet import quiet

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEmbedding:
    """A prompt's unit vector (D,), the number of its tokens, and how many the model read."""

    embed: F32
    n_tokens: int
    n_kept: int


class Model:
    """The two towers, their projections and the tokenizer of one checkpoint."""

    def __init__(self, checkpoint: Checkpoint, preparation: Preparation, device: str) -> None:
        self.preparation = preparation
        self.device = _device(device)
        self._towers, self._tokenizer = _load(checkpoint)
        side_px = self._towers.config.vision_config.image_size
        if side_px != preparation.crop_px:
            raise WeightsMismatch(
                f"{checkpoint.model} sees images of another size than its preprocessor makes",
                seen=f"{preparation.crop_px} px",
                legal=f"{side_px} px",
            )
        self._towers.to(self.device)

    @torch.inference_mode()
    def embed_frames(self, crops_NHWC: npt.NDArray[np.uint8]) -> F32:
        """Unit vectors (N, D) of crops as :func:`resize_crop` makes them."""
        chunks = []
        for start in range(0, len(crops_NHWC), CHUNK):
            crops = crops_NHWC[start : start + CHUNK]
            x_NCHW = torch.zeros(CHUNK, 3, *crops.shape[1:3])
            x_NCHW[: len(crops)] = torch.from_numpy(prepare(crops, self.preparation))
            # the projection is applied here: get_image_features returns other things by version
            pooled = self._towers.vision_model(pixel_values=x_NCHW.to(self.device)).pooler_output
            chunks.append(_unit(self._towers.visual_projection(pooled))[: len(crops)])
        embeds_ND: F32 = torch.cat(chunks).cpu().numpy()
        return embeds_ND

    @torch.inference_mode()
    def embed_text(self, text: str) -> TextEmbedding:
        """Unit vector (D,) of a prompt; one that is too long loses its end but not its end mark."""
        ids: list[int] = self._tokenizer(text, verbose=False)["input_ids"]
        longest = self._towers.config.text_config.max_position_embeddings
        kept = ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]
        ids_1L = torch.tensor([kept], device=self.device)
        pooled = self._towers.text_model(
            input_ids=ids_1L, attention_mask=torch.ones_like(ids_1L)
        ).pooler_output
        embed: F32 = _unit(self._towers.text_projection(pooled))[0].cpu().numpy()
        return TextEmbedding(embed=embed, n_tokens=len(ids), n_kept=len(kept))


def prepare(crops_NHWC: npt.NDArray[np.uint8], preparation: Preparation) -> F32:
    """The model's input (N, C, H, W), rounded where the Hugging Face processor rounds."""
    x = (crops_NHWC.astype(np.float64) * preparation.scale).astype(np.float32)
    mean, std = np.array(preparation.mean, np.float32), np.array(preparation.std, np.float32)
    return np.ascontiguousarray(((x - mean) / std).transpose(0, 3, 1, 2))


def _unit(x_ND: torch.Tensor) -> torch.Tensor:
    norms = torch.linalg.vector_norm(x_ND, dim=-1, keepdim=True)
    if not bool((norms > 0).all() and norms.isfinite().all()):
        raise WeightsMismatch("CLIP gave a vector without length: its weights are damaged")
    unit_ND: torch.Tensor = x_ND / norms
    return unit_ND


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError("no such device", seen=name, legal="cpu, cuda, cuda:N or mps") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise Unavailable("this machine has no CUDA device", seen=name, then="use device=cpu")
    return device


def _load(checkpoint: Checkpoint) -> tuple[Any, Any]:
    from transformers import CLIPModel, CLIPTokenizer

    try:
        with quiet():
            towers, loading = CLIPModel.from_pretrained(
                checkpoint.folder,
                local_files_only=True,
                use_safetensors=checkpoint.weights.suffix == ".safetensors",
                dtype=torch.float32,
                attn_implementation="sdpa",
                output_loading_info=True,
            )
            tokenizer = CLIPTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
    except Exception as error:  # safetensors, torch and transformers raise anything
        raise WeightsMismatch(
            f"the CLIP checkpoint {checkpoint.model} is damaged: {error}"
        ) from error
    if absent := sorted(loading["missing_keys"]):
        # transformers would fill these with random numbers and go on
        raise WeightsMismatch(
            f"the CLIP checkpoint {checkpoint.model} lacks {len(absent)} weights", seen=absent[0]
        )
    return towers.eval(), tokenizer
