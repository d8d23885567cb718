"""Twenty causal, level-free features of every bin, and five inputs of every band.

Everything is measured against the running level e, the mean power of a bin over the last 3 s. With
p = (|L|^2 + |R|^2) / e and M = (L + R) / sqrt(e), the log level is l = ln(p + 1e-5) / 2. From it and
from smoothed products come

- *peaks*, l minus its mean over neighbouring bins: tones stand out, noise and strokes do not;
- *novelties*, l minus its exponential mean over the past, and *flux*, l minus an earlier l: onsets;
- *centre* psi = 2 <Re L R*> / <|L|^2 + |R|^2>, *coherence* and *panning*: where a source is mixed;
- *phase persistence* |<M_t M*_{t-k}>| / sqrt(<|M_t|^2> <|M_{t-k}|^2>): steady tones turn evenly;
- *onsets* over many bins at once, and a decaying hold of them: strokes.

The running level forgets in 3 s, or in 0.75 s while the input is 20 dB below it. Two kinds of frames
leave no trace in the memory: digital silence, and for at most 0.2 s an outburst more than 30 dB above
the running level. So a burst of full scale or a gap costs nothing after its own end, and nothing
decays into denormal numbers.

Source: `centre` after Avendano & Jot, JAES 2004; phase persistence after Dixon's complex-domain
onsets, DAFx 2006; the set was chosen by ablation on made multitracks.
"""

from __future__ import annotations

import dataclasses

import torch
from torch.nn.functional import avg_pool1d, max_pool1d, pad

from streamsep.features.cue_state import CueFrames, CueState, keep
from streamsep.features.cue_tables import (
    BAND_FLOOR,
    BAND_LOG_FLOOR,
    CUES,
    EPS,
    FLOOR,
    FLUSH,
    LOG_FLOOR,
    N_BANDS,
    OUTBURST,
    SILENCE,
    TIME_OF_ROW,
    WARM,
    band_averages,
    cue_tables,
)
from streamsep.spec import StreamSpec

_N_SMOOTH = 16


