"""What a stream remembers as one row of floats, so that rows of any streams are gathered in one go.

Every memory of every stage is zero at the start, so a row of zeros is a stream that has heard nothing.
Complex memories lie as pairs, and before all others, so that they begin at even places.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

Memory = dict[str, Tensor]
"""Memories by name, each [streams, *shape]."""


class Layout:
    """Places of the memories in a row.

    Args:
        examples: Memories of one stream, [1, *shape], by name; their values do not matter.

    Attributes:
        width: Floats per row, even.
    """

    def __init__(self, examples: Mapping[str, Tensor]) -> None:
        ordered = sorted(examples.items(), key=lambda item: not item[1].is_complex())
        self._places: dict[str, tuple[int, int, tuple[int, ...], bool]] = {}
        start = 0
        for name, example in ordered:
            shape, is_complex = tuple(example.shape[1:]), example.is_complex()
            size = math.prod(shape) * (2 if is_complex else 1)
            self._places[name] = (start, start + size, shape, is_complex)
            start += size
        self._n_spare = start % 2
        self.width = start + self._n_spare

    def split(self, rows: Tensor) -> Memory:
        """Views of rows [streams, width], by name."""
        memory = {}
        for name, (start, stop, shape, is_complex) in self._places.items():
            part = rows[:, start:stop]
            if is_complex:
                memory[name] = torch.view_as_complex(part.unflatten(1, (*shape, 2)))
            else:
                memory[name] = part.unflatten(1, shape) if shape else part[:, 0]
        return memory

    def join(self, memory: Memory) -> Tensor:
        """New rows [streams, width] of all memories; the opposite of `split`."""
        parts = []
        for name, (start, stop, _, is_complex) in self._places.items():
            whole = torch.view_as_real(memory[name]) if is_complex else memory[name]
            parts.append(whole.reshape(len(whole), stop - start))
        if self._n_spare:
            parts.append(torch.zeros_like(parts[-1][:, :1]))
        return torch.cat(parts, 1)


class StateNames:
    """Translates between a stage's state, a dataclass of tensors, and memories by name.

    Its fields are listed once, because a compiler cannot follow that.

    Args:
        kind: The dataclass.
    """

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._names = tuple(field.name for field in fields(kind))

    def state(self, memory: Memory) -> Any:
        """The state in memories, which may hold others, too."""
        return self._kind(*[memory[name] for name in self._names])

    def memory(self, state: Any) -> Memory:
        """The tensors of a state by name."""
        return {name: getattr(state, name) for name in self._names}
