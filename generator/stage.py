"""Samples one stage: from noise, text and perhaps low-resolution video to video.

Shapes: N videos, T frames, 3 channels, H x W pixels in -1..1. Instants are shares of the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from generator.adapter import TextCondition
from generator.diffusion import add_noise, dynamic_threshold, guidance_weights, guide
from generator.examples import hide, neighbours, upsample
from generator.samplers import Generators, Progress, draw_noise, make_sampler, run_sampler
from generator.stages import StageConfig
from generator.unet import Condition, VideoUNet, channels_last

Callback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingOptions:
    """How a stage is sampled; `None` takes the stage's own figure.

    `guidance` is w in (1 + w) c - w u, 0 for none. `percentile` is that of dynamic thresholding,
    1 clips at the pixels' range. `chunk_frames` is how many frames a stage without temporal layers
    holds in memory at once.
    """

    sampler: str = "ddim"
    n_steps: int | None = None
    guidance: float | None = None
    oscillating: bool = False
    percentile: float = 0.995
    chunk_frames: int = 4


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
        callback: Callback | None = None,
    ) -> Tensor:
        """Video of this stage (N, T, 3, H, W). A "tsr" stage gives all frames, old and new.

        Raises:
            ValueError: when low-resolution video is missing, or of a size or length that does not
                fit the stage.
        """
        config = self.config
        low = self._checked(low_NTCHW)
        if config.kind == "tsr" and low is not None:
            told = neighbours(low)
            new = self._denoise(text, generators, options, told, _odd(low.shape[1]), callback)
            return torch.stack([low, new], dim=2).flatten(1, 2)
        if config.kind == "fill" and low is not None:
            return self._fill(text, generators, options, low, callback)
        n_frames = config.n_frames if low is None else low.shape[1]
        time = torch.arange(n_frames) / n_frames
        if low is not None:
            low = upsample(low, config.height_px, config.width_px)
        return self._denoise(text, generators, options, low, time, callback)

    def _fill(
        self,
        text: TextCondition,
        generators: Generators,
        options: SamplingOptions,
        known: Tensor,
        callback: Callback | None,
    ) -> Tensor:
        """All frames around known ones: every k-th, or (image to video) the first alone."""
        n, given = known.shape[:2]
        every = self.config.scale
        total = self.config.n_frames if given == 1 else (given - 1) * every + 1
        low = known.new_zeros(n, total, 4, *known.shape[-2:])
        at = torch.arange(given) * every
        low[:, at, :3], low[:, at, 3] = known, 1
        time = torch.arange(total) / total
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
            big = upsample(some, self.config.height_px, self.config.width_px)
            yield self._denoise(text, generators, options, big, time, None)

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

    def _denoise(
        self,
        text: TextCondition,
        generators: Generators,
        options: SamplingOptions,
        low: Tensor | None,
        time_T: Tensor,
        callback: Callback | None,
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
            x_hat = self.network(z, levels, condition)
            if weights[index]:
                x_hat = guide(x_hat, self.network(z, levels, blind), weights[index])
            if self.independent_frames:  # a frame must not depend on its chunk
                folded = x_hat.flatten(0, 1)[:, None]
                return dynamic_threshold(folded, options.percentile).view_as(x_hat)
            return dynamic_threshold(x_hat, options.percentile)

        def after_step(index: int, x_hat: Tensor) -> None:
            if callback is not None:
                callback(
                    Progress(stage=config.name, step=index + 1, n_steps=n_steps, x_hat_NTCHW=x_hat)
                )

        noise = self._noise((n, t, 3, config.height_px, config.width_px), generators)
        return run_sampler(sampler, predict, noise, generators, after_step)

    def _noise(self, shape: tuple[int, ...], generators: Generators) -> Tensor:
        if not self.config.shared_noise:
            return draw_noise(shape, generators)
        return draw_noise((shape[0], 1, *shape[2:]), generators).expand(shape).contiguous()

    def _condition(
        self, text: TextCondition, generators: Generators, low: Tensor | None, time_T: Tensor
    ) -> Condition:
        n, t = len(generators), len(time_T)
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
        return replace(condition, low_NTCHW=hide(noisy, mask), low_log_snr_NT=level)


def _odd(n_known: int) -> Tensor:
    """Instants of the frames that lie between known ones."""
    return (2 * torch.arange(n_known) + 1) / (2 * n_known)
