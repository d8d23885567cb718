"""One hop of any number of streams as a function: samples and memories in, stems and memories out.

No branch depends on a value and nothing asks the device for one, so the whole can be captured in a CUDA
graph; nothing is written in place, so it can be compiled. What becomes of the memories is the business of
`replay`.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import pad

from streamsep.engine.graph.layout import Layout, Memory, StateNames
from streamsep.engine.graph.precision import product_type
from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.recursive_wiener import RecursiveWiener, WienerState
from streamsep.spec import StreamSpec
from streamsep.windows import window_pair

LIMIT = 256.0
"""Largest magnitude let through, as in `streamsep.engine.compiled.sanitise`."""

_NETWORKS = {
    "classic": ("streamsep.engine.graph.classic_network", "ClassicNetwork"),
    "open_unmix": ("streamsep.engine.graph.open_unmix_network", "OpenUnmixNetwork"),
    "cue_lstm": ("streamsep.engine.graph.cue_network", "CueNetwork"),
}
"""Kind of model -> module and class of a `Network`."""


_FILTER = StateNames(WienerState)


class Network(Protocol):
    """A mask model for one frame of many streams."""

    def examples(self) -> Memory:
        """Memories of one stream before its start, all zero. [1, ...] by name"""

    def forward(self, spectrum: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """One frame.

        Args:
            spectrum: Mixture, complex [streams, channels, bins].
            memory: Of these streams; memories of other stages may be there, too.

        Returns:
            Masks [streams, targets, channels, bins]; new memories.
        """


class HopProgram(torch.nn.Module):
    """The hop of a model; see the module's docstring.

    Args:
        model: What to run.
        spec: Windows, rate, channels and stems.
        precision: "float32", "bfloat16" or "float16": of the products, see `precision`.
        keeps_masks: Whether the memory of a stream ends with its latest masks.

    Raises:
        EngineError: The engine cannot run this kind of model, or not in this precision.
        CheckpointError: Weights are missing or have the wrong shape.

    Latency: `spec.latency_samples`. In place: no.
    """

    analysis: Tensor
    synthesis: Tensor

    def __init__(
        self, model: Model, spec: StreamSpec, precision: str = "float32", keeps_masks: bool = False
    ) -> None:
        super().__init__()
        if model.kind not in _NETWORKS:
            raise EngineError(
                f"engine 'graph' cannot run models of kind '{model.kind}'; use --engine torch"
            )
        module, name = _NETWORKS[model.kind]
        network: Any = getattr(importlib.import_module(module), name)
        self.spec, self.precision, self.keeps_masks = spec, precision, keeps_masks
        self.network: Any = network(model, spec, product_type(precision))
        is_filtered = spec.has_wiener and spec.channels > 1
        self.wiener = RecursiveWiener(spec) if is_filtered else None
        for label, window in zip(("analysis", "synthesis"), window_pair(spec.profile), strict=True):
            self.register_buffer(label, torch.tensor(window, dtype=torch.float32))
        self.layout = Layout(self._examples())
        self.requires_grad_(False).eval()

    def forward(self, audio: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """One hop.

        Args:
            audio: Any samples; those that are not finite count as 0. [streams, channels, hop]
            rows: Memories, see `layout`. [streams, layout.width]

        Returns:
            Estimated stems [streams, estimated, channels, hop]; new rows.
        """
        memory, profile = self.layout.split(rows), self.spec.profile
        audio = torch.nan_to_num(audio, 0.0, 0.0, 0.0).clamp(-LIMIT, LIMIT)
        known = torch.cat([memory["history"], audio], -1)
        spectrum = torch.fft.rfft(known * self.analysis)
        masks, remembered = self.network(spectrum, memory)
        if self.wiener is None:
            spectra = spectrum[:, None] * masks[:, :-1]
        else:
            masked = (spectrum[:, None] * masks)[..., None]
            spectra, state = self.wiener.step(masked, _FILTER.state(memory))
            spectra, remembered = spectra[:, :-1, ..., 0], remembered | _FILTER.memory(state)
        frame = torch.fft.irfft(spectra, n=profile.n_fft)[..., -profile.synthesis_length :]
        summed = frame * self.synthesis + pad(memory["overlap"], (0, profile.hop))
        remembered["history"] = known[..., profile.hop :]
        remembered["overlap"] = summed[..., profile.hop :]
        if self.keeps_masks:
            remembered["masks"] = masks
        return summed[..., : profile.hop], self.layout.join(remembered)

    def _examples(self) -> Memory:
        spec, profile = self.spec, self.spec.profile
        stems = (1, len(spec.estimated), spec.channels)
        examples = self.network.examples()
        if self.wiener is not None:
            examples |= _FILTER.memory(self.wiener.init_state(1))
        examples["history"] = torch.zeros(1, spec.channels, profile.n_fft - profile.hop)
        examples["overlap"] = torch.zeros(*stems, profile.synthesis_length - profile.hop)
        if self.keeps_masks:
            shape = (1, len(spec.targets), spec.channels, profile.n_bins)
            examples["masks"] = torch.zeros(shape)
        return examples
