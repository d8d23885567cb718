"""Named errors: each message gives the value, what was expected, and the remedy.

`StreamsepError` is the common base, so that a program can catch all of ours and nothing else. Each
class also keeps the built-in base that Python users expect (`ValueError`, `OSError`, ...). The
command line prints the message as one line and leaves with the class's `exit_code`.
"""

from __future__ import annotations


class StreamsepError(Exception):
    """Base of all errors of this package."""

    exit_code = 2


class ShapeError(StreamsepError, ValueError):
    """An array has the wrong number of axes or channels."""


class BlockSizeError(StreamsepError, ValueError):
    """A block breaks the promised block size."""


class SampleRateError(StreamsepError, ValueError):
    """A sample rate is outside the supported range."""


class ParameterError(StreamsepError, ValueError):
    """A parameter is outside its range, or its name is unknown."""


class PresetError(StreamsepError, ValueError):
    """A preset, profile, stem set or stem is unknown, or a preset file is damaged."""


class EngineError(StreamsepError, ValueError):
    """An engine is unknown, or cannot run this model here."""


class EngineWarning(UserWarning):
    """An engine cannot run here as asked for, so that another does, or it does otherwise."""


class BatchFullError(StreamsepError, RuntimeError):
    """All places of a batch of streams are taken."""


class StreamLeftError(StreamsepError, RuntimeError):
    """A stream of a batch is used after it has left."""


class CheckpointError(StreamsepError, ValueError):
    """A model folder is missing, damaged, foreign, or of another version."""


class AudioFileError(StreamsepError, OSError):
    """An audio file cannot be read or written."""


class MissingExtraError(StreamsepError, ImportError):
    """A feature needs an optional dependency that is not installed."""

    def __init__(self, feature: str, package: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the package '{package}', which is not installed; "
            f"install it with: pip install 'streamsep[{extra}]'"
        )
        self._missing = (feature, package, extra)

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str, str]]:
        """So that it comes back whole from other processes."""
        return type(self), self._missing
