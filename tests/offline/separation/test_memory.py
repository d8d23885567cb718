"""Memory does not know how long a song is."""

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import resource
import sys
import numpy as np
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

{model}
separation = Separation(SeparationSettings(**{settings}), estimator)

def peak_after(seconds):
    def blocks():
        rng = np.random.default_rng(0)
        for _ in range(10 * seconds):
            yield 0.1 * rng.standard_normal((2, {rate} // 10)).astype(np.float32)

    n = sum(piece.shape[-1] for piece in separation.run(blocks, {rate}, 2))
    assert n == seconds * {rate}
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

peak_after({seconds})  # whatever is loaded or compiled once
print(peak_after({seconds}), peak_after(10 * {seconds}))
"""

_MASK = """
import torch
class estimator:
    name, sample_rate, channels, n_fft, hop, context_frames, device = "m", {rate}, 2, 2048, 512, 20, "cpu"
    targets = ("vocals", "drums", "bass", "other")
    def magnitudes(spectra):
        return 0.25 * spectra.abs()[:, None].expand(-1, 4, -1, -1, -1)
"""

_BOTH_WAYS = """
estimator = None
sys.path.insert(0, {tests!r})
from cue_models import both_ways_model
from streamsep.model import save_model
from streamsep_offline.separation import both_ways
both_ways.CORE_S = both_ways.AHEAD_S = 1.0
save_model(both_ways_model(), {folder!r})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is read by getrusage")
@pytest.mark.parametrize(
    ("model", "rate", "seconds", "settings"),
    [
        (_MASK, 16000, 9, {"block_s": 1.0}),
        (_MASK, 16000, 9, {"block_s": 1.0, "wiener_context": "song"}),
        ("estimator = None", 8000, 9, {"block_s": 1.0, "model": "classic"}),
        (_BOTH_WAYS, 8000, 9, {"block_s": 1.0, "niter": 0}),
    ],
    ids=["network", "song context", "causal", "both ways"],
)
def test_ten_times_the_length_needs_no_more_memory(model, rate, seconds, settings, tmp_path):
    if model is _BOTH_WAYS:
        settings = {**settings, "model": str(tmp_path)}
        tests = str(Path(__file__).parents[2])
        model = model.replace("{tests!r}", repr(tests)).replace("{folder!r}", repr(str(tmp_path)))
    if "torch" in model:
        pytest.importorskip("torch")
    program = _PROGRAM.format(
        model=model.replace("{rate}", str(rate)), rate=rate, seconds=seconds, settings=settings
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    short, long = map(int, done.stdout.split())
    assert long < 1.1 * short
