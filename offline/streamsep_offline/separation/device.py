"""Where networks and filters compute: the processor, or an accelerator that is there."""

from __future__ import annotations

import importlib.util

from streamsep.errors import MissingExtraError, ParameterError

DEVICES = ("cpu", "cuda", "mps")
"""Names of devices. An Apple GPU ("mps") is used when it is named, not by itself."""


def choose_device(name: str | None) -> str:
    """The device to compute on.

    Args:
        name: One of `DEVICES`; None takes a CUDA device where there is one, otherwise the processor.

    Raises:
        ParameterError: The name is unknown, or there is no such device here.
        MissingExtraError: An accelerator is named and torch is not installed.
    """
    if name is not None and name not in DEVICES:
        raise ParameterError(
            f"device '{name}' is unknown; choose one of: {', '.join(DEVICES)}, or None to choose by itself"
        )
    if name == "cpu":
        return name
    if importlib.util.find_spec("torch") is None:
        if name is None:
            return "cpu"
        raise MissingExtraError(f"device '{name}'", "torch", "offline")
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name is None:
        return "cuda" if present["cuda"] else "cpu"
    if not present[name]:
        raise ParameterError(
            f"device '{name}' is not available here (torch {torch.__version__}); use 'cpu', or install "
            "a torch build for this accelerator and its driver"
        )
    return name
