"""Samples one stage: from noise, text and perhaps low-resolution video to video.

Shapes: N videos, T frames, 3 channels, H x W pixels in -1..1. Instants are shares of the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from generator.adapter import TextCondition
from generator.diffusion import add_noise, dynamic_threshold, guidance_weights, guide
from generator.examples import GIVEN_LOG_SNR, hide, neighbours, upsample
from generator.memory import advice
from generator.motion import meet
from generator.samplers import Generators, Progress, draw_noise, make_sampler, run_sampler
from generator.stages import StageConfig
from generator.unet import Condition, VideoUNet, channels_last
from generator.world.palette import Array

Callback = Callable[[Progress], None]
IMAGE_INSTANT = 0.7
"""The share of a clip that a single image shows: early on, words are not written yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingOptions:
    """How a stage is sampled; `None` takes the stage's own figure.

    `guidance` is w in (1 + w) c - w u, 0 for none. `percentile` is that of dynamic thresholding,
    1 clips at the pixels' range. `chunk_frames` is how many frames a stage without temporal layers
    holds in memory at once. `least_levels` is the smallest change to the plain guess.
    """

    sampler: str = "ddim"
    n_steps: int | None = None
    guidance: float | None = None
    oscillating: bool = False
    percentile: float = 0.995
    chunk_frames: int = 4
    least_levels: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameStream:
    """Frames uint8 (H, W, 3) in their order, to be gone through once, and what they will be."""

    frames: Iterator[Array]
    fps: float
    n_frames: int
    size_px: tuple[int, int]

    @classmethod
    def of(cls, frames: Iterator[Array], config: StageConfig) -> FrameStream:
        """Frames of a stage's size and rate."""
        return cls(
            frames=frames,
            fps=config.fps,
            n_frames=config.n_frames,
            size_px=(config.height_px, config.width_px),
        )


