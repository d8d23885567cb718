"""The multichannel Wiener filter: from magnitudes of every target to estimates that sum to the mixture.

Start, then per iteration: how loud each source is (v), from where (R), and the filter that follows.
Unlike norbert and open-unmix, whose equations these are:

- nothing depends on the level: what they add to Cxx is an absolute number, here it is relative and part
  of the sources' model, so that estimates always sum to the mixture;
- both channels alike (dual mono) are no special case, in float32 either;
- any number of channels;
- samples that are not finite are left out of the statistics and come out as 0, a magnitude that is not
  finite counts as 0; nothing else is touched by them;
- where the mixture is exactly 0 the estimates are 0 (norbert and open-unmix give silence the phase 0);
- what no target claims is shared equally;
- arguments are never modified.

Conventions: as in `arrays`. Out of scope: gradients, and one filter over more than memory holds (that is
what `context` is for).

Sources: `equations`, and A. Liutkus, R. Badeau, "Generalized Wiener filtering with fractional power
spectrograms", ICASSP 2015 (soft mask).
"""

from __future__ import annotations

from streamsep_offline.filters.arrays import Array, check_iterations, check_magnitudes
from streamsep_offline.filters.context import SpatialStatistics
from streamsep_offline.filters.refine import Start, refine


def wiener(
    magnitudes: Array,
    mixture: Array,
    iterations: int = 1,
    softmask: bool = False,
    statistics: SpatialStatistics | None = None,
) -> Array:
    """Estimates of all targets by expectation-maximisation of the local Gaussian model.

    Args:
        magnitudes: Of the targets, >= 0. [targets, channels or 1, bins, frames]
        mixture: Complex spectrum, complex64 or complex128. [channels, bins, frames]
        iterations: 0 returns the start; from 1 on the estimates sum to the mixture.
        softmask: Start from y_j = x v_j / sum_i v_i; else from y_j = v_j x / |x|, the mixture's phase,
            which suits magnitudes that are good.
        statistics: Directions of the whole song, for all iterations; None takes those of these frames.

    Returns:
        Estimates, in the mixture's type, array face and device. [targets, channels, bins, frames]

    Raises:
        ShapeError: Shapes do not fit each other.
        ParameterError: `iterations` is negative.
    """
    check_magnitudes(magnitudes, mixture)
    check_iterations(iterations)
    outer = None
    if statistics is not None:
        outer = statistics.outer_products(magnitudes.shape[0], mixture.shape[0], mixture.shape[1])
    return refine(Start(magnitudes, softmask), mixture, outer, iterations)
