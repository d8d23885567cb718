"""Plain kernels or fused ones: both are captured, timed on the card at hand, and the faster is kept.

Fused kernels come from `torch.compile`, which needs Triton and a C compiler and takes up to some minutes
once (its cache makes later starts quick). Where it fails, or computes anything else, plain kernels remain.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from streamsep.engine.graph.precision import exact_products
from streamsep.engine.graph.products import Product, use_sums
from streamsep.engine.graph.program import HopProgram
from streamsep.engine.graph.replay import Replay, Step
from streamsep.errors import EngineWarning

KERNELS = ("plain", "fused", "sums", "measured")
"""Plain; fused around the library's products; fused with the products; whichever is fastest."""

TOLERANCE = 1e-4
"""Largest difference between fused and plain stems of noise at -20 dBFS, in float32."""

SUMS_UP_TO = 4
"""Streams up to which the products are tried as sums; each reads the weights again."""

_TIMED = 200


def fused(program: HopProgram, n: int, is_summed: bool = False) -> Step:
    """The program in fused kernels.

    Args:
        program: Shared with plain steps; the form of its products is the one at the first call.
        n: Streams per hop; above 1 the kernels serve any number.
        is_summed: Whether the products are fused, too.
    """
    compiled: Any = torch.compile(program, fullgraph=True, dynamic=n > 1)

    def step(audio: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        use_sums(program, is_summed)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # advice on settings that are chosen on purpose
                return compiled(audio, rows)
        finally:
            use_sums(program, False)

    return step


def choose_step(
    program: HopProgram, n: int, make: Callable[[Step | None], Replay], kernels: str
) -> tuple[Step | None, str]:
    """The step to use, and the name of its kernels.

    Args:
        program: To run.
        n: Streams per hop.
        make: Captures a step.
        kernels: One of `KERNELS`.

    Returns:
        The step, None for the program as it is; one of "plain", "fused", "sums".
    """
    has_products = any(isinstance(module, Product) for module in program.modules())
    if kernels == "plain" or not has_products:  # few and large kernels already
        return None, "plain"
    wanted = (
        ("fused", "sums")[: 2 if n <= SUMS_UP_TO else 1] if kernels == "measured" else (kernels,)
    )
    plain = make(None)
    best: tuple[Step | None, str] = (None, "plain")
    fastest_s = _time_s(plain) if kernels == "measured" else float("inf")
    for name in wanted:
        step = fused(program, n, name == "sums")
        try:
            replay = make(step)
            if not _agrees(program, step, n):
                continue
        except Exception as error:  # whatever a compiler may lack here, plain kernels serve
            text = f"engine 'graph' cannot have kernels '{name}' here ({_first_line(error)})"
            warnings.warn(text, EngineWarning, stacklevel=2)
            continue
        seconds = _time_s(replay)
        if seconds < fastest_s:
            best, fastest_s = (step, name), seconds
    return best


@torch.no_grad()
def _agrees(program: HopProgram, step: Step, n: int) -> bool:
    """Whether a step computes what the program does, two hops of noise long."""
    device, spec = program.analysis.device, program.spec
    tolerance = TOLERANCE if program.precision == "float32" else 100.0 * TOLERANCE
    noise = torch.Generator().manual_seed(0)
    shape = (2, n, spec.channels, spec.profile.hop)
    audio = (0.1 * torch.randn(shape, generator=noise)).to(device)
    ours = theirs = torch.zeros(n, program.layout.width, device=device)
    with exact_products():
        for hop in audio:
            stems, ours = step(hop, ours)
            expected, theirs = program(hop, theirs)
            if not float((stems - expected).abs().max()) <= tolerance:
                return False
    return True


def _time_s(replay: Replay) -> float:
    """Median duration of a hop in s."""
    seconds = []
    for _ in range(_TIMED):
        start = time.perf_counter()
        replay.run()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[_TIMED // 2]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