class Stage:
    """A trained network with its config."""

    def __init__(self, config: StageConfig, network: VideoUNet) -> None:
        self.config = config
        self.network = channels_last(network.eval().requires_grad_(False))

    @torch.inference_mode()
    def sample(
        self,
        text: TextCondition,
        generators: Generators,
        options: SamplingOptions,
        *,
        low_NTCHW: Tensor | None = None,
        first_NCHW: Tensor | None = None,
        callback: Callback | None = None,
    ) -> Tensor:
        """Video of this stage (N, T, 3, H, W). A "tsr" stage gives all frames, old and new.

        `first_NCHW` are first frames that a base is to go on from.

        Raises:
            ValueError: when low-resolution video is missing, or of a size or length that does not
                fit the stage; when first frames are given to a stage that did not learn them.
        """
        config = self.config
        low = self._checked(low_NTCHW)
        self._check_first(first_NCHW, len(generators))
        n_frames = config.n_frames if low is None else low.shape[1]
        with _advice(config, len(generators), n_frames):
            if config.kind == "tsr" and low is not None:
                told, odd = neighbours(low), _odd(n_frames)
                new = self._denoise(text, generators, options, told, odd, callback)
                return torch.stack([low, new], dim=2).flatten(1, 2)
            if config.kind == "fill" and low is not None:
                return self._fill(text, generators, options, low, callback)
            offset = IMAGE_INSTANT if config.n_frames == 1 else 0
            time = torch.arange(n_frames) / n_frames + offset
            return self._denoise(text, generators, options, low, time, callback, first_NCHW)

    def _fill(
        self,
        text: TextCondition,
        generators: Generators,
        options: SamplingOptions,
        known: Tensor,
        callback: Callback | None,
    ) -> Tensor:
        """All frames around known ones, which are every k-th."""
        n, given = known.shape[:2]
        every = self.config.scale
        total = (given - 1) * every + 1
        low = known.new_zeros(n, total, 4, *known.shape[-2:])
        at = torch.arange(given) * every
        low[:, at, :3], low[:, at, 3] = known, 1
        time = torch.arange(total) / (given * every)
        video = self._denoise(text, generators, options, low, time, callback)
        video[:, at] = known
        return video

    @torch.inference_mode()
    def sample_chunks(
        self,
        text: TextCondition,
        generators: Generators,
        options: SamplingOptions,
        low_NTCHW: Tensor,
    ) -> Iterator[Tensor]:
        """As :meth:`sample` of a stage whose frames are independent, a few frames at a time.

        Every chunk starts from the same noise, so the pieces fit to the bit.
        """
        if not self.independent_frames:
            raise ValueError(f"stage {self.config.name} looks across frames; sample it whole")
        low = self._checked(low_NTCHW)
        if low is None:
            raise ValueError(f"stage {self.config.name} needs low-resolution video")
        n_frames = low.shape[1]
        states = [generator.get_state() for generator in generators]
        for start in range(0, n_frames, options.chunk_frames):
            for generator, state in zip(generators, states, strict=True):
                generator.set_state(state)
            some = low[:, start : start + options.chunk_frames]
            time = torch.arange(start, start + some.shape[1]) / n_frames
            with _advice(self.config, *some.shape[:2]):
                chunk = self._denoise(text, generators, options, some, time, None)
            yield chunk

    @property
    def independent_frames(self) -> bool:
        """True when no layer and no noise joins frames in a way that chunks would break."""
        return self.config.network.temporal == "none" and self.config.shared_noise

    def _checked(self, low: Tensor | None) -> Tensor | None:
        config = self.config
        if (low is None) != (config.kind == "base"):
            raise ValueError(
                f"stage {config.name} is {config.kind}; seen: "
                f"{'no' if low is None else 'some'} low-resolution video"
            )
        if low is None:
            return None
        scale = config.scale if config.kind == "ssr" else 1
        legal = (config.height_px // scale, config.width_px // scale)
        if tuple(low.shape[-2:]) != legal or low.shape[1] < 1:
            raise ValueError(
                f"stage {config.name} takes frames of {legal[0]} x {legal[1]}; "
                f"seen: {low.shape[1]} of {low.shape[-2]} x {low.shape[-1]}"
            )
        return low

    def _check_first(self, first_NCHW: Tensor | None, n: int) -> None:
        if first_NCHW is None:
            return
        config = self.config
        if not config.given_first_prob:
            raise ValueError(
                f"stage {config.name} did not learn to go on from an image; next: the base of "
                "make-a-video"
            )
        legal = (n, 3, config.height_px, config.width_px)
        if tuple(first_NCHW.shape) != legal:
            raise ValueError(
                f"first frames do not fit; seen: {tuple(first_NCHW.shape)}; legal: {legal}"
            )

    def _denoise(
        self,
        text: TextCondition,
        generators: Generators,
        options: SamplingOptions,
        low: Tensor | None,
        time_T: Tensor,
        callback: Callback | None,
        first: Tensor | None = None,
    ) -> Tensor:
        config = self.config
        n, t = len(generators), len(time_T)
        n_steps = options.n_steps or config.n_steps
        sampler = make_sampler(options.sampler, n_steps, config.noise.shift)
        weight = config.guidance if options.guidance is None else options.guidance
        weights = guidance_weights(n_steps, weight, oscillating=options.oscillating)
        condition = self._condition(text, generators, low, time_T)
        blind = replace(
            condition,
            text_NTP=torch.zeros_like(condition.text_NTP),
            slots_NTSD=None
            if condition.slots_NTSD is None
            else torch.zeros_like(condition.slots_NTSD),
        )

        def predict(z: Tensor, log_snr: float, index: int) -> Tensor:
            levels = torch.full((n, t), log_snr)
            z, levels = _with_first(z, levels, first, noise)
            x_hat = self.network(z, levels, condition)
            if weights[index]:
                x_hat = guide(x_hat, self.network(z, levels, blind), weights[index])
            # dynamic thresholding is against guidance's excess; without it a clip is enough
            percentile = options.percentile if weights[index] else 1.0
            if self.independent_frames:  # a frame must not depend on its chunk
                folded = x_hat.flatten(0, 1)[:, None]
                return dynamic_threshold(folded, percentile).view_as(x_hat)
            return dynamic_threshold(x_hat, percentile)

        def after_step(index: int, x_hat: Tensor) -> None:
            if callback is not None:
                callback(
                    Progress(stage=config.name, step=index + 1, n_steps=n_steps, x_hat_NTCHW=x_hat)
                )

        noise = self._noise((n, t, 3, config.height_px, config.width_px), generators)
        video = run_sampler(sampler, predict, noise, generators, after_step)
        least = config.least_levels if options.least_levels is None else options.least_levels
        if least and low is not None:
            video = settle(video, self._plain(low, condition), least)
        if first is not None:
            video[:, 0] = first
        return video

    def _plain(self, low: Tensor, condition: Condition) -> Tensor:
        """The guess that the stage changes; of an enlarging stage without its noise."""
        if self.config.kind == "ssr":
            return upsample(low, self.config.height_px, self.config.width_px)
        return self.network.plain_guess(condition)

    def _noise(self, shape: tuple[int, ...], generators: Generators) -> Tensor:
        if not self.config.shared_noise:
            return draw_noise(shape, generators)
        return draw_noise((shape[0], 1, *shape[2:]), generators).expand(shape).contiguous()

    def _condition(
        self, text: TextCondition, generators: Generators, low: Tensor | None, time_T: Tensor
    ) -> Condition:
        n, t = len(generators), len(time_T)
        if self.config.deaf:
            text = TextCondition(
                vector_NP=torch.zeros_like(text.vector_NP),
                slots_NSD=torch.zeros_like(text.slots_NSD),
            )
        slots = text.slots_NSD[:, None].expand(n, t, *text.slots_NSD.shape[1:])
        condition = Condition(
            text_NTP=text.vector_NP[:, None].expand(n, t, -1),
            slots_NTSD=slots if self.config.network.cross_blocks else None,
            time_NT=time_T[None].expand(n, t),
        )
        if low is None:
            return condition
        level = torch.full((n, t), self.config.noise.low_log_snr_sampling)
        n_pixels = self.config.pixel_channels
        clean, mask = low[:, :, :n_pixels], low[:, :, n_pixels:]
        noisy = add_noise(clean, self._noise(tuple(clean.shape), generators), level)
        size = (self.config.height_px, self.config.width_px)
        shown = meet(noisy) if self.config.kind == "tsr" else upsample(noisy, *size)
        return replace(condition, low_NTCHW=hide(shown, mask), low_log_snr_NT=level)


def settle(video: Tensor, plain: Tensor, least_levels: float) -> Tensor:
    """The video with its changes to the plain guess made smaller by `least_levels` of 255 (-1..1).

    Smaller changes than that go: on plain grounds they are all that is left of noise, and grain.
    """
    change, least = video - plain, least_levels / 127.5
    return plain + change - change.clamp(-least, least)


def _advice(config: StageConfig, n: int, n_frames: int) -> AbstractContextManager[None]:
    independent = config.network.temporal == "none" and config.shared_noise
    fewer = "SamplingOptions(chunk_frames=1)" if independent else "fewer videos at once"
    return advice(
        f"in stage {config.name}",
        f"{n} x {n_frames} frames of {config.height_px} x {config.width_px} at once",
        f"{fewer}, or an earlier stage",
    )


def _with_first(
    z_NTCHW: Tensor, log_snr_NT: Tensor, first_NCHW: Tensor | None, noise_NTCHW: Tensor
) -> tuple[Tensor, Tensor]:
    """Noisy video and levels with a given first frame in place, all but clean."""
    if first_NCHW is None:
        return z_NTCHW, log_snr_NT
    z, levels = z_NTCHW.clone(), log_snr_NT.clone()
    levels[:, 0] = GIVEN_LOG_SNR
    z[:, :1] = add_noise(first_NCHW[:, None], noise_NTCHW[:, :1], levels[:, :1])
    return z, levels


def _odd(n_known: int) -> Tensor:
    """Instants of the frames that lie between known ones."""
    return (2 * torch.arange(n_known) + 1) / (2 * n_known)
