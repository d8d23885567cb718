"""What numpy and torch have in common, and the shapes that filters accept.

Conventions of the folder: magnitudes [targets, channels or 1, bins, frames] >= 0, mixture complex
[channels, bins, frames], estimates complex [targets, channels, bins, frames]; numpy arrays or torch
tensors, not mixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from streamsep.errors import ParameterError, ShapeError

if TYPE_CHECKING:
    import torch

Array: TypeAlias = "np.ndarray | torch.Tensor"


def namespace(*arrays: Array) -> Any:
    """The module of these arrays, numpy or torch.

    Raises:
        ShapeError: They are of neither, or of both.
    """
    kinds = {type(array).__module__.partition(".")[0] for array in arrays}
    if kinds == {"numpy"}:
        return np
    if kinds == {"torch"}:
        import torch

        return torch
    raise ShapeError(
        f"arrays of {', '.join(sorted(kinds))}; pass numpy arrays, or torch tensors, but not both"
    )


def complex_of(re: Array, im: Array) -> Array:
    """re + i im, in their precision."""
    return re + 1j * im if isinstance(re, np.ndarray) else namespace(re).complex(re, im)


def check_mixture(mixture: Array) -> None:
    """Refuse what is not complex [channels, bins, frames].

    Raises:
        ShapeError: It is not.
    """
    namespace(mixture)
    if mixture.ndim != 3 or "complex" not in str(mixture.dtype) or mixture.shape[0] < 1:
        raise ShapeError(
            f"mixture of type {mixture.dtype} and shape {tuple(mixture.shape)} is not complex "
            "[channels, bins, frames]; for mono pass mixture[None]"
        )


def check_magnitudes(magnitudes: Array, mixture: Array) -> None:
    """Refuse magnitudes that do not fit the mixture.

    Raises:
        ShapeError: They are not real [targets, channels or 1, bins, frames] of that mixture.
    """
    check_mixture(mixture)
    namespace(magnitudes, mixture)
    n_channels, n_bins, n_frames = mixture.shape
    fits = (
        magnitudes.ndim == 4
        and magnitudes.shape[0] >= 1
        and magnitudes.shape[1] in (1, n_channels)
        and tuple(magnitudes.shape[2:]) == (n_bins, n_frames)
        and "float" in str(magnitudes.dtype)
    )
    if not fits:
        raise ShapeError(
            f"magnitudes of type {magnitudes.dtype} and shape {tuple(magnitudes.shape)} are not real "
            f"[targets, {n_channels} or 1, {n_bins}, {n_frames}], as the mixture asks"
        )


def check_estimates(estimates: Array, mixture: Array) -> None:
    """Refuse estimates that do not fit the mixture.

    Raises:
        ShapeError: They are not complex [targets, channels, bins, frames] of that mixture.
    """
    check_mixture(mixture)
    namespace(estimates, mixture)
    fits = (
        estimates.ndim == 4
        and estimates.shape[0] >= 1
        and tuple(estimates.shape[1:]) == tuple(mixture.shape)
        and estimates.dtype == mixture.dtype
    )
    if not fits:
        raise ShapeError(
            f"estimates of type {estimates.dtype} and shape {tuple(estimates.shape)} are not "
            f"{mixture.dtype} [targets, {', '.join(map(str, mixture.shape))}], as the mixture asks"
        )


def check_iterations(iterations: int) -> None:
    """Refuse a negative count.

    Raises:
        ParameterError: It is negative.
    """
    if iterations < 0:
        raise ParameterError(f"{iterations} iterations; pass 0 (only the start) or more")
