"""What can be trained: a network, its loss, and its data, behind one interface."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from streamsep_offline.training.feed import Batch
from streamsep_offline.training.optimise import Group


class Task(Protocol):
    """A network in training. `forward` is its loss, so that devices can share it.

    Attributes:
        network: The `torch.nn.Module` that is kept.
    """

    network: torch.nn.Module

    def groups(self) -> Mapping[str, Group]:
        """Weights by the name of their learning rate."""
        ...

    def pieces(self, batch: Batch, n: int) -> list[Batch]:
        """A batch cut into at most `n` pieces of time, each what `forward` takes."""
        ...

    def __call__(self, piece: Batch, state: Any) -> tuple[torch.Tensor, Any]:
        """Mean loss of a piece, and the state that the next one starts from.

        Args:
            piece: From `pieces`.
            state: Of the piece before; None at the start.
        """
        ...

    def export(self, folder: Path, card: dict[str, Any]) -> None:
        """Write the network as a folder that users load."""
        ...
