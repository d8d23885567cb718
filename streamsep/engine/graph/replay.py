"""A program on static buffers: one batch size, its samples and stems, and the graph that was captured.

This is the one place where memories are changed in place. A hop is: samples and slots to the device, the
rows of these slots gathered, the program, the rows scattered back, stems to the host. All but the copies
is one CUDA graph; the copies have a stream of their own and pinned buffers, and the two streams wait for
each other by events. Without CUDA the buffers are the host's and the same code runs without a graph.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from streamsep.engine.graph.precision import exact_products
from streamsep.engine.graph.program import HopProgram

Step = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Samples and rows to stems and new rows: a `HopProgram`, or one that was compiled."""

_WARM_UPS = 3
"""Hops before the capture: libraries make their plans and workspaces in the first ones."""


class Lanes:
    """The two streams of a device, and the memory that all graphs of an engine share.

    Args:
        device: "cuda", or "cpu", which has neither.
    """

    def __init__(self, device: torch.device) -> None:
        self.device, self.is_cuda = device, device.type == "cuda"
        if self.is_cuda:
            self.compute, self.copies = torch.cuda.Stream(device), torch.cuda.Stream(device)
            self.pool = torch.cuda.graph_pool_handle()

    def computing(self) -> contextlib.AbstractContextManager[object]:
        """What is done within goes in order with the graphs."""
        return torch.cuda.stream(self.compute) if self.is_cuda else contextlib.nullcontext()


class Replay:
    """One hop of some streams at once.

    Args:
        program: Its sizes are asked for; it runs where no other step is given.
        rows: Memories of all streams, changed in place. [rows, program.layout.width]
        n: Streams per hop, named by `slots`; None is all rows in order, so that none is gathered.
        lanes: Of the device on which program and rows are.
        step: What runs; None is the program.

    Attributes:
        slots: Which rows; every stream's is another. Filled by the caller. int64 [n]
        audio: Samples, filled by the caller. float32 [n, channels, hop]
        stems: The result, valid until the next hop. float32 [n, estimated, channels, hop]

    Latency: 0 behind the program's. Thread: one at a time. Allocates: in the constructor only (on the CPU,
    in every hop). In place: the rows.
    """

    def __init__(
        self,
        program: HopProgram,
        rows: Tensor,
        n: int | None,
        lanes: Lanes,
        step: Step | None = None,
    ) -> None:
        self._is_whole = n is None
        n = len(rows) if n is None else n
        self._rows, self._lanes, self._step = rows, lanes, program if step is None else step
        spec, is_cuda = program.spec, lanes.is_cuda
        shapes = {
            "audio": (n, spec.channels, spec.profile.hop),
            "stems": (n, len(spec.estimated), spec.channels, spec.profile.hop),
        }
        self._host = {k: torch.zeros(s, pin_memory=is_cuda) for k, s in shapes.items()}
        self._host["slots"] = torch.zeros(n, dtype=torch.int64, pin_memory=is_cuda)
        self._there = self._host
        if is_cuda:
            self._there = {k: t.to(lanes.device) for k, t in self._host.items()}
        self.slots, self.audio, self.stems = (
            self._host[name].numpy() for name in ("slots", "audio", "stems")
        )
        self._graph = self._capture() if is_cuda else None

    def addresses(self) -> tuple[int, ...]:
        """Where the buffers and the rows are; a hop never moves them."""
        return (self._rows.data_ptr(), *(t.data_ptr() for t in self._there.values()))

    @torch.no_grad()
    def run(self) -> None:
        """One hop: reads `slots` and `audio`, writes `stems`; returns when they are there."""
        if self._graph is None:
            with exact_products():
                self._hop()
            return
        lanes, sent, done = self._lanes, self._sent, self._done
        with torch.cuda.stream(lanes.copies):
            if not self._is_whole:
                self._there["slots"].copy_(self._host["slots"], non_blocking=True)
            self._there["audio"].copy_(self._host["audio"], non_blocking=True)
            sent.record(lanes.copies)
        with torch.cuda.stream(lanes.compute):
            lanes.compute.wait_event(sent)
            self._graph.replay()
            done.record(lanes.compute)
        with torch.cuda.stream(lanes.copies):
            lanes.copies.wait_event(done)
            self._host["stems"].copy_(self._there["stems"], non_blocking=True)
            sent.record(lanes.copies)
        sent.synchronize()

    def _hop(self) -> None:
        """What is captured."""
        there, rows = self._there, self._rows
        if self._is_whole:
            stems, new = self._step(there["audio"], rows)
            rows.copy_(new)
        else:
            stems, new = self._step(there["audio"], rows.index_select(0, there["slots"]))
            rows.index_copy_(0, there["slots"], new)
        there["stems"].copy_(stems)

    @torch.no_grad()
    def _capture(self) -> torch.cuda.CUDAGraph:
        lanes, graph = self._lanes, torch.cuda.CUDAGraph()
        self._sent, self._done = torch.cuda.Event(), torch.cuda.Event()
        kept = self._rows.clone()
        lanes.compute.wait_stream(torch.cuda.current_stream(lanes.device))
        with exact_products():
            with torch.cuda.stream(lanes.compute):
                for _ in range(_WARM_UPS):
                    self._hop()
            torch.cuda.synchronize(lanes.device)
            # Other threads of the process may allocate meanwhile; they do not disturb this capture.
            with torch.cuda.graph(
                graph, pool=lanes.pool, stream=lanes.compute, capture_error_mode="thread_local"
            ):
                self._hop()
        with torch.cuda.stream(lanes.compute):
            self._rows.copy_(kept)
        torch.cuda.synchronize(lanes.device)
        return graph


def fill(replay: Replay, slots: np.ndarray, hops: np.ndarray, spare: int) -> None:
    """Put streams into the buffers of a replay that has room for as many or more.

    Args:
        replay: Gets them.
        slots: int64 [n]
        hops: float32 [n, channels, hop]
        spare: Row that the places beyond n work on; nobody's.
    """
    n = len(slots)
    replay.slots[:n], replay.slots[n:] = slots, spare
    replay.audio[:n] = hops
