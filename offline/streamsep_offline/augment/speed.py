"""How fast the pieces are: the last column of `docs/augmentation.md`.

    python -m streamsep_offline.augment.speed

Seconds of audio per second of one core: four stereo stems of five seconds at 44.1 kHz, chance 1.
"""

from __future__ import annotations

import time

import numpy as np
from rich.console import Console
from rich.table import Table

from streamsep_offline.augment.chain import KINDS, Augment, make_augment
from streamsep_offline.data.example import Example

_RATE = 44100
_SECONDS = 5


def speed(augment: Augment, example: Example, n: int = 3) -> float:
    """Seconds of audio per second of processor time, after one call that is not counted."""
    augment(np.random.default_rng(0), example, _RATE)
    start = time.process_time()
    for seed in range(n):
        augment(np.random.default_rng(seed), example, _RATE)
    return n * example.mixture.shape[-1] / _RATE / (time.process_time() - start)


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    stems = 0.1 * rng.standard_normal((4, 2, _SECONDS * _RATE), dtype=np.float32)
    example = Example.from_stems(stems)
    table = Table("pieces", "s/s")
    for kind in KINDS:
        table.add_row(kind, f"{speed(make_augment([{'kind': kind, 'chance': 1.0}]), example):.0f}")
    aac = make_augment([{"kind": "codec", "chance": 1.0, "codecs": ["aac"]}])
    table.add_row("codec, aac", f"{speed(aac, example):.0f}")
    everything = make_augment([{"kind": kind} for kind in KINDS])
    table.add_row("all, default chances", f"{speed(everything, example, 20):.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
