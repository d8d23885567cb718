"""Features of stored spectra by the compiled engine's own kernels: what training sees is what plays.

The same equations in PyTorch, frame by frame, take ten times as long; tests hold the two together.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.cue_bands import find_bands
from streamsep.engine.compiled.cue_fine import find_fine
from streamsep.engine.compiled.cue_lstm import CueLstmPlan, CueLstmState, make_plan, make_state
from streamsep.engine.compiled.cues import Spectrum, find_cues, remember
from streamsep.features.cue_tables import BAND_CUES, CUES, N_BANDS
from streamsep.features.fine_grid import FINE_CUES, N_FINE
from streamsep.models.cue_lstm import CueLstm
from streamsep.models.cue_lstm_weights import to_model
from streamsep.spec import StreamSpec


class CompiledCues:
    """Features of whole spectra at a few bins, and of all bands.

    Args:
        spec: Windows and rate.
    """

    def __init__(self, spec: StreamSpec) -> None:
        self.spec = spec
        # The features need no network; the smallest one lends its plan and its memory.
        self._plan = make_plan(to_model(CueLstm(spec, 1, 1, fine=True)), spec, "float32")

    def offline(
        self, spectrum: np.ndarray, bins: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Features of one spectrum, heard from its start.

        Args:
            spectrum: Mixture, complex64. [2, bins, frames]
            bins: Indices of the wanted bins. [kept]

        Returns:
            Features [frames, kept, CUES], inputs of the bands [frames, bands, BAND_CUES] and of the points of
            the fine grid [frames, FINE_CUES, points], float32.
        """
        n_frames = spectrum.shape[-1]
        features = np.empty((n_frames, len(bins), len(CUES)), np.float32)
        bands = np.empty((n_frames, N_BANDS, len(BAND_CUES)), np.float32)
        fine = np.empty((n_frames, len(FINE_CUES), N_FINE), np.float32)
        rows = np.ascontiguousarray(np.moveaxis(spectrum, -1, 0))
        re, im = np.ascontiguousarray(rows.real), np.ascontiguousarray(rows.imag)
        state: CueLstmState = make_state(self._plan, self.spec).views
        _follow(re, im, bins.astype(np.int64), self._plan, state, features, bands, fine)
        return features, bands, fine


@kernel
def _follow(
    re: np.ndarray,
    im: np.ndarray,
    bins: np.ndarray,
    plan: CueLstmPlan,
    state: CueLstmState,
    features: np.ndarray,
    bands: np.ndarray,
    fine: np.ndarray,
) -> None:
    n_bands, n_cues = bands.shape[1], bands.shape[2]
    for t in range(re.shape[0]):
        usable = find_cues(Spectrum(re[t], im[t]), plan.cues, state)
        find_bands(plan.cues, state)
        find_fine(plan.fine, state)
        for s in range(bins.shape[0]):
            for k in range(features.shape[2]):
                features[t, s, k] = state.features[k, bins[s]]
        for b in range(n_bands):
            for k in range(n_cues):
                bands[t, b, k] = state.bands[b * n_cues + k]
        for i in range(fine.shape[1]):
            at = n_bands * n_cues + i * fine.shape[2]
            for k in range(fine.shape[2]):
                fine[t, i, k] = state.bands[at + k]
        remember(usable, state)
