"""A part taken from a record: two or four bars of it, dull and crackling, over and over."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import compress, to_unit_active_rms
from streamsep_offline.maker.filters import high_pass, low_pass
from streamsep_offline.maker.notes import to_samples
from streamsep_offline.maker.plan import Plan

_EDGE_S = 0.008


def looped(audio: np.ndarray, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """The loudest bars of a part, repeated where chords play, [2, samples].

    Args:
        audio: A part of the song. [2, samples]
        plan: The song.
        rng: Draws length and wear of the record.
    """
    n_bars = int(rng.choice([1, 2, 2, 4]))
    starts = [to_samples(plan.time_s(bar)) for bar in range(plan.n_bars + n_bars + 1)]
    bars = range(0, max(1, plan.n_bars - n_bars), n_bars)
    energy = [np.square(audio[:, starts[b] : starts[b + n_bars]]).sum() for b in bars]
    first = bars[int(np.argmax(energy))]
    phrase = audio[:, starts[first] : starts[first + n_bars]].copy()
    n_edge = min(to_samples(_EDGE_S), phrase.shape[1] // 4)
    edge = np.linspace(0.0, 1.0, n_edge, dtype=np.float32)
    phrase[:, :n_edge] *= edge
    phrase[:, phrase.shape[1] - n_edge :] *= edge[::-1]
    phrase = low_pass(phrase, rng.uniform(1800.0, 8000.0), order=2)
    phrase = compress(high_pass(phrase, rng.uniform(60.0, 300.0)), -14.0, rng.uniform(2.0, 5.0))
    output = np.zeros_like(audio)
    for bar in range(0, plan.n_bars, n_bars):
        if plan.plays("chords", bar) and starts[bar] < plan.n_samples:
            part = output[:, starts[bar] : starts[bar + n_bars]]
            length = min(part.shape[1], phrase.shape[1])
            part[:, :length] += phrase[:, :length]
    output = to_unit_active_rms(output)
    if rng.random() < 0.6:
        output = output + worn(plan.n_samples, rng) * (np.abs(output).max(axis=0) > 0)
    return output.astype(np.float32)


def worn(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Crackle and hiss of a record against a part of unit level, [samples]."""
    clicks = (rng.random(n_samples) < 1.5e-4) * rng.exponential(1.0, n_samples)
    hiss = rng.uniform(0.002, 0.012) * rng.standard_normal(n_samples)
    return low_pass((0.2 * clicks + hiss).astype(np.float32), 7000.0, order=1)
