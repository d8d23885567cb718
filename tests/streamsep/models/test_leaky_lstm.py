import torch

from streamsep.models.leaky_lstm import run_sequence


def _arguments(batch=2, frames=5, hidden=3, dtype=torch.float64):
    torch.manual_seed(0)
    shapes = ((batch, frames, 4 * hidden), (4 * hidden, hidden), (4 * hidden,))
    return [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]


def test_gradients_are_right():
    assert torch.autograd.gradcheck(lambda *a: run_sequence(*a, 0.9), _arguments())


def test_without_forgetting_it_is_the_lstm_of_pytorch():
    driven, weight, bias = _arguments(frames=20)
    lstm = torch.nn.LSTM(12, 3, batch_first=True).double()
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.eye(12))
        lstm.bias_ih_l0.zero_()
        lstm.weight_hh_l0.copy_(weight)
        lstm.bias_hh_l0.copy_(bias)
    assert torch.allclose(run_sequence(driven, weight, bias, 1.0), lstm(driven)[0], atol=1e-12)


def test_what_lies_far_back_is_forgotten():
    """Gates wide open keep a cell for ever; the fixed factor lets it go."""
    driven = torch.zeros(1, 60, 4)
    driven[..., 1] = driven[..., 3] = 30.0  # remember all, read all
    driven[0, 0, [0, 2]] = 30.0  # write once
    driven[0, 1:, 0] = -30.0
    silent, bias = torch.zeros(4, 1), torch.zeros(4)
    kept, leaked = (run_sequence(driven, silent, bias, m)[0, :, 0] for m in (1.0, 0.9))
    assert float(kept[-1]) > 0.7
    assert abs(float(leaked[-1]) - 0.9**59) < 1e-4


def test_under_autocast_the_cell_keeps_its_digits():
    """With cells of 8 bits, 0.999 of one is itself: nothing would ever be forgotten."""
    driven, weight, bias = (x.detach().float() for x in _arguments(frames=50))
    wanted = run_sequence(driven, weight, bias, 0.999)
    weight.requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        found = run_sequence(driven.bfloat16().float(), weight, bias, 0.999)
    assert found.dtype == torch.float32
    assert torch.allclose(found, wanted, atol=0.03)
    found.sum().backward()
    assert weight.grad.dtype == torch.float32
    assert bool(weight.grad.isfinite().all())
