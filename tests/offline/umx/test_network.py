"""The folded network is Open-Unmix: ours and the peer's, with the same weights, on the same input."""

import pytest
import torch

from streamsep.models.open_unmix import OpenUnmix
from streamsep_offline.umx.network import FoldedNetwork
from streamsep_offline.umx.weights import build_network

SHAPES = {
    "umxhq": {"nb_bins": 129, "nb_channels": 2, "hidden_size": 32, "max_bin": 93},
    "umxse": {"nb_bins": 65, "nb_channels": 1, "hidden_size": 16, "max_bin": 65},
    "causal": {"nb_bins": 129, "nb_channels": 2, "hidden_size": 24, "unidirectional": True},
    "one layer": {"nb_bins": 33, "nb_channels": 2, "hidden_size": 16, "nb_layers": 1},
    "five layers": {"nb_bins": 33, "nb_channels": 1, "hidden_size": 16, "nb_layers": 5},
}


def peer_network(openunmix, shape: dict, seed: int = 0):
    torch.manual_seed(seed)
    mean = torch.rand(shape["nb_bins"]).numpy() + 0.5
    network = openunmix.model.OpenUnmix(**shape, input_mean=mean, input_scale=mean[::-1].copy())
    for norm in (network.bn1, network.bn2, network.bn3):
        torch.nn.init.uniform_(norm.running_var, 0.5, 2.0)
        torch.nn.init.normal_(norm.running_mean)
    torch.nn.init.uniform_(network.output_scale, 0.5, 1.5)
    return network.eval()


def magnitudes(shape: dict, frames: int, batch: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    x = torch.rand(batch, shape["nb_channels"], shape["nb_bins"], frames, generator=generator)
    return 3.0 * x


def relative_difference(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max())


def folded(network: OpenUnmix, x: torch.Tensor) -> torch.Tensor:
    rows = x.transpose(2, 3).contiguous()
    out = torch.full_like(rows, torch.nan)
    with torch.inference_mode():
        FoldedNetwork(network, "cpu").estimate(rows, out)
    return out.transpose(2, 3)


@pytest.mark.parametrize("frames", [1, 40, 700], ids="{} frames".format)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_same_weights_same_magnitudes_as_the_peer(openunmix, shape, frames):
    peer, x = peer_network(openunmix, shape), magnitudes(shape, frames)
    with torch.inference_mode():
        expected = peer(x)
    network = build_network(peer.state_dict(), "state")
    with torch.inference_mode():
        assert relative_difference(network.offline(x), expected) < 1e-6
    assert relative_difference(folded(network, x), expected) < 2e-6
    assert float(expected.std()) > 0.05


def test_a_batch_is_its_items_one_by_one(make_network):
    network = make_network()
    x = torch.rand(3, 2, 33, 600, generator=torch.Generator().manual_seed(1))
    together = folded(network, x)
    for item, alone in zip(together, x, strict=True):
        assert relative_difference(item[None], folded(network, alone[None])) < 2e-6


def test_loud_and_quiet_music_keep_their_precision(make_network):
    network = make_network()
    x = torch.rand(1, 2, 33, 50, generator=torch.Generator().manual_seed(1))
    for level in (1e-4, 1e4):
        with torch.inference_mode():
            expected = network.offline(level * x)
        assert relative_difference(folded(network, level * x), expected) < 1e-5
