"""Machine code for this processor, made before the first song, once for all processes that separate.

It is made by a process of its own, whose memory (compiling takes some hundred megabytes) goes with it.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from streamsep.engine.compiled.cache import cache_folder, source_digest
from streamsep.errors import PresetError
from streamsep.model import load_model
from streamsep.presets import find_preset
from streamsep_offline import filters
from streamsep_offline.separation.settings import SeparationSettings

_CHILD = "from streamsep_offline.files.prepare import compile_kernels; compile_kernels()"


def is_prepared(settings: SeparationSettings) -> bool:
    """Whether all kernels that such a separation needs are in the cache."""
    return _mark(settings).exists()


def prepare(settings: SeparationSettings) -> None:
    """Compile what is not in the cache: up to a minute, once for a version and a processor.

    Where that fails (no cache can be written, say), kernels are compiled when they are first used.
    """
    mark = _mark(settings)
    if mark.exists():
        return
    of_all = replace(
        settings, targets=None, aggregate=None, residual=None, two_stems=None, shifts=0, block_s=1.0
    )
    command = [sys.executable, "-c", _CHILD]
    done = subprocess.run(command, input=pickle.dumps(of_all), capture_output=True, check=False)
    if done.returncode == 0 and mark.parent.is_dir():
        mark.touch()


def compile_kernels() -> None:
    """What the process does: read settings from standard input and separate half a second with them."""
    import numpy as np

    from streamsep_offline.separation.pipeline import Separation

    separation = Separation(pickle.load(sys.stdin.buffer))
    noise = np.random.default_rng(0).standard_normal((3, 22050)).astype(np.float32)
    # Three channels are a pair and a single one: all that the filters treat each in its own way.
    for _ in separation.run(lambda: iter([0.1 * noise]), 44100, 3, noise.shape[1]):
        pass


def _mark(settings: SeparationSettings) -> Path:
    """An empty file in the engine's cache, which says that kernels for such settings are there."""
    of_filters = source_digest(Path(filters.__path__[0]))
    way = f"{settings.niter > 0:d}{settings.softmask:d}-{settings.wiener_context}"
    name = f"{_kind(settings.chosen_model)}-{way}-{settings.wiener_filter}-{of_filters}"
    return cache_folder() / f"{name}.prepared"


def _kind(model: str) -> str:
    """Kind of the model as far as the engine runs it."""
    try:
        if (Path(model) / "model.json").is_file():
            return load_model(model).kind
        return find_preset(model).load().kind
    except PresetError:
        return "spectrogram"
