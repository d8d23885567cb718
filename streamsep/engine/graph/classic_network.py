"""`classic` for the graph: the reference has no branch and few sizes, so it runs as it is."""

from __future__ import annotations

import torch
from torch import Tensor

from streamsep.engine.graph.layout import Memory, StateNames
from streamsep.model import Model
from streamsep.models.classic import ClassicState, from_model
from streamsep.spec import StreamSpec

_STATE = StateNames(ClassicState)


class ClassicNetwork(torch.nn.Module):
    """Masks of one frame; see `program.Network`."""

    def __init__(self, model: Model, spec: StreamSpec, dtype: torch.dtype) -> None:
        super().__init__()
        del dtype  # no products
        self.reference = from_model(model, spec)

    def examples(self) -> Memory:
        """See `program.Network`."""
        return _STATE.memory(self.reference.init_state(1))

    def forward(self, spectrum: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """See `program.Network`."""
        masks, state = self.reference.step(spectrum[..., None], _STATE.state(memory))
        return masks[..., 0], _STATE.memory(state)
