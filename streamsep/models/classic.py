"""`classic`: the separator without weights. Four physical cues, each causal, share out every bin.

Percussive sound is short in time and broad in frequency, tonal sound the reverse. With H the median of a
bin's magnitude over the last 151 ms and P the median over +-172 Hz around it,

    tonal t      = H^3 / (H^3 + e^1.5 P^3)
    percussive p = P^3 / (P^3 + e^1.5 H^3)
    neither r    = 1 - t - p >= 0

which is the logistic function s(1.5 (x - 1)), s(1.5 (-x - 1)) of x = 2 ln(H / P), written without
logarithms. Voices are mixed to the centre: psi = 2 <Re L R*> / <|L|^2 + |R|^2>, c = clip(psi, 0, 1)^2.
Basses lie low: a logistic edge l at 180 Hz. Then

    bass   = l (t + 0.6 r)
    drums  = p + 0.4 l r
    vocals = (1 - l) c (0.85 r + 0.5 t)
    other  = what is left; the four sum to 1.

Piano (5 stems) is the part of *other* that has fallen below its own recent peak: struck strings decay,
held notes do not. No level enters anywhere, only ratios.

Sources: Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010; Driedger, Müller,
Disch, ISMIR 2014 (the residual r); Avendano & Jot, JAES 2004 (the centre cue).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from streamsep.classic_settings import FLOOR, POWER_FLOOR, ClassicSettings, tables
from streamsep.model import Model
from streamsep.spec import StreamSpec


@dataclass(frozen=True)
class ClassicState:
    """Zeros at the start.

    Attributes:
        recent: Magnitudes of past frames. [batch, bins, n_past - 1]
        cross: Smoothed Re L R*. [batch, bins]
        power: Smoothed (|L|^2 + |R|^2) / 2. [batch, bins]
        peak: Slowly decaying peak of the magnitude. [batch, bins]
    """

    recent: torch.Tensor
    cross: torch.Tensor
    power: torch.Tensor
    peak: torch.Tensor


def tonal_and_percussive(
    steady: torch.Tensor, broad: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Shares t and p of a bin from its medians over time (H) and frequency (P)."""
    cube = (steady / broad) ** 3
    contrast = torch.exp(torch.tensor(1.5, dtype=cube.dtype))
    return cube / (cube + contrast), 1.0 / (1.0 + contrast * cube)


class ClassicMasks(torch.nn.Module):
    """Masks from cues, frame by frame; see the module's docstring.

    Args:
        settings: Spans and edges in seconds and Hz.
        spec: Windows, rate, channels and stems.
    """

    latency_samples = 0
    low: torch.Tensor

    def __init__(self, settings: ClassicSettings, spec: StreamSpec) -> None:
        super().__init__()
        self.spec, self.tables = spec, tables(settings, spec)
        self.register_buffer("low", torch.from_numpy(self.tables.low), persistent=False)

    def init_state(self, batch: int) -> ClassicState:
        """Silence before the first frame."""
        flat = self.low.new_zeros((batch, self.spec.profile.n_bins))
        recent = flat[..., None].expand(*flat.shape, self.tables.n_past - 1).clone()
        return ClassicState(recent, flat, flat, flat)

    def step(
        self, spectrum: torch.Tensor, state: ClassicState
    ) -> tuple[torch.Tensor, ClassicState]:
        """Masks of any number of frames.

        Args:
            spectrum: Mixture, complex [batch, channels, bins, frames].
            state: From `init_state` or the previous step.

        Returns:
            Masks [batch, targets, channels, bins, frames], summing to 1 over targets; new state.
        """
        power = spectrum.real**2 + spectrum.imag**2
        magnitude = torch.sqrt(2.0 * power.mean(dim=1)) + FLOOR
        known = torch.cat([state.recent, magnitude], dim=-1)
        steady = known.unfold(-1, self.tables.n_past, 1).median(dim=-1).values + FLOOR
        tonal, percussive = tonal_and_percussive(steady, self._median_over_bins(magnitude) + FLOOR)
        centre, cross, smooth_power = self._centre(spectrum, power, state)
        fallen, peak = self._fallen(magnitude, state)
        masks = self._share_out(tonal, percussive, centre, fallen)
        recent = known[..., known.shape[-1] - (self.tables.n_past - 1) :]
        channels = spectrum.shape[1]
        return (
            masks[:, :, None].expand(-1, -1, channels, -1, -1),
            ClassicState(recent, cross, smooth_power, peak),
        )

    def offline(self, spectrum: torch.Tensor) -> torch.Tensor:
        """Whole spectrogram: one step with a fresh state."""
        return self.step(spectrum, self.init_state(spectrum.shape[0]))[0]

    def _median_over_bins(self, magnitude: torch.Tensor) -> torch.Tensor:
        near = self.tables.n_near
        mirrored = torch.nn.functional.pad(
            magnitude.transpose(-1, -2), (near, near), mode="reflect"
        )
        return mirrored.unfold(-1, 2 * near + 1, 1).median(dim=-1).values.transpose(-1, -2)

    def _centre(
        self, spectrum: torch.Tensor, power: torch.Tensor, state: ClassicState
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        if spectrum.shape[1] == 1:
            return torch.ones_like(power[:, 0]), state.cross, state.power
        left, right = spectrum[:, 0], spectrum[:, 1]
        cross_now = left.real * right.real + left.imag * right.imag
        power_now = power.mean(dim=1)
        cross, smooth, psi = state.cross, state.power, []
        for t in range(spectrum.shape[-1]):
            cross = cross + self.tables.smoothing * (cross_now[..., t] - cross)
            smooth = smooth + self.tables.smoothing * (power_now[..., t] - smooth)
            silent = smooth < POWER_FLOOR
            cross, smooth = cross.masked_fill(silent, 0.0), smooth.masked_fill(silent, 0.0)
            psi.append((cross / (smooth + POWER_FLOOR)).clamp(0.0, 1.0))
        return torch.stack(psi, dim=-1) ** 2, cross, smooth

    def _fallen(
        self, magnitude: torch.Tensor, state: ClassicState
    ) -> tuple[torch.Tensor, torch.Tensor]:
        peak, fallen = state.peak, []
        for t in range(magnitude.shape[-1]):
            peak = torch.maximum(magnitude[..., t], peak * self.tables.decay)
            fallen.append(1.0 - magnitude[..., t] / peak)
        return torch.stack(fallen, dim=-1), peak

    def _share_out(
        self,
        tonal: torch.Tensor,
        percussive: torch.Tensor,
        centre: torch.Tensor,
        fallen: torch.Tensor,
    ) -> torch.Tensor:
        low = self.low[:, None]
        rest = 1.0 - tonal - percussive
        vocals = (1.0 - low) * centre * (0.85 * rest + 0.5 * tonal)
        share = {
            "vocals": vocals,
            "drums": percussive + 0.4 * low * rest,
            "bass": low * (tonal + 0.6 * rest),
            "piano": fallen * ((1.0 - low) * (rest + tonal) - vocals),
        }
        estimated = torch.stack([share[name] for name in self.spec.estimated], dim=1)
        residual = (1.0 - estimated.sum(dim=1, keepdim=True)).clamp_min(0.0)
        return torch.cat([estimated, residual], dim=1)


def from_model(model: Model, spec: StreamSpec) -> ClassicMasks:
    """The module of a model of kind "classic"."""
    return ClassicMasks(ClassicSettings(**model.settings), spec)
