"""Muon and the moving average."""

from __future__ import annotations

import pytest
import torch

from generator.optim import Average, Muon, orthogonalise, split_parameters
from generator.unet import VideoUNet
from support.generator import tiny_stage


@pytest.mark.parametrize("shape", [(3, 8, 20), (2, 20, 8), (1, 6, 6)])
def test_orthogonalised_matrices_keep_their_directions_with_one_length(shape) -> None:
    m = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    out = orthogonalise(m)
    assert out.shape == m.shape
    sizes = torch.linalg.svdvals(out)
    assert sizes.min() > 0.5
    assert sizes.max() < 1.5
    # same singular vectors: u^T out v is diagonal and positive
    u, _, vt = torch.linalg.svd(m, full_matrices=False)
    core = u.mT @ out @ vt.mT
    off = core - torch.diag_embed(core.diagonal(dim1=1, dim2=2))
    assert off.abs().max() < 1e-3


def test_a_step_of_muon_has_the_size_of_adamws() -> None:
    weight = torch.nn.Parameter(torch.zeros(16, 8, 3, 3))
    weight.grad = torch.randn(weight.shape, generator=torch.Generator().manual_seed(0))
    Muon([weight], lr=0.1).step()
    rms = weight.detach().square().mean().sqrt().item()
    assert rms == pytest.approx(0.1 * 0.2, rel=0.25)


def test_muon_takes_the_blocks_matrices_and_adamw_all_else() -> None:
    network = VideoUNet(tiny_stage().network)
    muon, adam = split_parameters(network)
    names = {id(p): name for name, p in network.named_parameters()}
    by_muon = {names[id(p)] for p in muon}
    assert len(muon) + len(adam) == len(names)
    assert "middle.0.attention.to_q.weight" in by_muon
    assert "down.0.0.conv_in.weight" in by_muon
    for word in ("to_ada", "film", "teller", "inlet", "outlet", "bias", "places"):
        assert not any(word in name for name in by_muon), word


def test_the_average_lags_behind() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    average = Average(network, 0.9)
    torch.nn.init.ones_(network.weight)
    average.update(network, step=1000)
    assert average.values["weight"].item() == pytest.approx(0.1)
    average.update(network, step=0)  # early on it follows at once
    assert average.values["weight"].item() == pytest.approx(1 - 0.1 * 0.9)
