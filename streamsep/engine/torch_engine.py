"""The reference engine: plain PyTorch, the truth that every other engine is tested against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.models import build_mask_model
from streamsep.spec import StreamSpec
from streamsep.stft import Analysis, AnalysisState, Synthesis, SynthesisState


@dataclass(frozen=True)
class TorchState:
    """States of the three stages and the masks of the latest frame."""

    analysis: AnalysisState
    model: Any
    synthesis: SynthesisState
    masks: torch.Tensor


class TorchEngine:
    """Analysis, mask model and overlap-add as three PyTorch stages.

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
        self.synthesis = Synthesis(spec.profile)

    def init_state(self) -> TorchState:
        """Fresh state: silence before the first sample."""
        n_bins = self.spec.profile.n_bins
        masks = torch.zeros(1, len(self.spec.targets), self.spec.channels, n_bins, 1)
        return TorchState(
            self.analysis.init_state(1),
            self.model.init_state(1),
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
        stems, synthesis = self.synthesis.step(spectrum[:, None] * masks[:, :-1], state.synthesis)
        return stems[0].numpy(), TorchState(analysis, model, synthesis, masks[..., -1:])

    def masks(self, state: TorchState) -> np.ndarray:
        """See `HopEngine.masks`."""
        return state.masks[0, ..., 0].numpy()

    def offline(self, mixture: np.ndarray) -> np.ndarray:
        """See `HopEngine.offline`: one step over the whole signal with a fresh state."""
        return self.step(mixture, self.init_state())[0]
