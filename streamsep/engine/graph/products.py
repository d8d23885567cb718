"""Matrix products in any precision, and the LSTM cell as one product and a few sums.

A product has two forms. As a matrix product it goes to the library, which is best for many streams. As
a sum of products over the last axis it is left to the compiler of `tuning`, which makes one kernel of it
and of what follows: for one stream that reads the weights faster than the library does. Without that
compiler the second form is slow.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from streamsep.engine.graph.precision import LARGEST_HALF


class Product(torch.nn.Module):
    """y = W x + b for one matrix, or for one per target.

    Args:
        weight: [out, in], or [targets, out, in].
        bias: [out], or [targets, out].
        dtype: Of weights and inputs; sums and results are float32.

    Attributes:
        is_summed: Whether it takes the second form.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("weight", weight.detach().to(dtype).contiguous())
        self.register_buffer("bias", bias.detach().float().contiguous())
        self.is_summed = False

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] -> [..., out], or [targets, streams, in] -> [targets, streams, out]; float32."""
        weight, is_stacked = self.weight, self.weight.ndim == 3
        bias = self.bias[:, None] if is_stacked else self.bias
        if self.is_summed:
            rows = weight[:, None] if is_stacked else weight
            return (rows.float() * self._narrowed(x).float()[..., None, :]).sum(-1) + bias
        if weight.dtype == torch.float32:
            return torch.baddbmm(bias, x, weight.mT) if is_stacked else F.linear(x, weight, bias)
        narrow = self._narrowed(x)
        y = torch.bmm(narrow, weight.mT) if is_stacked else F.linear(narrow, weight)
        y = y.float()
        if weight.dtype == torch.float16:
            y = y.clamp(-LARGEST_HALF, LARGEST_HALF)
        return y + bias

    def _narrowed(self, x: Tensor) -> Tensor:
        if self.weight.dtype == torch.float16:
            x = x.clamp(-LARGEST_HALF, LARGEST_HALF)
        return x.to(self.weight.dtype)


def lstm_cell(
    product: Product, x: Tensor, hidden: Tensor, cell: Tensor, memory: float = 1.0
) -> tuple[Tensor, Tensor]:
    """One step; input and recurrent weights lie side by side, so a layer is one product.

    Args:
        product: [4 hidden, in + hidden], gates in PyTorch's order: input, forget, cell, output.
        x: [..., in]
        hidden: Output of the step before. [..., hidden]
        cell: Its cell. [..., hidden]
        memory: Factor of the cell per step.

    Returns:
        New output, new cell.
    """
    write, forget, candidate, read = product(torch.cat([x, hidden], -1)).chunk(4, -1)
    cell = memory * torch.sigmoid(forget) * cell + torch.sigmoid(write) * torch.tanh(candidate)
    return torch.sigmoid(read) * torch.tanh(cell), cell


def use_sums(module: torch.nn.Module, is_summed: bool) -> None:
    """Give all products of a module the second form, or the first."""
    for product in module.modules():
        if isinstance(product, Product):
            product.is_summed = is_summed
