"""Types of the matrix products, and the promise that none is rounded more than its type says.

Only weights and inputs of the products are of half the size. Sums, transforms, features, memories and
masks are float32 in every precision.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from streamsep.engine import GRAPH_PRECISIONS
from streamsep.errors import EngineError

_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

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
    settings = torch.backends.cuda.matmul
    names = (
        "allow_tf32",
        "allow_fp16_reduced_precision_reduction",
        "allow_bf16_reduced_precision_reduction",
    )
    before = {name: getattr(settings, name) for name in names}
    try:
        for name in names:
            setattr(settings, name, False)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
