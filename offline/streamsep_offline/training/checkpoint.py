"""Checkpoints: everything that a run is, in one file that appears whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from streamsep.errors import CheckpointError
from streamsep_offline.training.whole_file import whole_file


def save_checkpoint(memory: dict[str, Any], path: Path) -> None:
    """Write a checkpoint in place of the one before, atomically.

    Args:
        memory: Tensors, numbers, texts, lists and dictionaries of them.
        path: Of the file; its folder is made.
    """
    with whole_file(path, "wb") as file:
        torch.save(memory, file)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint; only tensors and plain values are read, never code.

    Raises:
        CheckpointError: The file is missing or damaged.
    """
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except FileNotFoundError:
        raise CheckpointError(f"no checkpoint at {path}; name the folder of a run") from None
    except Exception as error:  # torch raises whatever its readers do
        reason = " ".join(str(error).split())[:120]
        raise CheckpointError(f"checkpoint {path} is damaged ({reason}); train again") from error
