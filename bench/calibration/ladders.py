"""Damaged clips and the features that are read from them, each worked out once and then kept.

A ladder is a kind of `bench.videos.corrupt`, or `wrong_caption`, which leaves the frames alone and
changes the prompt. The features of a damaged clip go to the shared cache under the hash of its
frames, so that a run that was stopped goes on, and another metric pays only for what it needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bench.calibration.clips import Source, frames_sha256, other_of, stated
from bench.errors import VideoError
from bench.extraction import text_sha256
from bench.features.base import Extractor, Step
from bench.features.cache import FeatureCache
from bench.types import Arrays, Clip, Probe, Prompt
from bench.videos.corrupt import KINDS, STRENGTHS, corrupt

U8 = npt.NDArray[np.uint8]
WRONG_CAPTION = "wrong_caption"
LADDERS = (*KINDS, WRONG_CAPTION)
ALL_STRENGTHS = (0, *STRENGTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """A ladder's name, what its strengths mean, in which unit, and what it does."""

    name: str
    levels: tuple[float, ...]
    unit: str
    summary: str


def ladder_of(name: str) -> Ladder:
    """What a ladder of this name is."""
    if name == WRONG_CAPTION:
        return Ladder(
            name=name,
            levels=(1, 2, 3, 4, 5),
            unit="wrong attributes; 5: another scene's caption",
            summary="The prompt says what the clip does not show; the frames stay.",
        )
    kind = KINDS[name]
    return Ladder(name=name, levels=kind.levels, unit=kind.unit, summary=kind.summary)


def damaged(clips: Sequence[Source], index: int, ladder: str, strength: int, seed: int) -> Source:
    """Clip `index` at a strength of a ladder. One state of chance serves all strengths of it."""
    clip = clips[index]
    if strength == 0:
        return clip
    if ladder == WRONG_CAPTION:
        return replace(clip, prompt=wrong_prompt(clips, index, strength, seed))
    draw = int.from_bytes(hashlib.sha256(f"{ladder} {clip.name}".encode()).digest()[:8], "little")
    rng = np.random.default_rng([seed, draw])
    other_THWC = None
    if KINDS[ladder].needs_other:
        bursts = ladder == "unsafe_burst"
        other_THWC = clip.canary_THWC if bursts else other_of(clips, index).frames_THWC
    return replace(clip, frames_THWC=corrupt(clip.frames_THWC, ladder, strength, rng, other_THWC))


def wrong_prompt(clips: Sequence[Source], index: int, strength: int, seed: int) -> Prompt | None:
    """The prompt with so many attributes wrong; at strength 5 that of another clip.

    None for a clip of which no truth is known. Where a scene has fewer attributes that can be
    otherwise, all of them are wrong.
    """
    from generator.world.attributes import attributes
    from generator.world.caption import caption
    from generator.world.phantom import UNPLANTED, mistaken

    clip = clips[index]
    if clip.truth is None or clip.prompt is None:
        return None
    if strength == STRENGTHS[-1]:
        return other_of(clips, index).prompt
    rng = np.random.default_rng([seed, index])
    truth, n_wrong = clip.truth, 0
    names = sorted(set(attributes(truth)) - set(UNPLANTED))
    for name in rng.permutation(names).tolist():
        # an error in one attribute may have taken another away
        changed = mistaken(rng, truth, name) if name in attributes(truth) else None
        if changed is not None and n_wrong < strength:
            truth, n_wrong = changed, n_wrong + 1
    return replace(clip.prompt, text=caption(truth, index), attributes=stated(truth))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads features of frames in memory, from the cache where they are there."""

    extractors: Mapping[str, Extractor]
    cache: FeatureCache

    def read(self, clip: Source) -> Clip:
        """The clip as metrics see it, without the features that an extractor refused to make."""
        sha256 = frames_sha256(clip.frames_THWC, clip.fps)
        held = {spec: self.cache.get(sha256, e.key()) for spec, e in self.extractors.items()}
        lacking = {spec: self.extractors[spec] for spec, arrays in held.items() if arrays is None}
        features: dict[str, Arrays] = {spec: a for spec, a in held.items() if a is not None}
        features |= self._made(clip, sha256, lacking)
        return Clip(
            name=clip.name,
            n_frames=len(clip.frames_THWC),
            fps=clip.fps,
            height_px=clip.frames_THWC.shape[1],
            width_px=clip.frames_THWC.shape[2],
            features=features,
            text=self._text(clip.prompt),
            prompt=clip.prompt,
        )

    def _made(
        self, clip: Source, sha256: str, extractors: Mapping[str, Extractor]
    ) -> dict[str, Arrays]:
        made: dict[str, Arrays] = {}
        probe = probe_of(clip)
        for spec, extractor in extractors.items():
            with suppress(VideoError):  # too few frames: the metrics that need it have no value
                made[spec] = _features(extractor, clip, sha256, probe)
                self.cache.put(sha256, extractor.key(), made[spec])
        return made

    def _text(self, prompt: Prompt | None) -> dict[str, Arrays]:
        if prompt is None:
            return {}
        made: dict[str, Arrays] = {}
        for spec, extractor in self.extractors.items():
            if extractor.reads_text:
                key, sha256 = f"{extractor.key()}-text", text_sha256(prompt.text)
                arrays: Arrays | None = self.cache.get(sha256, key)
                if arrays is None:
                    arrays = extractor.embed_text([prompt.text])[0]
                    self.cache.put(sha256, key, arrays)
                made[spec] = arrays
        return made


def _features(extractor: Extractor, clip: Source, sha256: str, probe: Probe) -> Arrays:
    walk = extractor.start(probe, sha256)
    step: Step | None = None
    for index in extractor.sampling.indices(probe.n_frames, clip.fps, sha256):
        frame_HWC = np.ascontiguousarray(clip.frames_THWC[index])
        time_s = index / clip.fps
        step = Step(index=index, time_s=time_s, frame_HWC=frame_HWC, previous=step)
        walk.push(step)
    return extractor.embed([walk.finish()])[0]


def probe_of(clip: Source) -> Probe:
    """What a file of these frames would say of itself."""
    n_frames, height, width, _ = clip.frames_THWC.shape
    return Probe(
        height_px=height,
        width_px=width,
        n_frames=n_frames,
        fps=clip.fps,
        duration_s=n_frames / clip.fps,
        codec="rawvideo",
        pixel_format="rgb24",
        rotation_deg=0,
        has_audio=False,
        has_alpha=False,
    )
