"""The network side by side: ours, its peers, and the floor, on the same weights and input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streamsep.bench import ours, peers_onnx, peers_torch
from streamsep.bench.bandwidth import make_reader
from streamsep.bench.timing import Statistics, interleave
from streamsep.bench.workload import Candidate, Workload

FLOOR = "reading the weights"
"""Name of the floor: one thread reads as many bytes as the matrices have."""

WEIGHT_BYTES = {"float32": 4, "int8": 1}
"""Bytes per weight."""

N_COMPARED = 4
"""Frames after which the outputs of all candidates are compared."""


@dataclass(frozen=True)
class NetworkResult:
    """One row of the comparison.

    Attributes:
        name: Candidate, or `FLOOR`.
        precision: "float32" or "int8".
        seconds: Duration of every step; None where a package is missing. [count]
        times_floor: Median over the floor's median at this precision; None as above.
        difference: Largest difference of the gains to ours in float32; None for the floor.
        remark: What people should know.
    """

    name: str
    precision: str
    seconds: np.ndarray | None
    times_floor: float | None
    difference: float | None
    remark: str

    @property
    def statistics(self) -> Statistics | None:
        """Statistics of the durations, None where a package is missing."""
        return None if self.seconds is None else Statistics.of(self.seconds)


def compare_networks(
    workload: Workload, rounds: int, repeats: int, on_round: Callable[[], None] = lambda: None
) -> list[NetworkResult]:
    """Time every candidate and the floor in turns.

    Args:
        workload: Networks and input.
        rounds: Turns of each candidate.
        repeats: Timed steps per turn.
        on_round: Called after each round.
    """
    candidates = [
        *ours.candidates(workload),
        *peers_onnx.candidates(workload),
        *peers_torch.candidates(workload),
    ]
    differences = _differences(candidates, workload)
    jobs: dict[str, Callable[[], object]] = {
        _key(FLOOR, precision): make_reader(workload.n_matrix_weights * n_bytes)
        for precision, n_bytes in WEIGHT_BYTES.items()
    }
    jobs |= {_key(c.name, c.precision): _job(c, workload) for c in candidates if c.step is not None}
    with peers_torch.single_thread():
        seconds = interleave(jobs, rounds, repeats, on_round)
    medians = {p: float(np.median(seconds[_key(FLOOR, p)])) for p in WEIGHT_BYTES}

    def result(name: str, precision: str, difference: float | None, remark: str) -> NetworkResult:
        durations = seconds.get(_key(name, precision))
        times = None if durations is None else float(np.median(durations)) / medians[precision]
        return NetworkResult(name, precision, durations, times, difference, remark)

    rows = [
        result(FLOOR, p, None, f"{_gigabytes(workload, p) / medians[p]:.1f} GB/s")
        for p in WEIGHT_BYTES
    ]
    rows += [
        result(c.name, c.precision, difference, c.remark)
        for c, difference in zip(candidates, differences, strict=True)
    ]
    return sorted(rows, key=lambda row: list(WEIGHT_BYTES).index(row.precision))


def _key(name: str, precision: str) -> str:
    return f"{name}, {precision}"


def _gigabytes(workload: Workload, precision: str) -> float:
    return 1e-9 * workload.n_matrix_weights * WEIGHT_BYTES[precision]


def _job(candidate: Candidate, workload: Workload) -> Callable[[], object]:
    step, magnitude = candidate.step, workload.magnitudes[0]
    assert step is not None
    return lambda: step(magnitude)


def _differences(candidates: list[Candidate], workload: Workload) -> list[float | None]:
    """Largest difference of each candidate's gains to the first's, after the same frames."""
    gains = [
        None
        if c.step is None
        else [c.step(magnitude).copy() for magnitude in workload.magnitudes[:N_COMPARED]][-1]
        for c in candidates
    ]
    return [None if g is None else float(np.abs(g - gains[0]).max()) for g in gains]
