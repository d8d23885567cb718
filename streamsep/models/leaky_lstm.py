"""An LSTM whose cell forgets a fixed share per frame, over whole sequences, for training.

    c_t = m f_t c_{t-1} + i_t g_t,   h_t = o_t tanh(c_t)

PyTorch's own layer knows no m, and automatic differentiation of the loop adds up the gradient of
the weights once per frame, which takes three times as long as this: here it is one product. What needs no
frame before it is computed for all frames at once: on a GPU each operation within the loop costs its launch.
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
        [batch, frames, hidden], float32 where autocast is on: a cell of 16 bits forgets by rounding.
    """
    device = driven.device.type
    if not (torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)):
        return _Recurrence.apply(driven + bias, weight, memory)
    with torch.autocast(device, enabled=False):
        return _Recurrence.apply(driven.float() + bias, weight, memory)


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, driven: torch.Tensor, weight: torch.Tensor, memory: float
    ) -> torch.Tensor:
        n_hidden, by_gate = weight.shape[1], weight.T.contiguous()
        hidden = cell = driven.new_zeros((len(driven), n_hidden))
        outputs, cells, gates = [hidden], [cell], []
        for now in driven.unbind(1):
            before = torch.addmm(now, hidden, by_gate)
            opened, candidate = (
                torch.sigmoid(before),
                torch.tanh(before[:, 2 * n_hidden : -n_hidden]),
            )
            write, forget, _, read = opened.chunk(4, -1)
            cell = torch.addcmul(write * candidate, forget, cell, value=memory)
            hidden = read * torch.tanh(cell)
            outputs.append(hidden)
            cells.append(cell)
            gates.append((opened, candidate))
        stacked = torch.stack(outputs, 1)
        opened, candidates = (torch.stack(one, 1) for one in zip(*gates, strict=True))
        ctx.save_for_backward(weight, stacked, torch.stack(cells, 1), opened, candidates)
        ctx.memory = memory
        return stacked[:, 1:]

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        weight, outputs, cells, opened, candidates = ctx.saved_tensors
        write, forget, _, read = opened.chunk(4, -1)
        squashed = torch.tanh(cells[:, 1:])
        by_opened = opened * (1.0 - opened)
        by_write, by_forget, _, by_read = by_opened.chunk(4, -1)
        # d gates / d cell, the first three gates, and d output gate / d output; d cell / d output.
        from_cell = torch.cat(
            [
                candidates * by_write,
                ctx.memory * cells[:, :-1] * by_forget,
                write * (1.0 - candidates**2),
            ],
            -1,
        )
        from_output, to_cell = squashed * by_read, read * (1.0 - squashed**2)
        kept = ctx.memory * forget
        n_frames, n_hidden = squashed.shape[1:]
        by_gates = torch.empty_like(opened)
        by_cell, by_hidden = torch.zeros_like(squashed[:, 0]), grad[:, -1]
        for t in range(n_frames - 1, -1, -1):
            by_cell = torch.addcmul(by_cell, by_hidden, to_cell[:, t])
            now = by_gates[:, t]
            three = now[:, : 3 * n_hidden].unflatten(-1, (3, n_hidden))
            torch.mul(from_cell[:, t].unflatten(-1, (3, n_hidden)), by_cell[:, None], out=three)
            torch.mul(by_hidden, from_output[:, t], out=now[:, 3 * n_hidden :])
            if t:
                by_cell = by_cell * kept[:, t]
                by_hidden = torch.addmm(grad[:, t - 1], now, weight)
        flat = by_gates.flatten(0, 1)
        return by_gates, flat.T @ outputs[:, :-1].flatten(0, 1), None
