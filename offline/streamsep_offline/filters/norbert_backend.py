"""The filter of the package norbert behind the same signature: the reference to compare with.

As it is, with its limits: it knows levels (what it adds to the covariance is an absolute number), one
NaN spoils its bin for all frames, and it takes the statistics of these frames only. Arguments are copied,
since it modifies them. Importing this module raises MissingExtraError where norbert is not installed.
"""

from __future__ import annotations

import warnings
from types import ModuleType

import numpy as np

from streamsep.errors import MissingExtraError, ParameterError
from streamsep_offline.filters.arrays import Array, check_iterations, check_magnitudes, namespace
from streamsep_offline.filters.context import SpatialStatistics


def _import_norbert() -> ModuleType:
    with warnings.catch_warnings():
        # It imports by a name that scipy renamed; scipy says so.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import norbert
        except ImportError as error:
            raise MissingExtraError("norbert's Wiener filter", "norbert", "norbert") from error
    return norbert


_NORBERT = _import_norbert()


def wiener(
    magnitudes: Array,
    mixture: Array,
    iterations: int = 1,
    softmask: bool = False,
    statistics: SpatialStatistics | None = None,
) -> Array:
    """Estimates of all targets by `norbert.wiener`; arguments as in `wiener.wiener`.

    Raises:
        ParameterError: `statistics` are given, or `iterations` is negative.
        ShapeError: Shapes do not fit each other.
    """
    check_magnitudes(magnitudes, mixture)
    check_iterations(iterations)
    if statistics is not None:
        raise ParameterError(
            "norbert cannot use the statistics of a whole song; take the filter 'streamsep', or the "
            "context 'block'"
        )
    v, x = _by_frames(magnitudes), _by_frames(mixture)
    estimates = _NORBERT.wiener(v, x, iterations, use_softmask=softmask)
    estimates = np.ascontiguousarray(estimates.transpose(3, 2, 1, 0), x.dtype)
    if isinstance(mixture, np.ndarray):
        return estimates
    return namespace(mixture).from_numpy(estimates).to(mixture.device)


def _by_frames(values: Array) -> np.ndarray:
    """A copy with the axes in norbert's order, which is ours backwards."""
    if not isinstance(values, np.ndarray):
        values = values.detach().resolve_conj().resolve_neg().cpu().numpy()
    return np.array(values.T, order="C")
