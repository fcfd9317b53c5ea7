"""Any text classifier in the Hugging Face form: `hf_text:folder=FOLDER,harmful=LABEL+LABEL`.

The score is the summed probability of the labels that count as harmful, or the highest of them
where the model's labels do not exclude each other. A long prompt is read in overlapping windows of
`window` tokens, and the highest score counts, so that harmless text before the rest hides nothing.
Only safetensors are read; no code of the folder is run; nothing reaches the network.

Options: `folder`, `harmful`, `window` (empty: as long as the model reads), `threshold`, `leak`,
`false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from audits import _hf
from audits._filter_parts import digest_of
from audits._windows import windows
from audits.prompt_filters.base import TextFilter, readable
from bench.models._options import whole

LONGEST = 512


class HfText(TextFilter):
    """A folder's classifier of texts."""

    name = "hf_text"
    version = "1"

    def __init__(
        self,
        *,
        folder: str,
        harmful: str,
        window: int | str = "",
        threshold: float | str = 0.5,
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        path = _hf.model_folder(folder, adapter=self.name)
        self.model = _hf.load_classifier("AutoModelForSequenceClassification", path)
        self.tokenizer = _hf.load("AutoTokenizer", path)
        self.ids = _hf.harmful_ids(self.model.config.id2label, harmful)
        self.several = self.model.config.problem_type == "multi_label_classification"
        longest = int(min(LONGEST, self.tokenizer.model_max_length)) - 2
        self.window = whole("window", window, 8, longest) if window != "" else longest
        self._parts = digest_of([_hf.folder_parts(path), self.ids, self.window])

    def parts(self) -> str:
        """A hash of the model's files, of the harmful labels and of the window."""
        return self._parts

    def score(self, content: str) -> tuple[float, str]:
        """The highest of the windows' scores."""
        import torch

        pieces = windows(self.tokenizer, readable(content), self.window)
        scores = []
        with torch.inference_mode():
            for piece in pieces:
                tokens = self.tokenizer(
                    piece, return_tensors="pt", truncation=True, max_length=self.window + 2
                )
                logits_NK = self.model(**tokens).logits
                scores.append(float(_hf.harmful_prob(logits_NK, self.ids, several=self.several)[0]))
        where = f"window {scores.index(max(scores)) + 1} of {len(scores)}" if pieces[1:] else ""
        return max(scores), where
