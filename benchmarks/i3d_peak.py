"""How much of the machine's float32 peak the I3D network reaches, one clip on one thread.

One thread is how a worker runs it. The peak is the best of a large matrix product and of single
convolutions, on the same thread, measured in turn with the network, so that a slow moment of the
machine strikes all alike. The clock is the thread's own CPU time, which stands still while another
program has the core. torch.compile and ONNX Runtime run the same network for comparison.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch.nn import functional

from bench.features import _i3d_weights
from bench.features._i3d_net import I3dNet, same_padding
from benchmarks._result import Result, Setting, cores

LIMIT = 60.0
GEMM_SIDE = 2048
CONVOLUTIONS = {
    "conv3d 64 to 192, 3x3x3 at 8x56x56": ((1, 64, 8, 56, 56), (192, 64, 3, 3, 3)),
    "conv3d 160 to 320, 3x3x3 at 4x14x14": ((1, 160, 4, 14, 14), (320, 160, 3, 3, 3)),
}
INPUT = (1, 3, 16, 224, 224)
_ONNX_LAST_STEP = "torch.onnx._internal.torchscript_exporter.onnx_proto_utils._add_onnxscript_fn"


class CountingNet(I3dNet):
    """Adds up the multiplications and additions of the convolutions as it goes."""

    flop = 0

    def _unit(
        self, x: torch.Tensor, name: str, stride: int = 1, padding: int | None = None
    ) -> torch.Tensor:
        y = super()._unit(x, name, stride, padding)
        self.flop += 2 * y.numel() * self.weights[f"{name}/kernel"][0].numel()
        return y


class PlainNet(I3dNet, torch.nn.Module):
    """The same network by conv3d, which can be traced and exported."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        torch.nn.Module.__init__(self)
        I3dNet.__init__(self, weights)
        self._use_onednn = False

    def _stem(self, x: torch.Tensor) -> torch.Tensor:
        # without a memory format, of which ONNX knows nothing
        pads = [side for n in reversed(x.shape[2:]) for side in same_padding(n, size=7, stride=2)]
        return self._unit(functional.pad(x, pads), "Conv3d_1a_7x7", stride=2, padding=0)

    def forward(self, x_NCTHW: torch.Tensor) -> torch.Tensor:
        return I3dNet.__call__(self, x_NCTHW)[0]

    __call__ = torch.nn.Module.__call__


def run(setting: Setting) -> tuple[Result, ...]:
    """GFLOP/s of the network and of the peak, on one thread; the rest goes into the details."""
    weights = _i3d_weights.load()
    x = torch.randn(INPUT, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    counting = CountingNet(weights)
    torch.set_num_threads(1)
    with torch.inference_mode():
        counting(x)
        seconds, flop = _measure(setting, I3dNet(weights), x, counting.flop)
        rates = {name: flop[name] / seconds[name] / 1e9 for name in seconds}
        tried = _others(setting, weights, x)
        torch.set_num_threads(cores())
        net = I3dNet(weights)
        every_core = min(_times(lambda: net(x), setting.size(5, 2), time.perf_counter))
    peak = max(rate for name, rate in rates.items() if name != "i3d")
    details = {
        "gflop_s": rates,
        "gflop_per_clip": counting.flop / 1e9,
        "seconds_per_clip": {"eager": seconds["i3d"], f"eager, {cores()} threads": every_core}
        | tried,
    }
    return (
        Result(
            name="i3d_peak",
            figure=100 * rates["i3d"] / peak,
            limit=LIMIT,
            unit="% of peak",
            sense="at least",
            details=details,
        ),
    )


def _measure(
    setting: Setting, net: I3dNet, x: torch.Tensor, net_flop: int
) -> tuple[dict[str, float], dict[str, int]]:
    """Best seconds and the number of operations of the network and of each candidate for peak."""
    a, b = torch.randn(GEMM_SIDE, GEMM_SIDE), torch.randn(GEMM_SIDE, GEMM_SIDE)
    calls: dict[str, Callable[[], Any]] = {"i3d": lambda: net(x), "gemm": lambda: a @ b}
    flop = {"i3d": net_flop, "gemm": 2 * GEMM_SIDE**3}
    for name, (shape, kernel_shape) in CONVOLUTIONS.items():
        picture, kernel = _channels_last(shape), _channels_last(kernel_shape)
        calls[name] = _convolution(picture, kernel)
        flop[name] = 2 * calls[name]().numel() * kernel[0].numel()
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(setting.size(12, 3)):
        for name, call in calls.items():
            best[name] = min(best[name], *_times(call, 1 if name == "i3d" else 3))
    return best, flop


def _channels_last(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(shape).contiguous(memory_format=torch.channels_last_3d)


def _convolution(x: torch.Tensor, kernel: torch.Tensor) -> Callable[[], torch.Tensor]:
    # the call that the network makes where oneDNN is there
    if torch.backends.mkldnn.is_available():
        three = [1] * 3
        return lambda: torch.mkldnn_convolution(x, kernel, None, three, three, three, groups=1)
    return lambda: functional.conv3d(x, kernel, padding=1)


def _times(
    call: Callable[[], Any], n: int, clock: Callable[[], float] = time.thread_time
) -> list[float]:
    times = []
    for _ in range(n):
        start = clock()
        call()
        times.append(clock() - start)
    return times


def _others(
    setting: Setting, weights: dict[str, torch.Tensor], x: torch.Tensor
) -> dict[str, float | str]:
    """Seconds a clip of the same network run otherwise, or why it did not run."""
    expected, _ = I3dNet(weights)(x)
    made: dict[str, float | str] = {}
    for name, build in {"torch.compile": _compiled, "onnxruntime": _exported}.items():
        try:
            call = build(PlainNet(weights), x, setting.root)
            gap = (torch.as_tensor(call()) - expected).abs().max()
            if gap > 1e-2:
                made[name] = f"gives other numbers: off by {gap:.3g}"
                continue
            made[name] = min(_times(call, setting.size(5, 2)))
        except Exception as error:  # noqa: BLE001 - compilers fail in any way; the reason is kept
            made[name] = f"did not run: {type(error).__name__}: {str(error).strip()[:300]}"
    return made


def _compiled(net: PlainNet, x: torch.Tensor, root: Path) -> Callable[[], Any]:
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        raise RuntimeError("no C++ compiler on this machine")
    compiled = torch.compile(net)
    return lambda: compiled(x)


def _exported(net: PlainNet, x: torch.Tensor, root: Path) -> Callable[[], Any]:
    import onnxruntime

    path = root / "i3d.onnx"
    # the last step adds functions written in onnxscript, of which there are none, and for that it
    # wants the package onnx, which nothing else here needs
    skipped = mock.patch(_ONNX_LAST_STEP, lambda model, functions: model)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), skipped:
        warnings.simplefilter("ignore")
        torch.onnx.export(net, (x,), str(path), dynamo=False, opset_version=17)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x.numpy()}
    return lambda: session.run(None, feed)[0]
