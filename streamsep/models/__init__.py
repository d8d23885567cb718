"""Mask models in plain PyTorch: the reference that every engine must equal, and what training optimises.

Each is an `nn.Module` under the streaming contract: `init_state(batch) -> state`,
`step(spectrum, state) -> (masks, state)`, `offline(spectrum) -> masks`, `latency_samples` (0: a frame's
mask needs that frame and the past). Spectra are complex [batch, channels, bins, frames]; masks are real
[batch, targets, channels, bins, frames] and sum to 1 over targets. `cue_bilstm` hears the future: it has
`offline` only, and no engine runs it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.spec import StreamSpec

if TYPE_CHECKING:
    import torch

_MODULES = {
    "classic": "streamsep.models.classic",
    "open_unmix": "streamsep.models.open_unmix_masks",
    "cue_lstm": "streamsep.models.cue_lstm_weights",
}
"""Kind of model -> module with `from_model(model, spec)`."""


def build_mask_model(model: Model, spec: StreamSpec) -> torch.nn.Module:
    """The PyTorch module of a model, in evaluation mode.

    Raises:
        EngineError: There is none for this kind.
        CheckpointError: Weights are missing or have the wrong shape.
    """
    if model.kind not in _MODULES:
        raise EngineError(f"engine 'torch' cannot run models of kind '{model.kind}'")
    module: Any = importlib.import_module(_MODULES[model.kind])
    return module.from_model(model, spec).eval()
