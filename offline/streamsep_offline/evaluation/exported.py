"""An exported ONNX file, run hop by hop in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.evaluation.score import SongAudio


@dataclass(frozen=True)
class OnnxMethod:
    """A file that `streamsep export --onnx` wrote.

    Attributes:
        path: The file.
    """

    path: str

    @property
    def title(self) -> str:
        """One line for people."""
        return f"{Path(self.path).name}, ONNX Runtime, live"

    @property
    def settings(self) -> Mapping[str, Any]:
        """The file."""
        return {"path": "onnx", "model": self.path}

    def open(self) -> Estimate:
        """Opens a session."""
        from streamsep_offline.export.onnx_runner import OnnxSeparator

        separator = OnnxSeparator(self.path)

        def estimate(song: SongAudio) -> tuple[tuple[str, ...], np.ndarray]:
            return tuple(separator.stems), separator.separate(song.mixture, song.sample_rate)

        return estimate
