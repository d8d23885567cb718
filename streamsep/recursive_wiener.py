"""Recursive multichannel Wiener filter: what masks cannot tell apart, places in the stereo image can.

A mask gives both channels of a bin the same gain, so a voice in the centre keeps its share of a guitar on
the left. The filter remembers where each stem has been in each bin. With the masked spectra s_j of the
mixture x = sum_j s_j, v_j the share of the stem in |x|^2, and <> a mean that forgets in 2 s,

    G_j = < (s_j s_j^H + b x x^H) / |x|^2 >
    R_j = (1 - r) G_j / trace G_j + r I / 2
    y_j = v_j R_j (sum_i v_i R_i)^-1 x,    the last stem: what the others leave of x

Every frame counts alike, however loud: nothing depends on the level, an outburst weighs no more than any
frame, and silence leaves no trace. Where all stems are in one place (dual mono, the first frame), R_j
is the same for all and the filter does nothing: y_j = s_j. One channel passes unchanged.

Axes are [batch, targets, channels, bins, frames]. Out of scope: more than two channels, and iterations,
which need the whole song.

Sources: Duong, Vincent, Gribonval, IEEE TASLP 18(7), 2010; Simon & Vincent, "A general framework for
online audio source separation", LVA/ICA 2012 (the recursive form).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from streamsep.spec import StreamSpec
from streamsep.wiener_settings import BACKGROUND, FLUSH, SILENCE, SPREAD, memory_weight


@dataclass(frozen=True)
class WienerState:
    """Zeros at the start.

    Attributes:
        places: Memory G of every stem: left power, right power, real and imaginary part of L R*.
            [batch, targets, 4, bins]
    """

    places: Tensor


class RecursiveWiener(torch.nn.Module):
    """The filter behind the masks, frame by frame; see the module's docstring.

    Args:
        spec: Windows, rate, channels and stems.

    Latency: 0. In place: no.
    """

    latency_samples = 0

    def __init__(self, spec: StreamSpec) -> None:
        super().__init__()
        self.spec, self.memory = spec, memory_weight(spec)

    def init_state(self, batch: int) -> WienerState:
        """Nothing heard yet."""
        return WienerState(torch.zeros(batch, len(self.spec.targets), 4, self.spec.profile.n_bins))

    def step(self, stems: Tensor, state: WienerState) -> tuple[Tensor, WienerState]:
        """Any number of frames.

        Args:
            stems: Masked spectra, complex [batch, targets, channels, bins, frames].
            state: From `init_state` or the previous step.

        Returns:
            Filtered spectra with the same sum over targets, same shape; new state.
        """
        if stems.shape[2] == 1:
            return stems, state
        mixture = stems.sum(dim=1, keepdim=True)
        power = (mixture.real**2 + mixture.imag**2).mean(dim=2, keepdim=True)
        seen = _products(stems) + BACKGROUND * _products(mixture)
        is_heard = power > SILENCE  # false for NaN too, so that it stays in its frame
        seen = torch.where(is_heard, seen / power, 0.0)
        weight = torch.where(is_heard, self.memory, 0.0)
        places, known = state.places, []
        for t in range(stems.shape[-1]):
            places = places + weight[..., t] * (seen[..., t] - places)
            places = places.masked_fill(places.abs() < FLUSH, 0.0)
            known.append(places)
        shared = (stems * mixture.conj()).real.mean(dim=2, keepdim=True)
        shares = (shared / power.clamp_min(SILENCE)).clamp_min(0.0)
        shares = torch.where(is_heard, shares, 1.0 / stems.shape[1])
        estimates = _filter(shares, torch.stack(known, dim=-1), mixture)[:, :-1]
        rest = mixture - estimates.sum(dim=1, keepdim=True)
        return torch.cat([estimates, rest], dim=1), WienerState(places)

    def offline(self, stems: Tensor) -> Tensor:
        """Whole spectrogram: one step with a fresh state."""
        return self.step(stems, self.init_state(stems.shape[0]))[0]


def _products(x: Tensor) -> Tensor:
    """|L|^2, |R|^2 and L R* of spectra. [batch, n, 2, ...] -> [batch, n, 4, ...]"""
    left, right = x[:, :, 0], x[:, :, 1]
    cross = left * right.conj()
    powers = (left.real**2 + left.imag**2, right.real**2 + right.imag**2)
    return torch.stack([*powers, cross.real, cross.imag], dim=2)


def _filter(shares: Tensor, places: Tensor, mixture: Tensor) -> Tensor:
    """v_j R_j (sum_i v_i R_i)^-1 x with the inverse of a Hermitian 2x2 matrix written out.

    Args:
        shares: v, >= 0, above 0 for one stem at least. [batch, targets, 1, bins, frames]
        places: G. [batch, targets, 4, bins, frames]
        mixture: x. [batch, 1, 2, bins, frames]
    """
    trace = 0.5 * (places[:, :, :1] + places[:, :, 1:2])
    # Where nothing was ever heard the trace is 0, and so is the mixture or its memory: any R serves.
    scale = torch.where(trace > 0.0, (1.0 - SPREAD) * shares / trace, 0.0)
    a = scale * places
    a_left, a_right = a[:, :, 0] + SPREAD * shares[:, :, 0], a[:, :, 1] + SPREAD * shares[:, :, 0]
    a_cross = torch.complex(a[:, :, 2], a[:, :, 3])
    c_left, c_right, c_cross = (x.sum(dim=1) for x in (a_left, a_right, a_cross))
    left, right = mixture[:, 0, 0], mixture[:, 0, 1]
    determinant = c_left * c_right - (c_cross.real**2 + c_cross.imag**2)
    u_left = ((c_right * left - c_cross * right) / determinant)[:, None]
    u_right = ((c_left * right - c_cross.conj() * left) / determinant)[:, None]
    return torch.stack(
        [a_left * u_left + a_cross * u_right, a_cross.conj() * u_left + a_right * u_right], dim=2
    )
