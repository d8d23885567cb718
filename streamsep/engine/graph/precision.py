"""Types of the matrix products, and the promise that none is rounded more than its type says.

Only weights and inputs of the products are of half the size. Sums, transforms, features, memories and
masks are float32 in every precision.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

from streamsep.engine import GRAPH_PRECISIONS
from streamsep.errors import EngineError

_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

_HAS_NAMES = hasattr(torch.backends.cuda.matmul, "fp32_precision")

LARGEST_HALF = 6e4
"""Inputs and outputs of float16 products are kept below it, so that none becomes infinite."""


def product_type(precision: str) -> torch.dtype:
    """Type of the weights of a precision.

    Raises:
        EngineError: The engine does not run it.
    """
    if precision not in _TYPES:
        raise EngineError(
            f"engine 'graph' runs {', '.join(GRAPH_PRECISIONS)}, not {precision}; "
            "use --engine compiled for int8"
        )
    return _TYPES[precision]


@contextlib.contextmanager
def exact_products() -> Iterator[None]:
    """No TF32, and sums of half-precision products in float32, whatever the process has set.

    The settings belong to the process; a graph keeps those under which it was captured.
    """
    settings: Any = torch.backends.cuda.matmul
    exact: dict[str, Any] = {
        "allow_fp16_reduced_precision_reduction": False,
        "allow_bf16_reduced_precision_reduction": False,
    }
    # Where there is the newer name, the older cannot be read once somebody has set the newer.
    exact |= {"fp32_precision": "ieee"} if _HAS_NAMES else {"allow_tf32": False}
    before = {name: getattr(settings, name) for name in exact}
    try:
        for name, value in exact.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
