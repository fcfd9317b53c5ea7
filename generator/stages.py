"""What a preset is made of: stages with their networks, sizes, noise and training."""

from __future__ import annotations

from dataclasses import dataclass

from generator.adapter import AdapterConfig
from generator.diffusion import NoiseConfig
from generator.unet import UNetConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of training with one curriculum level and one clip length.

    Beside its `n_clips`, each batch has `n_packs` packs of single images, whose temporal layers
    are masked and whose noise is moved by `image_shift`. The rate falls to nothing over the last
    quarter when `decay`. Clips with a `span` are evenly spaced (see ClipShape). `edge_weight` adds
    the error of edges to the loss.
    """

    level: int
    n_frames: int
    n_clips: int
    steps: int
    learning_rate: float = 1.4e-3
    shift: float = -1.5
    n_packs: int = 0
    image_shift: float = -1.5
    decay: bool = False
    span: float | None = None
    edge_weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageConfig:
    """One sub-model of a cascade.

    `kind` is "base", "tsr" (doubles the frames), "fill" (shows every `scale`-th frame, or the first
    alone, and fills in the others) or "ssr" (enlarges by `scale`). Sizes are of the output.
    `crop_px` cuts training clips of a fully convolutional stage (height, width), `n_crops` from
    each. A stage that is
    `grown_from` a stage of another preset starts with its weights, and what is new in it as the
    identity; `trains` is "all" or "temporal": the layers that look across frames and nothing else.
    `grown_middle` names the middle blocks that it takes over, in order, when it has fewer. A grown
    stage without phases is the other's weights as they are. In a share of the training clips,
    `given_first_prob`, the first frame is all but clean, so that a base can go on from an image.
    `least_levels` is the smallest change, in levels of 255, that sampling makes to the plain guess.
    """

    name: str
    kind: str
    n_frames: int
    height_px: int
    width_px: int
    fps: float
    network: UNetConfig
    noise: NoiseConfig
    phases: tuple[Phase, ...]
    n_steps: int = 16
    guidance: float = 3.0
    scale: int = 1
    crop_px: tuple[int, int] | None = None
    n_crops: int = 1
    shared_noise: bool = False
    text_drop_prob: float = 0.12
    grown_from: tuple[str, str] | None = None
    grown_middle: tuple[int, ...] | None = None
    given_first_prob: float = 0.0
    trains: str = "all"
    least_levels: float = 0.0

    @property
    def pixel_channels(self) -> int:
        """Channels of the conditioning video that are pixels and get noise; the rest is a mask."""
        return 3 if self.kind == "fill" else self.network.cond_channels

    @property
    def deaf(self) -> bool:
        """True when no layer ever heard a caption: such a stage is told none when it samples."""
        return self.text_drop_prob >= 1 and self.trains == "all"

    @property
    def kin_whole(self) -> bool:
        """True when the stage has no weights of its own: it is what it is grown from."""
        return self.grown_from is not None and not self.phases


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A cascade: its text side and its stages in order.

    `text_from` names the preset whose trained adapter it shares.
    """

    name: str
    text_encoder: str
    adapter: AdapterConfig
    stages: tuple[StageConfig, ...]
    text_from: str | None = None

    def stage(self, name: str) -> StageConfig:
        """The stage of this name.

        Raises:
            ValueError: when the preset has none.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        legal = ", ".join(stage.name for stage in self.stages)
        raise ValueError(f"preset {self.name} has no such stage; seen: {name!r}; legal: {legal}")
