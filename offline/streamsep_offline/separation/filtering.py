"""The multichannel Wiener filter on the views of a source, with what it has learned from the whole song."""

from __future__ import annotations

from collections.abc import Callable

from streamsep_offline.filters.arrays import Array
from streamsep_offline.filters.context import SpatialStatistics
from streamsep_offline.filters.residual import residual_model
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.separation.source import View


class BlockFilter:
    """From the magnitudes of targets to their spectra, block by block.

    Args:
        settings: Iterations, start, context, and which filter.
        adds_rest: The targets are not the whole mixture, so the filter, which distributes all of it, needs
            one target more: what the magnitudes leave over.

    Attributes:
        learns: The whole song is to be learned from before any block is filtered.

    Raises:
        MissingExtraError: The filter's package is not installed.
    """

    def __init__(self, settings: SeparationSettings, adds_rest: bool) -> None:
        self._iterations, self._softmask = settings.niter, settings.softmask
        self._adds_rest = adds_rest and (settings.niter > 0 or settings.softmask)
        self._wiener = _find_wiener(settings.wiener_filter)
        self.learns = settings.wiener_context == "song" and settings.niter > 0

    def estimates(self, view: View, statistics: SpatialStatistics | None = None) -> Array:
        """Spectra of the targets, by what the view, or the whole song, says of their directions.

        Returns:
            complex64 [targets, channels, bins, frames]
        """
        estimates = self._wiener(
            self._magnitudes(view),
            view.spectra,
            self._iterations,
            self._softmask,
            statistics,
        )
        return estimates[: len(view.magnitudes)]

    def learn(self, view: View, statistics: SpatialStatistics) -> None:
        """Take in the frames of a view that belong to its block alone."""
        if view.own.stop > view.own.start:
            magnitudes, spectra = self._magnitudes(view), view.spectra
            statistics.add(magnitudes[..., view.own], spectra[..., view.own], self._softmask)

    def _magnitudes(self, view: View) -> Array:
        """Magnitudes of the targets and, if it is needed, of the rest: max(0, |x| - sum v)."""
        if self._adds_rest:
            return residual_model(view.magnitudes, view.spectra)
        return view.magnitudes


def _find_wiener(name: str) -> Callable[..., Array]:
    """The filter of that name."""
    if name == "norbert":
        from streamsep_offline.filters.norbert_backend import wiener
    else:
        from streamsep_offline.filters.wiener import wiener
    return wiener
