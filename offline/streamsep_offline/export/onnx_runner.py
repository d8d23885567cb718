"""Exported steps run by ONNX Runtime: a separator like any other, to check and to score them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from streamsep.arrays import as_audio
from streamsep.errors import CheckpointError, MissingExtraError, ShapeError
from streamsep.spec import Profile, StreamSpec
from streamsep.whole import separate_blocks
from streamsep_offline.export.onnx_step import FORMAT_VERSION, zero_states

State = dict[str, np.ndarray]
"""Memory of a stream by name."""


class OnnxEngine:
    """An exported step as an engine; see `streamsep.engine.HopEngine`. It shows no masks.

    Args:
        path: File that `export_onnx` wrote.

    Latency: `spec.latency_samples`. Thread: any, one per state. Allocates: yes. In place: no.

    Raises:
        CheckpointError: The file is missing, damaged, foreign, or of another version.
        MissingExtraError: onnxruntime is not installed.
    """

    name = "onnx"
    precision = "float32"

    def __init__(self, path: str | Path) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("running ONNX files", "onnxruntime", "bench") from error
        path = Path(path)
        if not path.is_file():
            raise CheckpointError(f"no ONNX file at {path}; name one that was exported")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions have no common base
            reason = str(error).splitlines()[0]
            raise CheckpointError(
                f"{path} is no ONNX file that runs ({reason}); export it again"
            ) from error
        self.description = _read_description(path, self._session)
        profile = Profile(**self.description["profile"])
        targets = tuple(self.description["targets"])
        self.spec = StreamSpec(
            profile, self.description["sample_rate"], self.description["channels"], targets
        )
        self._names = list(self.description["states"])
        self._wanted = ["stems", *(f"next.{name}" for name in self._names)]

    def init_state(self) -> State:
        """Fresh state, as at the start of a stream."""
        return zero_states(self.description)

    def stems(self, hop: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """One hop of mixture to one hop of every stem, the residual too.

        Args:
            hop: float32 [channels, hop]
            state: From `init_state` or the previous step.

        Returns:
            float32 [targets, channels, hop]; new state.
        """
        feed = {f"state.{name}": state[name] for name in self._names}
        stems, *after = self._session.run(self._wanted, {"audio": hop[None], **feed})
        return stems[0], dict(zip(self._names, after, strict=True))

    def step(self, hop: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """See `HopEngine.step`."""
        stems, state = self.stems(hop, state)
        return stems[:-1], state


class OnnxSeparator:
    """Whole recordings through an exported step.

    Args:
        path: File that `export_onnx` wrote.

    Raises:
        CheckpointError: The file is missing, damaged, foreign, or of another version.
        MissingExtraError: onnxruntime is not installed.
    """

    def __init__(self, path: str | Path) -> None:
        self.engine: Any = OnnxEngine(path)

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the stems; the last is the residual."""
        return self.engine.spec.targets

    @property
    def latency_samples(self) -> int:
        """Samples by which a host that feeds hops gets the stems later."""
        return self.engine.spec.latency_samples

    def separate(self, mixture: np.ndarray, rate: int) -> np.ndarray:
        """Separate a recording.

        Args:
            mixture: float32 [channels, n]; one channel feeds a step of two on both sides.
            rate: In Hz; another than the step's is resampled.

        Returns:
            Aligned with the mixture, float32 [targets, channels, n].

        Raises:
            ShapeError: There are more channels than the step takes.
        """
        mixture = as_audio(mixture)
        if mixture.shape[0] > self.engine.spec.channels:
            raise ShapeError(
                f"this ONNX file sees {self.engine.spec.channels} channel, not {mixture.shape[0]}; "
                "mix the audio down first"
            )
        parts = separate_blocks(self.engine, [mixture], rate, mixture.shape[0])
        return np.concatenate(list(parts), axis=-1)


def _read_description(path: Path, session: Any) -> dict[str, Any]:
    try:
        description = json.loads(session.get_modelmeta().custom_metadata_map["streamsep"])
        version = description["version"]
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} was not exported by streamsep (no description in its metadata); export it again"
        ) from error
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has version {version}, this program reads {FORMAT_VERSION}; export it again"
        )
    return description
