"""What a run is asked to do, worked out from files alone: videos, prompts and their hashes.

Nothing heavy is imported here, because a run that is already there is recognised by its plan. The
identity of a run is what its numbers depend on: the request, the bytes of the inputs, the
versions of the libraries and of this code. Workers, folders and the hour are not part of it.
"""

from __future__ import annotations

import functools
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import bench
from bench import registry
from bench.attacked import attacked
from bench.clearance import check_generable
from bench.errors import PrescreenError, printable
from bench.generation import Generation, plan_generation
from bench.hazards import sandboxed
from bench.models.base import load_model
from bench.models.folder import Folder, Ledger, ListedVideo, match_prompts
from bench.request import DEFAULT_METRICS, RunRequest, ScoreRequest
from bench.suites.base import load_suite
from bench.types import Json, Outcome, Prompt, Trial, digest
from bench.videos.read import sha256 as video_sha256

__all__ = [
    "DEFAULT_METRICS",
    "Plan",
    "RunRequest",
    "ScoreRequest",
    "code_digest",
    "environment",
    "make_plan",
    "make_run_plan",
    "plug_in_hashes",
]

_LIBRARIES = (
    "av",
    "numpy",
    "opencv-python-headless",
    "scipy",
    "torch",
    "torchmetrics",
    "transformers",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A request with its inputs resolved.

    The trials of videos that have yet to be made are not among `trials`: `generation` says which.
    """

    request: ScoreRequest | RunRequest
    trials: tuple[Trial, ...]
    prompts: tuple[Prompt, ...]
    suite_sha256: str
    ledger: Mapping[str, Json]
    remarks: tuple[str, ...] = ()
    """What a person should know of how the inputs were read; no number depends on it."""
    generation: Generation | None = None

    def inputs(self) -> dict[str, Json]:
        """Digests of what was put in."""
        inputs: dict[str, Json] = {
            "candidate": self._digest("candidate"),
            "reference": self._digest("reference"),
            "suite": self.suite_sha256,
        }
        if self.generation is not None:
            wanted = [[w.id, w.prompt_id, w.ask.seed] for w in self.generation.wanted()]
            inputs |= {
                "candidate": digest(wanted, 32),
                "model": dict(self.generation.fingerprint),
            }
        return inputs

    def _digest(self, source: str) -> str:
        return digest(
            [
                [t.id, t.name, t.sha256, str(t.outcome), t.reason, t.prompt_id, t.seed]
                for t in self.trials
                if t.source == source
            ],
            32,
        )

    def identity(self) -> dict[str, Json]:
        """Everything that the run's numbers depend on, except the weights that are installed."""
        return {
            "request": self.request.fields(),
            "inputs": self.inputs(),
            "environment": environment(),
            "plug_ins": plug_in_hashes(self.request.metrics),
        }


def environment() -> dict[str, Json]:
    """Versions of everything that can change a number."""
    versions: dict[str, Json] = {name: _version(name) for name in _LIBRARIES}
    return {
        "prescreen": bench.__version__,
        "code": code_digest(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        **versions,
    }


def plug_in_hashes(metrics: Sequence[str]) -> dict[str, Json]:
    """Hashes of the sources of metrics that are not this package's own, by name."""
    names = {registry.parse_spec(spec).name for spec in metrics}
    hashes = {name: registry.fingerprint("metric", name) for name in sorted(names)}
    return {name: sha for name, sha in hashes.items() if sha}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


@functools.cache
def code_digest() -> str:
    """Hash of this package's source: an edited metric is another environment."""
    return registry.code_of(Path(bench.__file__).parent)


def make_plan(request: ScoreRequest) -> Plan:
    """Resolve and hash the inputs of a request.

    Raises:
        UsageError: when a source, a manifest or the prompts cannot be used as they are.
    """
    listing = Folder().list_videos(request.videos)
    suite = load_suite(request.prompts) if request.prompts else listing.suite()
    ledger = match_prompts(listing, suite)
    unmatched = _unmatched(ledger) if suite else {}
    trials = [*_trials("candidate", ledger.videos, unmatched), *_missing(ledger)]
    remarks = [f"candidate: {listing.summary()}"]
    if suite:
        remarks.append(f"prompts: {ledger.summary()}")
    if request.reference is not None:
        reference = Folder().list_videos(request.reference)
        trials += _trials("reference", reference.videos, {})
        remarks.append(f"reference: {reference.summary()}")
    return Plan(
        request=request,
        trials=tuple(trials),
        prompts=suite.prompts if suite else (),
        suite_sha256=suite.sha256 if suite else "",
        ledger=_ledger(ledger, trials),
        remarks=(*remarks, *_unread_rates(listing.videos), *_twins(trials)),
    )


def make_run_plan(request: RunRequest) -> Plan:
    """Resolve a request to make videos: the suite, the model's fingerprint, and every ask.

    Raises:
        UsageError: when the suite, the model or the reference cannot be used as they are.
        Unavailable: when the model's weights are not here.
    """
    suite = attacked(load_suite(request.suite), request.attacks)
    check_generable(suite.prompts)
    model = load_model(request.model)
    generation = plan_generation(
        request.model,
        model,
        suite.prompts,
        request.n_seeds,
        request.generation_seed,
    )
    trials: list[Trial] = []
    n = len(generation.wanted())
    each = "one video each" if request.n_seeds == 1 else f"{request.n_seeds} videos each"
    remarks = [f"suite: {printable(suite.name)}, {len(suite.prompts)} prompts, {each}"]
    remarks += [f"model: {line}" for line in model.remarks([p.text for p in suite.prompts])]
    remarks += filter(None, [sandboxed(suite.prompts)])
    if request.reference is not None:
        reference = Folder().list_videos(request.reference)
        trials += _trials("reference", reference.videos, {})
        remarks.append(f"reference: {reference.summary()}")
    counts: dict[str, Json] = {
        "candidate": {"n_prompts": len(suite.prompts), "n_videos": n},
        **_reference_counts(trials),
    }
    return Plan(
        request=request,
        trials=tuple(trials),
        prompts=suite.prompts,
        suite_sha256=suite.sha256,
        ledger=counts,
        remarks=tuple(remarks),
        generation=generation,
    )


def _ledger(ledger: Ledger, trials: Sequence[Trial]) -> dict[str, Json]:
    return {"candidate": ledger.counts(), **_reference_counts(trials)}


def _reference_counts(trials: Sequence[Trial]) -> dict[str, Json]:
    reference = [t for t in trials if t.source == "reference"]
    if not reference:
        return {}
    unopenable = sum(t.outcome is not Outcome.OK for t in reference)
    return {"reference": {"n_videos": len(reference), "n_videos_unopenable": unopenable}}


def _unmatched(ledger: Ledger) -> dict[str, str]:
    """Why a video answers no prompt, by its name."""
    spare = {video.name: _why_spare(video) for video in ledger.videos_without_prompt}
    return spare | {doubt.video.name: doubt.reason for doubt in ledger.ambiguous}


def _why_spare(video: ListedVideo) -> str:
    # what the ledger was given: its own videos have lost the ids that no prompt has
    if video.prompt_id is not None:
        return f"its manifest names the prompt {printable(video.prompt_id)}, which is not there"
    if video.prompt_text is not None:
        return "no prompt has the text that its manifest gives it"
    return "its name is neither the id nor the text of a prompt"


def _unread_rates(videos: Sequence[ListedVideo]) -> Iterator[str]:
    """Folders of images whose manifest states a rate: they are read at one rate all the same."""
    if any(v.fps and v.path and v.path.is_dir() for v in videos):
        yield "candidate: the frame rates that a manifest states for folders of images are not used"


def _twins(trials: Sequence[Trial]) -> Iterator[str]:
    """Videos of the same bytes: they count as several, though they are one."""
    hashes = {
        source: [t.sha256 for t in trials if t.source == source and t.sha256]
        for source in ("candidate", "reference")
    }
    for source, held in hashes.items():
        if twice := len(held) - len(set(held)):
            yield f"{source}: {twice} videos have the bytes of another one and count as more data"
    if shared := len(set(hashes["candidate"]) & set(hashes["reference"])):
        yield f"{shared} videos are in both sets, which makes a distance between them too small"


def _trials(
    source: str, videos: Sequence[ListedVideo], unmatched: Mapping[str, str]
) -> list[Trial]:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        hashes = list(pool.map(_hash, videos))
    return [
        _trial(source, video, sha, reason or unmatched.get(video.name, ""))
        for video, (sha, reason) in zip(videos, hashes, strict=True)
    ]


def _hash(video: ListedVideo) -> tuple[str, str]:
    """A video's sha256, or why it has none."""
    if video.problem or video.path is None:
        return "", video.problem or "missing"
    try:
        return video_sha256(video.path), ""
    except (OSError, PrescreenError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return "", reason


def _trial(source: str, video: ListedVideo, sha: str, reason: str) -> Trial:
    # names are whatever bytes the file system holds: keep them writable as UTF-8
    name = os.fsencode(video.name).decode("utf-8", "backslashreplace")
    missing = reason == "missing"
    return Trial(
        id=digest([source, name, sha, video.prompt_id, video.seed]),
        source=source,
        name=name,
        path=video.path if sha else None,
        sha256=sha,
        outcome=Outcome.OK if sha else Outcome.MISSING if missing else Outcome.ERROR,
        reason=reason,
        prompt_id=video.prompt_id,
        seed=video.seed,
    )


def _missing(ledger: Ledger) -> list[Trial]:
    """A trial for each prompt that no video answers."""
    return [
        Trial(
            id=digest(["candidate", "", "", prompt_id, None]),
            source="candidate",
            name="",
            path=None,
            sha256="",
            outcome=Outcome.MISSING,
            reason="no video answers this prompt",
            prompt_id=prompt_id,
        )
        for prompt_id in ledger.prompts_without_videos
    ]
