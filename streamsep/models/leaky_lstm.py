"""An LSTM whose cell forgets a fixed share per frame, over whole sequences, for training.

    c_t = m f_t c_{t-1} + i_t g_t,   h_t = o_t tanh(c_t)

PyTorch's own layer knows no m, and automatic differentiation of the loop adds up the gradient of
the weights once per frame, which takes three times as long as this: here it is one product.
"""

from __future__ import annotations

from typing import Any

import torch


def run_sequence(
    driven: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, memory: float
) -> torch.Tensor:
    """Outputs of the LSTM from a zero state.

    Args:
        driven: What the inputs add to the gates, in PyTorch's order. [batch, frames, 4 hidden]
        weight: Hidden to gates. [4 hidden, hidden]
        bias: Of the gates. [4 hidden]
        memory: The fixed factor m.

    Returns:
        [batch, frames, hidden]
    """
    return _Recurrence.apply(driven, weight, bias, memory)


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, driven: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, memory: float
    ) -> torch.Tensor:
        hidden = cell = driven.new_zeros((len(driven), weight.shape[1]))
        outputs, cells, gates = [hidden], [cell], []
        for now in driven.unbind(1):
            write, forget, candidate, read = torch.addmm(now + bias, hidden, weight.T).chunk(4, -1)
            write, forget, read = (torch.sigmoid(x) for x in (write, forget, read))
            candidate = torch.tanh(candidate)
            cell = memory * forget * cell + write * candidate
            hidden = read * torch.tanh(cell)
            outputs.append(hidden)
            cells.append(cell)
            gates.append(torch.cat([write, forget, candidate, read], -1))
        stacked = torch.stack(outputs, 1)
        ctx.save_for_backward(weight, stacked, torch.stack(cells, 1), torch.stack(gates, 1))
        ctx.memory = memory
        return stacked[:, 1:]

    @staticmethod
    def backward(
        ctx: Any, grad: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, None]:
        weight, outputs, cells, gates = ctx.saved_tensors
        by_hidden = by_cell = torch.zeros_like(outputs[:, 0])
        by_gates = torch.empty_like(gates)
        for t in range(gates.shape[1] - 1, -1, -1):
            write, forget, candidate, read = gates[:, t].chunk(4, -1)
            squashed = torch.tanh(cells[:, t + 1])
            by_hidden = grad[:, t] + by_hidden
            by_cell = by_cell + by_hidden * read * (1.0 - squashed**2)
            parts = (
                by_cell * candidate * write * (1.0 - write),
                by_cell * ctx.memory * cells[:, t] * forget * (1.0 - forget),
                by_cell * write * (1.0 - candidate**2),
                by_hidden * squashed * read * (1.0 - read),
            )
            now = by_gates[:, t] = torch.cat(parts, -1)
            by_cell = by_cell * ctx.memory * forget
            by_hidden = now @ weight
        flat = by_gates.flatten(0, 1)
        by_weight = flat.T @ outputs[:, :-1].flatten(0, 1)
        return by_gates, by_weight, flat.sum(0), None
