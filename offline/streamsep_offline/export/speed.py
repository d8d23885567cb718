"""What a hop costs in ONNX Runtime and in the compiled engine: the table of `docs/onnx.md`.

    python -m streamsep_offline.export.speed

Best of 150 hops of noise on one thread. Open-Unmix has random weights of the original's width.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from streamsep.engine import HopEngine, create_engine
from streamsep.model import Model
from streamsep.models.open_unmix_random import random_model
from streamsep.presets import find_preset
from streamsep.spec import PROFILES, STEM_SETS
from streamsep_offline.export.onnx_runner import OnnxSeparator
from streamsep_offline.export.onnx_step import export_onnx

_N_HOPS = 150


def hop_s(engine: HopEngine) -> float:
    """Seconds of the fastest hop."""
    rng, state, best = np.random.default_rng(0), engine.init_state(), np.inf
    for _ in range(_N_HOPS):
        shape = (engine.spec.channels, engine.spec.profile.hop)
        hop = 0.1 * rng.standard_normal(shape, dtype=np.float32)
        start = time.perf_counter()
        _, state = engine.step(hop, state)
        best = min(best, time.perf_counter() - start)
    return float(best)


def main() -> None:
    """Print the table."""
    models: dict[str, Model] = {
        "4stems-stage": find_preset("4stems-stage").load(),
        "classic": find_preset("classic", "stage").load(),
        "Open-Unmix 512": random_model(PROFILES["stage"], STEM_SETS["4stems"], 512),
    }
    table = Table("model", "MB", "ONNX Runtime, ms", "compiled engine, ms")
    for name, model in models.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "step.onnx"
            export_onnx(model, path)
            size, engine = path.stat().st_size / 1e6, OnnxSeparator(path).engine
        compiled = create_engine("compiled", model, engine.spec)
        costs = (f"{1000 * hop_s(one):.2f}" for one in (engine, compiled))
        table.add_row(name, f"{size:.1f}", *costs)
    Console().print(table)


if __name__ == "__main__":
    main()