class Cues(torch.nn.Module):
    """Features of bins and bands, frame by frame; see the module's docstring.

    Args:
        spec: Windows and rate.
    """

    latency_samples = 0

    def __init__(self, spec: StreamSpec) -> None:
        super().__init__()
        self.spec, self.tables = spec, cue_tables(spec)
        smoothing = torch.from_numpy(self.tables.smoothing)[list(TIME_OF_ROW), None]
        self.register_buffer("smoothing", smoothing, persistent=False)
        novelty = torch.from_numpy(self.tables.novelty)
        self.register_buffer("novelty", novelty, persistent=False)
        averages = torch.from_numpy(band_averages(self.tables.interpolation()))
        self.register_buffer("averages", averages, persistent=False)

    def init_state(self, batch: int) -> CueState:
        """Nothing heard yet."""
        bins, zeros = self.spec.profile.n_bins, self.novelty.new_zeros
        lags = max(self.tables.lags)
        return CueState(
            level=zeros(batch),
            level_weight=zeros(batch),
            n_loud=zeros(batch),
            mid=torch.complex(zeros(batch, lags, bins), zeros(batch, lags, bins)),
            log_level=zeros(batch, lags, bins),
            smooth=zeros(batch, _N_SMOOTH, bins),
            log_mean=zeros(batch, 4, bins),
            log_weight=zeros(batch, 4),
            held=zeros(batch, bins),
            band_mean=zeros(batch, N_BANDS),
            band_weight=zeros(batch),
        )

    def step(self, spectrum: torch.Tensor, state: CueState) -> tuple[CueFrames, CueState]:
        """Features of any number of frames.

        Args:
            spectrum: Mixture, complex [batch, channels, bins, frames]; one channel is both sides.
            state: From `init_state` or the previous step.

        Returns:
            Features of the frames; new state.
        """
        features, bands, counts = [], [], []
        for t in range(spectrum.shape[-1]):
            feature, band, usable, new = self.frame(spectrum[..., t], state)
            # The count of loud frames goes on, or an outburst that lasts would never be believed.
            state = dataclasses.replace(keep(usable, new, state), n_loud=new.n_loud)
            features.append(feature)
            bands.append(band)
            counts.append(usable)
        return CueFrames(
            torch.stack(features, -1), torch.stack(bands, -1), torch.stack(counts, -1)
        ), state

    def offline(self, spectrum: torch.Tensor) -> CueFrames:
        """Features of a whole spectrogram: one step with a fresh state."""
        return self.step(spectrum, self.init_state(spectrum.shape[0]))[0]

    def frame(
        self, x: torch.Tensor, state: CueState
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, CueState]:
        """One frame, whatever becomes of the state if it does not count.

        Args:
            x: Mixture, complex [batch, channels, bins].
            state: Before the frame.

        Returns:
            Features [batch, CUES, bins]; inputs of the bands [batch, BAND_CUES, bands]; whether the frame
            counts [batch]; the state after it if it does.
        """
        x = x.expand(-1, 2, -1)
        usable, gain, level_memory = self._level(x, state)
        re = (x.real * gain[:, None, None]).clamp(-1e4, 1e4)
        im = (x.imag * gain[:, None, None]).clamp(-1e4, 1e4)
        power = re**2 + im**2
        both = power[:, 0] + power[:, 1]
        mid = torch.complex(re[:, 0] + re[:, 1], im[:, 0] + im[:, 1])
        smooth = self._smooth(re, im, power, mid, state)
        # Logarithms are held above their floor: 0 is silence.
        log_level = 0.5 * torch.log(both + FLOOR) - LOG_FLOOR
        log_weight = state.log_weight + self.novelty * (1.0 - state.log_weight)
        change = log_level[:, None] - state.log_mean
        log_mean = state.log_mean + self.novelty[:, None] * change
        features, held = self._features(
            re, im, both, log_level, log_mean / log_weight[..., None], smooth, state
        )
        band_level, side = self._bands(re, im, power)
        band_weight = state.band_weight + self.tables.band_mean * (1.0 - state.band_weight)
        band_mean = state.band_mean + self.tables.band_mean * (band_level - state.band_mean)
        novelty = 0.5 * (band_level - band_mean / band_weight[:, None])
        averaged = features[:, [0, 1, 5]] @ self.averages.T
        bands = torch.cat([torch.stack([novelty.clamp(-3, 3), side], 1), averaged], 1)
        new = CueState(
            *level_memory,
            mid=torch.cat([mid[:, None], state.mid[:, :-1]], 1),
            log_level=torch.cat([log_level[:, None], state.log_level[:, :-1]], 1),
            smooth=smooth,
            log_mean=log_mean,
            log_weight=log_weight,
            held=held,
            band_mean=band_mean,
            band_weight=band_weight,
        )
        return features, bands, usable, new

    def _level(
        self, x: torch.Tensor, state: CueState
    ) -> tuple[torch.Tensor, torch.Tensor, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Whether the frame counts, 1 / sqrt(running level), and the memory of the level."""
        power = (x.real**2 + x.imag**2).sum(dim=1).mean(dim=-1).clamp_max(1e20)
        before = state.level / state.level_weight.clamp_min(1e-9)
        is_warm = state.level_weight > WARM
        is_loud = is_warm & (power > OUTBURST * before)
        n_loud = torch.where(is_loud, state.n_loud + 1.0, torch.zeros_like(state.n_loud))
        is_believed = ~is_loud | (n_loud > self.tables.n_patience)
        bounded = torch.where(is_warm, torch.minimum(power, 100.0 * before), power)
        is_low = is_warm & (power < 0.01 * before)
        weight = torch.where(
            is_low,
            torch.full_like(power, self.tables.level_fall),
            torch.full_like(power, self.tables.level),
        )
        level = state.level + weight * (bounded - state.level)
        level_weight = state.level_weight + weight * (1.0 - state.level_weight)
        gain = torch.rsqrt((level / level_weight).clamp_min(SILENCE))
        return is_believed & (power > SILENCE), gain, (level, level_weight, n_loud)

    def _smooth(
        self,
        re: torch.Tensor,
        im: torch.Tensor,
        power: torch.Tensor,
        mid: torch.Tensor,
        state: CueState,
    ) -> torch.Tensor:
        """Smoothed products of left, right and mid with each other and with earlier frames."""
        both = power[:, 0] + power[:, 1]
        cross_re = re[:, 0] * re[:, 1] + im[:, 0] * im[:, 1]
        cross_im = im[:, 0] * re[:, 1] - re[:, 0] * im[:, 1]
        rows = [cross_re, both, cross_re, both, cross_re, cross_im, power[:, 0], power[:, 1]]
        for lag in self.tables.lags:
            past = state.mid[:, lag - 1]
            turn = mid * past.conj()
            rows += [turn.real, turn.imag, mid.real**2 + mid.imag**2, past.real**2 + past.imag**2]
        smooth = state.smooth + self.smoothing * (torch.stack(rows, 1) - state.smooth)
        return smooth.masked_fill(smooth.abs() < FLUSH, 0.0)

    def _features(
        self,
        re: torch.Tensor,
        im: torch.Tensor,
        both: torch.Tensor,
        log_level: torch.Tensor,
        log_mean: torch.Tensor,
        smooth: torch.Tensor,
        state: CueState,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        table = self.tables
        peaks = [_contrast(log_level - _box(log_level, n)) for n in table.n_peak]
        novelties = [_contrast(log_level - log_mean[:, i]) for i in range(4)]
        earlier = max_pool1d(state.log_level[:, table.lags[0] - 1], 3, stride=1, padding=1)
        flux = _contrast(log_level - earlier)
        flux_short = _contrast(log_level - state.log_level[:, table.lags[1] - 1])
        centre_now = 2.0 * (re[:, 0] * re[:, 1] + im[:, 0] * im[:, 1]) / (both + EPS)
        centre, centre_slow = (2.0 * smooth[:, i] / (smooth[:, i + 1] + EPS) for i in (0, 2))
        left, right = smooth[:, 6], smooth[:, 7]
        coherence = _persistence(smooth[:, 4], smooth[:, 5], left, right)
        panning = 2.0 * (left - right).abs() / (left + right + EPS) - 1.0
        phase, phase_short = (_persistence(*smooth[:, i : i + 4].unbind(1)) for i in (8, 12))
        onset = flux.clamp_min(0.0)
        wide = _box(onset, table.n_onset)
        held = torch.maximum(state.held * table.hold, wide)
        held = held.masked_fill(held < FLUSH, 0.0)
        everywhere = onset.mean(dim=-1, keepdim=True).expand_as(onset)
        level = (log_level + LOG_FLOOR).clamp(-6.0, 4.0) / 3.0
        rows = [
            peaks[0],
            novelties[0],
            flux,
            centre,
            centre_now,
            phase,
            novelties[3],
            peaks[1],
            peaks[2],
        ]
        rows += [novelties[1], novelties[2], flux_short, centre_slow, coherence, level]
        rows += [3.0 * wide, 3.0 * everywhere, 3.0 * held, phase_short, panning]
        assert len(rows) == len(CUES)
        return torch.stack(rows, 1), held

    def _bands(
        self, re: torch.Tensor, im: torch.Tensor, power: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Log power of the mid in each band above its floor, and that of the side against it."""
        both = power[:, 0] + power[:, 1]
        twice = 2.0 * (re[:, 0] * re[:, 1] + im[:, 0] * im[:, 1])
        mid = 0.5 * torch.log((0.5 * (both + twice)) @ self.averages.T + BAND_FLOOR)
        side = 0.5 * torch.log((0.5 * (both - twice)).clamp_min(0.0) @ self.averages.T + BAND_FLOOR)
        return mid - BAND_LOG_FLOOR, 0.5 * (side - mid).clamp(-5.0, 1.0)


def _contrast(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * x.clamp(-4.0, 4.0)


def _persistence(
    re: torch.Tensor, im: torch.Tensor, a: torch.Tensor, b: torch.Tensor
) -> torch.Tensor:
    """Modulus of a smoothed product over the root of both powers, from 0..1 to -1..1."""
    return 2.0 * torch.sqrt(re**2 + im**2) / (torch.sqrt(a) * torch.sqrt(b) + EPS) - 1.0


def _box(x: torch.Tensor, n: int) -> torch.Tensor:
    """Mean over n bins on either side, the edges repeated. [batch, bins]"""
    return avg_pool1d(pad(x[:, None], (n, n), mode="replicate"), 2 * n + 1, stride=1)[:, 0]
