"""Oracles: the best that masks can do at a window pair, by those who know the true stems.

With S_j the spectra of the references, X their sum:

- irm, ideal ratio mask: |S_j|^p / sum_i |S_i|^p, p the exponent;
- ibm, ideal binary mask: 1 where |S_j|^p / sum_i |S_i|^p >= theta, else 0; a theta of 0.5 is at most one
  stem per bin, and is none where nobody has half;
- psm, phase-sensitive mask: Re(S_j / X), cut to 0 to 1: the best real mask;
- mwf, multichannel Wiener filter with true powers and spatial covariances (`filters`);
- mixture: the song's mixture over the number of stems, doing nothing.

Source: F.-R. Stöter, A. Liutkus, N. Ito, "The 2018 Signal Separation Evaluation Campaign", LVA/ICA 2018
(irm, ibm, mwf, mixture); H. Erdogan, J. R. Hershey, S. Watanabe, J. Le Roux, "Phase-sensitive and
recognition-boosted speech separation using deep recurrent neural networks", ICASSP 2015 (psm).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from streamsep.errors import ParameterError
from streamsep.overlap_add import change_spectra, each_spectra
from streamsep.spec import Profile
from streamsep.units import samples_to_ms
from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.filters import SpatialStatistics, expectation_maximization, soft_mask

KINDS = ("irm", "ibm", "psm", "mwf", "mixture")


@dataclass(frozen=True)
class OracleMethod:
    """An oracle at a window pair.

    Attributes:
        kind: Of `KINDS`.
        profile: Window pair.
        exponent: Of irm and ibm, > 0: 1 for magnitudes, 2 for powers.
        theta: Share from which ibm takes all, above 0 and below 1.

    Raises:
        ParameterError: The kind is unknown, or a number is out of range.
    """

    kind: str
    profile: Profile
    exponent: float = 1.0
    theta: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ParameterError(f"oracle '{self.kind}' is unknown; choose of: {', '.join(KINDS)}")
        if not 0.0 < self.exponent <= 100.0:
            raise ParameterError(f"exponent {self.exponent:g} is outside 0 to 100")
        if not 0.0 < self.theta < 1.0:
            raise ParameterError(f"theta {self.theta:g} is outside 0 to 1")

    @property
    def title(self) -> str:
        """One line for people."""
        p = self.profile
        windows = f"{p.n_fft}/{p.synthesis_length}/{p.hop}"
        of = {"irm": f" p={self.exponent:g}", "ibm": f" p={self.exponent:g} theta={self.theta:g}"}
        name = windows if p.name == windows else f"{p.name} {windows}"
        if self.kind == "mixture":
            return "doing nothing"
        return f"{self.kind}{of.get(self.kind, '')}, {name}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """All attributes, and the delay of the windows at 44.1 kHz."""
        latency_ms = samples_to_ms(self.profile.latency_samples(), 44100)
        timing = {} if self.kind == "mixture" else {"latency_ms": round(latency_ms, 2)}
        return {"path": "oracle", **asdict(self), **timing}

    def open(self) -> Estimate:
        """Nothing to load."""
        return lambda song: (song.stems, self.stems(song.references, song.mixture))

    def stems(self, references: np.ndarray, mixture: np.ndarray | None = None) -> np.ndarray:
        """What the oracle makes of the sum of the references, or, doing nothing, of the mixture.

        Args:
            references: [targets, channels, n]
            mixture: Of the song, [channels, n]; None is the sum of the references.

        Returns:
            float32 [targets, channels, n]
        """
        if self.kind == "mixture":
            mixture = references.sum(axis=0) if mixture is None else mixture
            nothing = mixture / len(references)
            return np.broadcast_to(nothing, references.shape).astype(np.float32)
        if self.kind == "mwf":
            return change_spectra(references, self.profile, _wiener(references, self.profile))
        masks = {"irm": self._ratio, "ibm": self._binary, "psm": _phase_sensitive}[self.kind]
        return change_spectra(references, self.profile, lambda s: masks(s) * s.sum(axis=0))

    def _ratio(self, spectra: np.ndarray) -> np.ndarray:
        return soft_mask(np.abs(spectra), self.exponent)

    def _binary(self, spectra: np.ndarray) -> np.ndarray:
        return (self._ratio(spectra) >= self.theta).astype(np.float64)


def _phase_sensitive(spectra: np.ndarray) -> np.ndarray:
    mixture = spectra.sum(axis=0)
    power = mixture.real**2 + mixture.imag**2
    shares = (spectra * mixture.conj()).real / (power + (power == 0.0))
    return np.clip(shares, 0.0, 1.0)


def _wiener(references: np.ndarray, profile: Profile) -> Callable[[np.ndarray], np.ndarray]:
    """The filter of the song: directions of all of it, powers of each frame."""
    statistics = SpatialStatistics()
    for spectra in each_spectra(references, profile):
        y = np.ascontiguousarray(spectra.swapaxes(-1, -2))
        statistics.add_estimates(y, y.sum(axis=0))

    def change(spectra: np.ndarray) -> np.ndarray:
        y = np.ascontiguousarray(spectra.swapaxes(-1, -2))
        return expectation_maximization(y, y.sum(axis=0), 1, statistics).swapaxes(-1, -2)

    return change
