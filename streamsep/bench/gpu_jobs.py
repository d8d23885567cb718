"""What runs on the card: the graph engine, one stream or many, and its peers on the same model.

A job takes samples in the host's memory, float32 [streams, channels, hop], and returns when the stems are
in the host's memory: float32 [streams, estimated, channels, hop].
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from streamsep.engine.graph.backend import GraphBackend
from streamsep.engine.graph.engine import GraphEngine
from streamsep.engine.graph.precision import exact_products
from streamsep.engine.graph.products import Product
from streamsep.engine.graph.program import HopProgram
from streamsep.model import Model
from streamsep.models import build_mask_model
from streamsep.spec import StreamSpec
from streamsep.stft import Analysis, Synthesis

Job = Callable[[np.ndarray], np.ndarray]
"""See the module's docstring."""

WARM_UP_HOPS = 30
"""Before the clock starts."""


def single(engine: GraphEngine) -> Job:
    """One stream of the graph engine."""
    state = engine.init_state()
    return lambda hops: engine.step(hops[0], state)[0][None]


def batched(backend: GraphBackend, n: int) -> Job:
    """The first slots of a batch."""
    spec, slots = backend.spec, np.arange(n)
    shape = (n, len(spec.estimated), spec.channels, spec.profile.hop)
    stems = np.zeros(shape, np.float32)

    def run(hops: np.ndarray) -> np.ndarray:
        backend.step(slots, hops, stems)
        return stems

    return run


def eager(model: Model, spec: StreamSpec, device: str) -> Job:
    """The reference as PyTorch users write it: `nn.LSTM`, a kernel launch for everything."""
    analysis = Analysis(spec.profile, spec.channels).to(device)
    network: Any = build_mask_model(model, spec).to(device)
    synthesis = Synthesis(spec.profile).to(device)
    states = [
        analysis.init_state(1),
        network.init_state(1),
        synthesis.init_state(1, len(spec.estimated), spec.channels),
    ]

    @torch.inference_mode()
    def run(hops: np.ndarray) -> np.ndarray:
        spectrum, states[0] = analysis.step(torch.from_numpy(hops).to(device), states[0])
        masks, states[1] = network.step(spectrum, states[1])
        stems, states[2] = synthesis.step((spectrum[:, None] * masks)[:, :-1], states[2])
        return stems.cpu().numpy()

    return run


def plain(program: HopProgram, compiler: str | None = None) -> Job:
    """Our own program without a graph, the fastest plain form; or as `torch.compile` makes it faster.

    Args:
        program: On its device.
        compiler: Mode of `torch.compile`; None does not compile.
    """
    device = program.analysis.device
    run_hop: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = program
    if compiler is not None:
        run_hop = torch.compile(program, mode=compiler, fullgraph=True)
    rows = torch.zeros(1, program.layout.width, device=device)

    @torch.no_grad()
    def run(hops: np.ndarray) -> np.ndarray:
        nonlocal rows
        with exact_products():
            stems, new = run_hop(torch.from_numpy(hops).to(device), rows)
        rows = new.clone()  # graphs of the compiler's own reuse what they returned
        return stems.cpu().numpy()

    return run


def noise(spec: StreamSpec, n: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Hops at -20 dBFS for n streams, over and over from a few of them. float32 [n, channels, hop]"""
    rng = np.random.default_rng(seed)
    shape = (n, spec.channels, spec.profile.hop)
    few = [(0.1 * rng.standard_normal(shape)).astype(np.float32) for _ in range(4)]
    while True:
        yield from few


def time_job(job: Job, spec: StreamSpec, n: int, count: int, most_s: float) -> np.ndarray:
    """Durations of hops in s [count], fewer where they would take longer than `most_s` in all."""
    hops, seconds = noise(spec, n), np.empty(count)
    for _ in range(min(WARM_UP_HOPS, count)):
        job(next(hops))
    end_s = time.perf_counter() + most_s
    for i in range(count):
        hop = next(hops)
        start_s = time.perf_counter()
        job(hop)
        now_s = time.perf_counter()
        seconds[i] = now_s - start_s
        if now_s > end_s:
            return seconds[: i + 1]
    return seconds


def difference(job: Job, reference: Job, spec: StreamSpec, n_hops: int = 40) -> float:
    """Largest difference between the stems of two jobs that have heard nothing yet."""
    pairs = zip(range(n_hops), noise(spec, 1, seed=1), strict=False)
    return max(float(np.abs(job(hop) - reference(hop)).max()) for _, hop in pairs)


def weight_bytes(program: HopProgram) -> int:
    """Bytes of the matrices that a hop must read."""
    products = (m for m in program.modules() if isinstance(m, Product))
    return sum(p.weight.numel() * p.weight.element_size() for p in products)


def read_bandwidth(device: str) -> float:
    """Bytes per s at which the device reads its memory: the best of some sums over a large array."""
    is_cuda = device.startswith("cuda")
    array = torch.ones(2**29 if is_cuda else 2**22, device=device)
    best_s = float("inf")
    for _ in range(10):
        start_s = time.perf_counter()
        array.sum().item()
        best_s = min(best_s, time.perf_counter() - start_s)
    return array.numel() * array.element_size() / best_s
