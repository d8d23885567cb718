"""What a loss looks at: mixture, references and estimates, and what follows from them, computed once."""

from __future__ import annotations

from functools import cached_property

import torch

from streamsep.errors import ShapeError
from streamsep.spec import Profile
from streamsep.stft import Synthesis

FLOOR = 1e-4
"""Magnitudes 80 dB below the mixture's root mean square count as none."""

_TINY = 1e-6
"""Level that digital silence is given, 120 dB below full scale, so that nothing divides by 0."""


class Heard:
    """Mixture, references and estimates of a batch; everything else is computed when first asked for.

    Args:
        mixture: Complex [batch, channels, bins, frames].
        references: Spectra of the true stems, complex [batch, targets, channels, bins, frames].
        estimates: Spectra (masked mixture), complex, same shape as `references`; or, for networks that
            give magnitudes only, magnitudes, real, >= 0. These get the mixture's phase where one is needed.
        profile: Window pair of the spectra.
        sample_rate: In Hz.
        mixture_audio: [batch, channels, samples], frames hop samples or more; None is computed.
        reference_audio: [batch, targets, channels, samples], the same; None is computed.

    Raises:
        ShapeError: The shapes do not belong together.
    """

    def __init__(
        self,
        mixture: torch.Tensor,
        references: torch.Tensor,
        estimates: torch.Tensor,
        profile: Profile,
        sample_rate: int,
        mixture_audio: torch.Tensor | None = None,
        reference_audio: torch.Tensor | None = None,
    ) -> None:
        belonging = (references.shape[0], *references.shape[2:])
        if references.shape != estimates.shape or tuple(mixture.shape) != belonging:
            raise ShapeError(
                f"mixture {tuple(mixture.shape)}, references {tuple(references.shape)} and estimates "
                f"{tuple(estimates.shape)} do not belong together; expected [batch, channels, bins, "
                "frames] and twice [batch, targets, channels, bins, frames]"
            )
        self.mixture, self.references, self._estimates = mixture, references, estimates
        self.profile, self.sample_rate = profile, sample_rate
        self._mixture_audio, self._reference_audio = mixture_audio, reference_audio

    @property
    def has_phase(self) -> bool:
        """Whether the estimates came as spectra."""
        return self._estimates.is_complex()

    @cached_property
    def estimates(self) -> torch.Tensor:
        """Spectra of the estimates, complex [batch, targets, channels, bins, frames]."""
        if self.has_phase:
            return self._estimates
        # sgn is X / |X|, and 0 where X is 0.
        return self._estimates * torch.sgn(self.mixture)[:, None]

    @cached_property
    def mixture_magnitude(self) -> torch.Tensor:
        """|X|. [batch, channels, bins, frames]"""
        return self.mixture.abs()

    @cached_property
    def reference_magnitudes(self) -> torch.Tensor:
        """|Y|. [batch, targets, channels, bins, frames]"""
        return self.references.abs()

    @cached_property
    def estimate_magnitudes(self) -> torch.Tensor:
        """Magnitudes of the estimates. [batch, targets, channels, bins, frames]"""
        return self._estimates.abs() if self.has_phase else self._estimates

    @cached_property
    def level(self) -> torch.Tensor:
        """Root mean square magnitude of each mixture, never 0. [batch]"""
        return self.mixture_magnitude.square().mean(dim=(1, 2, 3)).sqrt().clamp_min(_TINY)

    @cached_property
    def floor(self) -> torch.Tensor:
        """Magnitude that counts as none, 80 dB below `level`. [batch, 1, 1, 1, 1]"""
        return FLOOR * self.level[:, None, None, None, None]

    @cached_property
    def mixture_audio(self) -> torch.Tensor:
        """The mixture over the samples of `estimate_audio`. [batch, channels, samples]"""
        if self._mixture_audio is not None:
            return self._mixture_audio[..., : self._n_samples]
        return self._audio(self.mixture)

    @cached_property
    def reference_audio(self) -> torch.Tensor:
        """True stems over the samples of `estimate_audio`. [batch, targets, channels, samples]"""
        if self._reference_audio is not None:
            return self._reference_audio[..., : self._n_samples]
        return self._audio(self.references)

    @cached_property
    def estimate_audio(self) -> torch.Tensor:
        """Estimates by overlap-add, their delay taken off. [batch, targets, channels, samples]

        The last S - hop samples of the example are missing: they wait for frames that it does not have.
        """
        return self._audio(self.estimates)

    @cached_property
    def audio_level(self) -> torch.Tensor:
        """Root mean square of each mixture's samples, never 0. [batch]"""
        return self.mixture_audio.square().mean(dim=(1, 2)).sqrt().clamp_min(_TINY)

    @property
    def _n_samples(self) -> int:
        profile = self.profile
        return self.mixture.shape[-1] * profile.hop - (profile.synthesis_length - profile.hop)

    def _audio(self, spectra: torch.Tensor) -> torch.Tensor:
        synthesis = Synthesis(self.profile, self.mixture.real.dtype).to(spectra.device)
        return synthesis.offline(spectra)[..., synthesis.latency_samples :]
