"""A model as one ONNX file that other hosts step hop by hop: audio in, stems out.

Inputs are `audio` [1, channels, hop] and the memory `state.<name>`, zeros before the first hop; outputs are
`stems` [1, targets, channels, hop] and `next.<name>`, to be passed back as `state.<name>` with the next hop.
The stems lag by `latency_samples` and sum to the audio so delayed; the last is what the others leave.
What a host needs to know is JSON in the file's `metadata_props`, under "streamsep".

Out of scope: resampling, blocks of other sizes, the recursive Wiener filter.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from streamsep.errors import EngineError, ParameterError
from streamsep.model import Model
from streamsep.spec import StreamSpec
from streamsep_offline.export.graph import Graph, Value
from streamsep_offline.export.onnx_stft import analysis, synthesis

FORMAT_VERSION = 1
"""Of the metadata; a reader refuses any other."""

_MASKS: Mapping[str, str] = {
    "classic": "streamsep_offline.export.onnx_classic",
    "open_unmix": "streamsep_offline.export.onnx_open_unmix",
    "cue_lstm": "streamsep_offline.export.onnx_cue_lstm",
}
"""Kind of model -> module with `masks(graph, spectrum, model, spec)`."""

_LIMIT = 256.0
"""+48 dBFS, as every engine clamps its input."""


def export_onnx(
    model: Model, path: str | Path, sample_rate: int = 44100, channels: int | None = None
) -> None:
    """Write a model's step.

    Args:
        model: Any kind that `streamsep.models` builds.
        path: File to write, replaced if it exists.
        sample_rate: One of the model's, in Hz: memories count hops.
        channels: 1 or 2, for models that take either; None is 2, or what the model sees.

    Raises:
        EngineError: There is no graph for this kind.
        ParameterError: The model does not serve the rate or the channels.
        CheckpointError: Weights are missing or do not fit.
        MissingExtraError: onnx is not installed.
    """
    model.require_stream()
    if model.kind not in _MASKS:
        raise EngineError(
            f"models of kind '{model.kind}' cannot be exported to ONNX; those that can: "
            f"{', '.join(_MASKS)}"
        )
    spec = StreamSpec(model.profile, sample_rate, _channels(model, channels), model.targets)
    if sample_rate not in model.sample_rates:
        raise ParameterError(
            f"sample_rate={sample_rate} is not served by this model; choose one of "
            f"{', '.join(map(str, model.sample_rates))}"
        )
    graph = Graph(f"streamsep {model.kind} step")
    audio = _clean(graph, graph.input("audio", (1, spec.channels, spec.profile.hop)), spec)
    spectrum, known = analysis(graph, audio, spec.channels, spec.profile)
    module: Any = importlib.import_module(_MASKS[model.kind])
    masks = module.masks(graph, spectrum, model, spec)
    stems = _stems(graph, spectrum, known, masks, spec)
    shape = (1, len(spec.targets), spec.channels, spec.profile.hop)
    graph.output("stems", stems.reshape(*shape), shape)
    graph.save(Path(path), {"streamsep": json.dumps(describe(model, spec, graph.states))})


def describe(
    model: Model, spec: StreamSpec, states: Mapping[str, tuple[int, ...]]
) -> dict[str, Any]:
    """What a host needs to know, as JSON values."""
    return {
        "version": FORMAT_VERSION,
        "kind": model.kind,
        "targets": list(spec.targets),
        "sample_rate": spec.sample_rate,
        "channels": spec.channels,
        "hop": spec.profile.hop,
        "latency_samples": spec.latency_samples,
        "profile": asdict(spec.profile),
        "states": {name: list(shape) for name, shape in states.items()},
        "initial_states": "zeros",
        "card": dict(model.card),
    }


def _channels(model: Model, channels: int | None) -> int:
    seen = (model.channels or 2) if channels is None else channels
    if seen not in (1, 2) or model.channels not in (None, seen):
        wanted = model.channels or "1 or 2"
        raise ParameterError(f"channels={seen} is not served by this model; use {wanted}")
    return seen


def _clean(graph: Graph, audio: Value, spec: StreamSpec) -> Value:
    """Samples without NaN, infinities and faults: they would stay in the memories for ever."""
    audio = audio.reshape(spec.channels, spec.profile.hop)
    broken = graph.op("IsNaN", audio) | graph.op("IsInf", audio)
    return broken.where(0.0, audio).clip(-_LIMIT, _LIMIT)


def _stems(graph: Graph, spectrum: Value, known: Value, masks: Value, spec: StreamSpec) -> Value:
    """Masked spectra as sound, and what they leave of the delayed audio. [targets, channels, hop]"""
    profile, n_estimated = spec.profile, len(spec.estimated)
    masked = spectrum.reshape(2, 1, spec.channels, profile.n_bins) * masks.take(0, n_estimated)
    sound = synthesis(graph, masked, n_estimated, spec.channels, profile)
    start = profile.n_fft - profile.synthesis_length
    delayed = known.take(start, start + profile.hop, axis=1)
    rest = delayed.reshape(1, spec.channels, profile.hop) - sound.sum(0)
    return graph.concat([sound, rest])


def zero_states(description: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The memory before the first hop, by name, from a file's description."""
    return {name: np.zeros(shape, np.float32) for name, shape in description["states"].items()}
