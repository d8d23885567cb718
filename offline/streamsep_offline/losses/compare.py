"""What losses reward, measured on sound made here: the table of `docs/losses.md`.

    python -m streamsep_offline.losses.compare

- *doubt*: every frame belongs to the first stem with chance 0.3 or else to the second, and nothing tells
  which. The constant gain that a loss teaches for the first stem; a smaller one is more of a hole.
- *quiet*, *silent*: an estimate's pull towards a better gain for a stem 20 dB below the other, and for
  a stem that is silent but leaked into, against the pull for the loud stem.
- *noise*: the spread of gradients over examples against their mean, trace of the covariance over squared
  norm ("An empirical model of large-batch training", McCandlish et al. 2018): about the batch that a
  loss wants. Levels vary by +-10 dB between examples.
- *ms*: forward and backward for 2 s of two stereo stems, on one thread of this machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from streamsep.spec import PROFILES
from streamsep.stft import Analysis
from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.loss import Loss
from streamsep_offline.losses.make import KINDS, make_loss

_PROFILE = PROFILES["stage"]
_RATE = 44100
_SECONDS = 2.0
_N_BANDS = 16
_N_EXAMPLES = 24
_CHANCE = 0.3


def make_stems(rng: np.random.Generator) -> torch.Tensor:
    """A chord and a rhythm at levels that vary by +-10 dB. float32 [1, 2, 2, samples]"""
    t = np.arange(round(_SECONDS * _RATE)) / _RATE
    pitch_hz, tempo_s = rng.uniform(80.0, 400.0), rng.uniform(0.2, 0.5)
    chord = sum(np.sin(2 * np.pi * pitch_hz * k * t + rng.uniform(0, 6)) / k for k in range(1, 13))
    knocks = rng.standard_normal(t.size) * np.exp(-15.0 * (t % tempo_s))
    gains = 0.1 * 10.0 ** (rng.uniform(-10.0, 10.0, 2) / 20.0)
    stems = np.stack([gains[0] * chord, gains[1] * knocks])[:, None].repeat(2, axis=1)
    return torch.from_numpy(stems[None].astype(np.float32))


def hear(stems: torch.Tensor, estimate: Callable[[torch.Tensor], torch.Tensor]) -> Heard:
    """Stems [1, 2, 2, samples] and what `estimate` makes of their spectra."""
    analysis, hop = Analysis(_PROFILE, 2), _PROFILE.hop
    stems = stems[..., : stems.shape[-1] // hop * hop]
    references = torch.stack([analysis.offline(stem) for stem in stems.unbind(1)], dim=1)
    return Heard(references.sum(dim=1), references, estimate(references), _PROFILE, _RATE)


def taught_gain(loss: Loss, rng: np.random.Generator) -> str:
    """Best constant gain of a stem that has a frame with chance 0.3, 0 to 1; "any" if all are equal."""
    n = round(_SECONDS * _RATE)
    noise = torch.from_numpy(rng.standard_normal((1, 2, n)).astype(np.float32))
    mixture = Analysis(_PROFILE, 2).offline(noise[..., : n // _PROFILE.hop * _PROFILE.hop])
    has = torch.from_numpy(rng.random(mixture.shape[-1]) < _CHANCE)
    references = torch.stack([mixture * has, mixture * ~has], dim=1)

    def cost(gain: float) -> float:
        estimates = torch.stack([gain * mixture, (1.0 - gain) * mixture], dim=1)
        return float(loss(Heard(mixture, references, estimates, _PROFILE, _RATE)))

    gains = np.linspace(0.0, 1.0, 41)
    costs = [cost(float(gain)) for gain in gains]
    return "any" if np.ptp(costs[1:-1]) < 0.1 else f"{gains[np.argmin(costs)]:.2f}"


def pull(loss: Loss, rng: np.random.Generator, down_db: float) -> float:
    """Slope of the loss over the gain of a stem `down_db` below the other, against the other's slope."""
    stems = make_stems(rng)
    stems = stems / stems.square().mean(dim=(2, 3), keepdim=True).sqrt()
    stems[:, 1] *= 10.0 ** (-down_db / 20.0)
    gains = torch.ones(2, requires_grad=True)

    def leaky(references: torch.Tensor) -> torch.Tensor:
        """7/10 of each stem, and a tenth of the other."""
        blurred = 0.7 * references + 0.1 * references.flip(1)
        return blurred * gains[None, :, None, None, None]

    loss(hear(stems, leaky)).backward()
    assert gains.grad is not None
    return float(gains.grad[1].abs() / gains.grad[0].abs().clamp_min(1e-30))


def noise_and_time(loss: Loss, rng: np.random.Generator) -> tuple[float, float]:
    """Spread of the gradients of masks in 16 bands over examples; seconds per example."""
    edges = np.geomspace(1, _PROFILE.n_bins, _N_BANDS + 1).astype(int)
    band = torch.from_numpy(
        np.clip(np.searchsorted(edges, np.arange(_PROFILE.n_bins), "right") - 1, 0, _N_BANDS - 1)
    )
    gradients, spent_s = [], []
    for _ in range(_N_EXAMPLES):
        logits = torch.zeros(_N_BANDS, requires_grad=True)

        def masked(references: torch.Tensor, logits: torch.Tensor = logits) -> torch.Tensor:
            share = torch.sigmoid(logits)[band][:, None]
            masks = torch.stack([share, 1.0 - share])[None, :, None]
            return masks * references.sum(dim=1, keepdim=True)

        heard = hear(make_stems(rng), masked)
        start = time.perf_counter()
        loss(heard).backward()
        spent_s.append(time.perf_counter() - start)
        assert logits.grad is not None
        gradients.append(logits.grad.numpy())
    drawn = np.stack(gradients).astype(np.float64)
    variance = drawn.var(axis=0, ddof=1).sum()
    mean = np.square(drawn.mean(axis=0)).sum() - variance / _N_EXAMPLES
    return float(variance / mean) if mean > 0 else float("inf"), float(np.median(spent_s))


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    table = Table("loss", "degree", "doubt", "quiet", "silent", "noise", "ms")
    for kind in KINDS:
        loss = make_loss({"kind": kind})
        noise, spent_s = noise_and_time(loss, np.random.default_rng(3))
        table.add_row(
            kind,
            f"{loss.degree:g}",  # type: ignore[attr-defined]
            taught_gain(loss, np.random.default_rng(1)),
            f"{pull(loss, np.random.default_rng(2), 20.0):.2f}",
            f"{pull(loss, np.random.default_rng(2), 200.0):.2f}",
            f"{noise:.2f}",
            f"{1000 * spent_s:.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
