"""Drive the separator as an audio callback would: block in, stems out, at a declared latency.

python examples/02_stream_blocks.py
"""

import sys
import time

import numpy as np

from streamsep import Separator
from streamsep.song import compose

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

BLOCK = 512
mixture = compose(duration_s=10.0).mixture
separator = Separator.from_preset(profile="stage", block_size=BLOCK)
separator.process(mixture[:, :BLOCK])  # the first block loads the compiled code
separator.reset()

took_ms, out = [], []
for start in range(0, mixture.shape[1] - BLOCK + 1, BLOCK):
    begin = time.perf_counter()
    out.append(separator.process(mixture[:, start : start + BLOCK]))
    took_ms.append(1000 * (time.perf_counter() - begin))
stems = np.concatenate([*out, separator.flush()], axis=-1)

late = separator.latency_samples
n = BLOCK * len(out)
error = np.abs(stems.sum(axis=0)[:, late:] - mixture[:, :n]).max()
budget_ms = 1000 * BLOCK / separator.sample_rate
print(f"stems: {', '.join(separator.stems)}")
print(f"latency: {late} samples, {separator.latency_ms:.1f} ms")
print(f"stems sum to the delayed input within {error:.1e}")
print(f"a block lasts {budget_ms:.1f} ms; median work {np.median(took_ms):.2f} ms")
