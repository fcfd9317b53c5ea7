"""Muon for the matrices inside a network's blocks, AdamW for the rest, and a moving average.

Muon (Keller Jordan, 2024) replaces the momentum of a matrix by the nearest orthogonal one, found
by five Newton-Schulz steps. A convolution's kernel is a matrix of out x (in * height * width).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

_A, _B, _C = 3.4445, -4.7750, 2.0315
_INSIDE = ("down.", "up.", "middle.", "shrink.", "grow.")
_NOT_MATRICES = ("to_ada", "film", "time", "cross.to_k", "cross.to_v")


def orthogonalise(m_BRC: Tensor, *, low_precision: bool = False) -> Tensor:
    """The nearest matrices with singular values of about 1, by five Newton-Schulz steps."""
    x = m_BRC.bfloat16() if low_precision else m_BRC
    wide = x.shape[1] <= x.shape[2]
    if not wide:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    out: Tensor = (x if wide else x.mT).to(m_BRC.dtype)
    return out


def split_parameters(network: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Parameters for Muon and for AdamW."""
    muon, adam = [], []
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        inside = name.startswith(_INSIDE) and parameter.ndim >= 2
        if inside and not any(word in name for word in _NOT_MATRICES):
            muon.append(parameter)
        else:
            adam.append(parameter)
    return muon, adam


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; the step's size matches AdamW's (0.2 sqrt(max side))."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        *,
        lr: float,
        momentum: float = 0.95,
        low_precision: bool = False,
    ) -> None:
        self.low_precision = low_precision
        super().__init__(list(parameters), {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step; matrices of one shape are worked on together."""
        for group in self.param_groups:
            alike: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                buffer = state.setdefault("momentum", torch.zeros_like(parameter))
                buffer.lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(buffer, group["momentum"]).flatten(1)
                alike[tuple(update.shape)].append((parameter, update))
            for shape, pairs in alike.items():
                updates = orthogonalise(
                    torch.stack([u for _, u in pairs]), low_precision=self.low_precision
                )
                scale = 0.2 * max(shape) ** 0.5 * group["lr"]
                for (parameter, _), update in zip(pairs, updates, strict=True):
                    parameter.add_(update.view_as(parameter), alpha=-scale)


class Average:
    """An exponential moving average of a network's parameters."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values = {k: v.detach().clone() for k, v in network.named_parameters()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network; faster in the first steps, when it knows nothing yet."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, parameter in network.named_parameters():
            self.values[name].lerp_(parameter.detach(), 1 - decay)

    def load(self, values: Mapping[str, Tensor]) -> None:
        """Take over saved values."""
        self.values = {name: value.detach().clone() for name, value in values.items()}
