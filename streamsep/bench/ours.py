"""The `compiled` engine's networks as candidates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep.bench.workload import Candidate, Workload
from streamsep.engine import PRECISIONS


def candidates(workload: Workload) -> list[Candidate]:
    """The compiled networks in each precision."""
    return [Candidate("streamsep compiled", p, _step(workload, p)) for p in PRECISIONS]


def _step(workload: Workload, precision: str) -> Callable[[np.ndarray], np.ndarray]:
    from streamsep.engine.compiled.open_unmix import estimate_gains, make_plan, make_state

    plan = make_plan(workload.model, workload.spec, precision)
    state = make_state(plan, workload.spec).views
    n_seen = state.magnitude.shape[1]
    n_gains = workload.spec.channels * workload.spec.profile.n_bins

    def step(magnitude: np.ndarray) -> np.ndarray:
        state.magnitude[:] = magnitude[:, :n_seen]
        estimate_gains(plan, state)
        return state.gains[:, :n_gains]

    return step
