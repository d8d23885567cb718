"""Several pieces of time at once give what one gives, whatever the LSTM remembers."""

import pytest
import torch
from torch import nn

from streamsep_offline.umx import recurrence
from streamsep_offline.umx.recurrence import follow

FORGETFUL, LONG, ENDLESS = 0.0, 3.0, 30.0


def lstm(forget_bias: float) -> nn.LSTM:
    torch.manual_seed(3)
    layer = nn.LSTM(12, 8)
    with torch.no_grad():
        layer.bias_ih_l0[8:16] += forget_bias
    return layer.requires_grad_(False).eval()


def signal(frames: int, batch: int = 2) -> torch.Tensor:
    return torch.randn(frames, batch, 12, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("pieces", [2, 3, 4])
@pytest.mark.parametrize("forget_bias", [FORGETFUL, LONG, ENDLESS])
def test_pieces_are_the_whole(forget_bias, pieces):
    layer, x = lstm(forget_bias), signal(1001)
    expected = layer(x)[0]
    difference = (follow(layer, x, pieces) - expected).abs().max()
    assert difference < 1e-5
    assert expected.std() > 0.05


def test_pieces_without_their_neighbours_state_would_be_wrong():
    layer, x = lstm(LONG), signal(1000)
    alone = torch.cat([layer(piece)[0] for piece in x.split(500)])
    assert (alone - layer(x)[0]).abs().max() > 0.1


@pytest.mark.parametrize(
    ("forget_bias", "fewest", "most"), [(FORGETFUL, 1.0, 1.2), (ENDLESS, 3.0, 4.0)]
)
def test_only_what_the_memory_asks_for_is_run_again(monkeypatch, forget_bias, fewest, most):
    layer, frames = lstm(forget_bias), []
    monkeypatch.setattr(
        layer,
        "forward",
        lambda x, *state, run=layer.forward: frames.append(len(x)) or run(x, *state),
    )
    follow(layer, signal(1600), 4)
    assert fewest <= sum(frames) / 400 <= most


def test_silence_costs_one_sweep_and_nan_ends(monkeypatch):
    layer = lstm(LONG)
    assert torch.isfinite(follow(layer, torch.zeros(1024, 1, 12), 4)).all()
    x = signal(1024, 1)
    x[100] = torch.nan
    assert torch.isnan(follow(layer, x, 4)[100:]).all()


def test_short_signals_and_wide_batches_go_in_one_piece(make_network, monkeypatch):
    counts = []
    original = recurrence.follow
    monkeypatch.setattr(recurrence, "follow", lambda m, x, n: counts.append(n) or original(m, x, n))
    network = make_network()
    layers = recurrence.Recurrence(network.state_dict(), 3, False, "cpu")
    for frames, batch, pieces in ((100, 1, 1), (600, 1, 2), (5000, 1, 4), (5000, 3, 1)):
        counts.clear()
        with torch.inference_mode():
            layers(torch.zeros(frames, batch, 16))
        assert set(counts) == {pieces}
