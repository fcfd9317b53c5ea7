"""The I3D network (Inception-v1 inflated to 3D; arXiv 1705.07750) as a function of its weights.

Shapes: N clips, C channels, T frames, H and W pixels; everything is laid out channels-last. Padding
is TensorFlow's SAME: `max((ceil(n/stride) - 1) stride + size - n, 0)` in all, the smaller half in
front; a maximum ignores what is padded.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import torch
from torch.nn import functional

from bench.errors import TooFewFrames

MIN_FRAMES = 9
"""From nine frames on the last layers have the two time steps that their average pool needs."""

SIDE_PX = 224
_MIXED_3 = ("Mixed_3b", "Mixed_3c")
_MIXED_4 = ("Mixed_4b", "Mixed_4c", "Mixed_4d", "Mixed_4e", "Mixed_4f")
_MIXED_5 = ("Mixed_5b", "Mixed_5c")


class I3dNet:
    """Logits and pooled features of clips. `weights` is what `_i3d_weights.load` gives."""

    def __init__(self, weights: Mapping[str, torch.Tensor], device: str = "cpu") -> None:
        self.weights = {name: tensor.to(device) for name, tensor in weights.items()}
        has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        self._use_onednn = has_onednn and torch.device(device).type == "cpu"

    def __call__(self, x_NCTHW: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Kinetics-400 logits (N, 400), averaged over time, and mean-pooled Mixed_5c (N, 1024).

        `x_NCTHW` is float32 in -1..1, 224 pixels square.
        """
        if x_NCTHW.shape[2] < MIN_FRAMES:
            raise TooFewFrames(
                "I3D needs more frames", seen=x_NCTHW.shape[2], legal=f"{MIN_FRAMES} or more"
            )
        x = self._stem(x_NCTHW)
        x = max_pool(x, size=(1, 3), stride=(1, 2))
        x = self._unit(self._unit(x, "Conv3d_2b_1x1"), "Conv3d_2c_3x3")
        x = max_pool(x, size=(1, 3), stride=(1, 2))
        for name in _MIXED_3:
            x = self._mixed(x, name)
        x = max_pool(x, size=(3, 3), stride=(2, 2))
        for name in _MIXED_4:
            x = self._mixed(x, name)
        x = max_pool(x, size=(2, 2), stride=(2, 2))
        for name in _MIXED_5:
            x = self._mixed(x, name)
        kernel = self.weights["Logits/Conv3d_0c_1x1/kernel"].flatten(1)
        # the average over time comes before the linear layer: the same sum with one product
        averaged = functional.avg_pool3d(x, (2, 7, 7), stride=1).mean((2, 3, 4))
        logits_NK = functional.linear(averaged, kernel, self.weights["Logits/Conv3d_0c_1x1/bias"])
        return logits_NK, x.mean((2, 3, 4))

    def _stem(self, x: torch.Tensor) -> torch.Tensor:
        """Conv3d_1a_7x7, the only unit with a stride and so with uneven padding."""
        pads = [side for n in reversed(x.shape[2:]) for side in same_padding(n, size=7, stride=2)]
        padded = functional.pad(x, pads).contiguous(memory_format=torch.channels_last_3d)
        return self._unit(padded, "Conv3d_1a_7x7", stride=2, padding=0)

    def _mixed(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """An Inception module: four branches side by side."""
        branches = [
            self._unit(x, f"{name}/Branch_0/Conv3d_0a_1x1"),
            self._unit(
                self._unit(x, f"{name}/Branch_1/Conv3d_0a_1x1"), f"{name}/Branch_1/Conv3d_0b_3x3"
            ),
            self._unit(
                self._unit(x, f"{name}/Branch_2/Conv3d_0a_1x1"), f"{name}/Branch_2/Conv3d_0b_3x3"
            ),
            self._unit(max_pool(x, size=(3, 3), stride=(1, 1)), f"{name}/Branch_3/Conv3d_0b_1x1"),
        ]
        return torch.cat(branches, dim=1)

    def _unit(
        self, x: torch.Tensor, name: str, stride: int = 1, padding: int | None = None
    ) -> torch.Tensor:
        """Convolution with folded batch norm, then ReLU."""
        kernel, bias = self.weights[f"{name}/kernel"], self.weights[f"{name}/bias"]
        pad = kernel.shape[-1] // 2 if padding is None else padding
        if self._use_onednn:
            # conv3d leaves oneDNN for a plain loop where one clip's activations are small
            # (Mixed_4 and Mixed_5), which is three times slower and rounds differently
            y = torch.mkldnn_convolution(
                x, kernel, bias, [pad] * 3, [stride] * 3, [1, 1, 1], groups=1
            )
        else:
            y = functional.conv3d(x, kernel, bias, stride=stride, padding=pad)
        return y.relu_()


def same_padding(n: int, *, size: int, stride: int) -> tuple[int, int]:
    """How much TensorFlow pads `n` values in front and behind for SAME."""
    total = max((-(-n // stride) - 1) * stride + size - n, 0)
    return total // 2, total - total // 2


def max_pool(x: torch.Tensor, *, size: tuple[int, int], stride: tuple[int, int]) -> torch.Tensor:
    """Maximum over windows of (time, space) `size`, padded as SAME with minus infinity.

    First over space, then over time: a maximum of maxima is exact, and two cheap passes take half
    the time of `max_pool3d`.
    """
    n, channels, n_frames, height, width = x.shape
    planes = x.permute(0, 2, 1, 3, 4).reshape(n * n_frames, channels, height, width)
    before, _ = same_padding(height, size=size[1], stride=stride[1])
    # 224 halves evenly down to 7, so SAME pads both sides alike or only behind, as ceil_mode does
    planes = functional.max_pool2d(planes, size[1], stride[1], padding=before, ceil_mode=True)
    y = planes.reshape(n, n_frames, channels, *planes.shape[2:]).permute(0, 1, 3, 4, 2)
    if size[0] > 1:
        before, _ = same_padding(n_frames, size=size[0], stride=stride[0])
        starts = range(-before, n_frames - before, stride[0])
        windows = (y[:, max(s, 0) : s + size[0]].unbind(1) for s in starts)
        y = torch.stack([functools.reduce(torch.maximum, window) for window in windows], dim=1)
    return y.permute(0, 4, 1, 2, 3)
