"""What a run is asked to do: to score videos that exist, or to make them and score them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.registry import parse_spec
from bench.types import VETO, Json

DEFAULT_METRICS = (
    "fvd",
    "clip_score",
    "frame_consistency",
    "degenerate",
    "temporal_flicker",
    "warping_error",
    "motion_smoothness",
    "motion_amount",
    "ssim_consecutive",
    "sharpness",
    "shot_cuts",
)
"""What is computed unless told otherwise; `fvd` needs a reference, `clip_score` prompts."""
RUN_METRICS = (*DEFAULT_METRICS, "attribute_accuracy")
"""The same for videos that were made for a suite; `attribute_accuracy` needs prompts with truth."""
MAX_SEEDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What both kinds share.

    `reference` are real videos as the user wrote them, `metrics` specs. `run` names the run folder;
    without it one below `out` is named by its identity. `retry_errors` begins a run afresh that is
    there and is not free of errors.
    """

    reference: str | None = None
    metrics: tuple[str, ...] = DEFAULT_METRICS
    confidence: float = 0.95
    n_resamples: int = 1000
    seed: int = 0
    run: Path | None = None
    out: Path = Path("runs")
    workers: int | None = None
    wait: bool = False
    retry_errors: bool = False

    def __post_init__(self) -> None:
        """Refuse settings that make no sense, and add the veto, without which no number is kept."""
        if not 0.5 <= self.confidence < 1:
            raise UsageError(
                "the confidence is impossible", seen=self.confidence, legal="0.5 to 0.999"
            )
        if self.n_resamples < 100:
            raise UsageError("too few resamples", seen=self.n_resamples, legal="100 or more")
        if not self.metrics:
            raise UsageError("no metric was asked for", then="prescreen ls metrics")
        # black and frozen clips win on the other metrics
        if not any(parse_spec(spec).name == VETO[0] for spec in self.metrics):
            object.__setattr__(self, "metrics", (*self.metrics, VETO[0]))

    def fields(self) -> dict[str, Json]:
        """The part that the numbers depend on."""
        return {
            "metrics": list(self.metrics),
            "confidence": self.confidence,
            "n_resamples": self.n_resamples,
            "seed": self.seed,
            "reference": self.reference is not None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest(Request):
    """The arguments of `prescreen score`.

    `videos` and `prompts` are folders, globs, manifests or files as the user wrote them.
    """

    videos: str
    prompts: str | None = None

    def fields(self) -> dict[str, Json]:
        """The part that the numbers depend on."""
        # not super(): slots make the class anew
        return {**Request.fields(self), "prompts": self.prompts is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest(Request):
    """The arguments of `prescreen run`.

    `suite` is a suite's name or a file of prompts, `model` a model's spec, `n_seeds` how many
    videos each prompt gets. Their seeds follow from the prompt and from `generation_seed`; `seed`
    is that of the resampling. `attacks` are those in which each prompt is there once more.
    """

    metrics: tuple[str, ...] = RUN_METRICS
    suite: str
    model: str
    n_seeds: int = 1
    generation_seed: int = 0
    attacks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse settings that make no sense."""
        Request.__post_init__(self)
        if not 1 <= self.n_seeds <= MAX_SEEDS:
            raise UsageError(
                "impossible number of videos a prompt", seen=self.n_seeds, legal=f"1 to {MAX_SEEDS}"
            )

    def fields(self) -> dict[str, Json]:
        """The part that the numbers depend on."""
        return {
            **Request.fields(self),
            "prompts": True,
            "model": str(parse_spec(self.model)),
            "n_seeds": self.n_seeds,
            "generation_seed": self.generation_seed,
            # a run without attacks keeps its name
            **({"attacks": list(self.attacks)} if self.attacks else {}),
        }


def run_request(settings: Mapping[str, Any]) -> RunRequest:
    """The request of settings under the words of the command line: `seeds`, `resamples`, ...

    Raises:
        UsageError: when the suite or the model is not named, or a setting makes no sense.
    """
    for name in ("suite", "model"):
        if not settings.get(name):
            raise UsageError(
                f"no {name} was named",
                legal=f"--{name} {name.upper()}",
                then=f"prescreen ls {name}s",
            )
    renamed = {"seeds": "n_seeds", "resamples": "n_resamples"}
    fields = {renamed.get(name, name): value for name, value in settings.items()}
    for name in {"run", "out"} & fields.keys():
        fields[name] = Path(fields[name])
    for name in {"metrics", "attacks"} & fields.keys():
        fields[name] = tuple(fields[name])
    return RunRequest(**fields)
