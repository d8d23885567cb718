"""streamsep: real-time music source separation. Sound goes in, stems come out, while the music plays.

Importing this opens nothing, prints nothing and never imports torch; each name is loaded when it is used.

Table of contents:
    Separator: blocks of music in, blocks of every stem out.
    StreamBatch, BatchStream: many streams that share one model.
    StemMixer: stems back to one sound, with faders.
    Preset, find_preset: a model, a profile and a stem set by name.
    Model, load_model, save_model: models as folders.
    PROFILES, STEM_SETS: what exists.
    StreamsepError: base of every error raised here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Separator": "streamsep.separator",
    "StreamBatch": "streamsep.batch",
    "BatchStream": "streamsep.batch",
    "StemMixer": "streamsep.mixer",
    "Preset": "streamsep.presets",
    "find_preset": "streamsep.presets",
    "Model": "streamsep.model",
    "load_model": "streamsep.model",
    "save_model": "streamsep.model",
    "PROFILES": "streamsep.spec",
    "STEM_SETS": "streamsep.spec",
    "StreamsepError": "streamsep.errors",
}

if TYPE_CHECKING:
    from streamsep.batch import BatchStream, StreamBatch
    from streamsep.errors import StreamsepError
    from streamsep.mixer import StemMixer
    from streamsep.model import Model, load_model, save_model
    from streamsep.presets import Preset, find_preset
    from streamsep.separator import Separator
    from streamsep.spec import PROFILES, STEM_SETS

__all__ = [
    "PROFILES",
    "STEM_SETS",
    "BatchStream",
    "Model",
    "Preset",
    "Separator",
    "StemMixer",
    "StreamBatch",
    "StreamsepError",
    "find_preset",
    "load_model",
    "save_model",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'streamsep' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
