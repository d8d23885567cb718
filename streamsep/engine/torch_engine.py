"""The reference engine: plain PyTorch, the truth that every other engine is tested against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.models import build_mask_model
from streamsep.recursive_wiener import RecursiveWiener, WienerState
from streamsep.spec import StreamSpec
from streamsep.stft import Analysis, AnalysisState, Synthesis, SynthesisState


@dataclass(frozen=True)
class TorchState:
    """States of the stages (no filter: None) and the masks of the latest frame."""

    analysis: AnalysisState
    model: Any
    wiener: WienerState | None
    synthesis: SynthesisState
    masks: torch.Tensor


class TorchEngine:
    """Analysis, mask model, Wiener filter where the stream has one, and overlap-add as PyTorch stages.

    Latency: `spec.latency_samples`. Thread: any, one per state. Allocates: yes. In place: no.
    """

    name = "torch"

    def __init__(self, model: Model, spec: StreamSpec, precision: str = "float32") -> None:
        if precision != "float32":
            raise EngineError(
                f"engine 'torch' runs float32, not {precision}; use --engine compiled for int8"
            )
        self.spec = spec
        self.precision = precision
        self.analysis = Analysis(spec.profile, spec.channels)
        self.model: Any = build_mask_model(model, spec)
        self.wiener = RecursiveWiener(spec) if spec.has_wiener else None
        self.synthesis = Synthesis(spec.profile)

    def init_state(self) -> TorchState:
        """Fresh state: silence before the first sample."""
        n_bins = self.spec.profile.n_bins
        masks = torch.zeros(1, len(self.spec.targets), self.spec.channels, n_bins, 1)
        return TorchState(
            self.analysis.init_state(1),
            self.model.init_state(1),
            None if self.wiener is None else self.wiener.init_state(1),
            self.synthesis.init_state(1, len(self.spec.estimated), self.spec.channels),
            masks,
        )

    @torch.inference_mode()
    def step(self, hop: np.ndarray, state: TorchState) -> tuple[np.ndarray, TorchState]:
        """See `HopEngine.step`; takes any whole number of hops."""
        # A copy, because torch would share memory with an argument that its owner goes on writing.
        audio = torch.from_numpy(np.array(hop, np.float32))[None]
        spectrum, analysis = self.analysis.step(audio, state.analysis)
        masks, model = self.model.step(spectrum, state.model)
        spectra, wiener = spectrum[:, None] * masks, state.wiener
        if self.wiener is not None and wiener is not None:
            spectra, wiener = self.wiener.step(spectra, wiener)
        stems, synthesis = self.synthesis.step(spectra[:, :-1], state.synthesis)
        return stems[0].numpy(), TorchState(analysis, model, wiener, synthesis, masks[..., -1:])

    def masks(self, state: TorchState) -> np.ndarray:
        """See `HopEngine.masks`."""
        return state.masks[0, ..., 0].numpy()

    def offline(self, mixture: np.ndarray) -> np.ndarray:
        """See `HopEngine.offline`: one step over the whole signal with a fresh state."""
        return self.step(mixture, self.init_state())[0]
