"""The takes of a live session: one recorder at a time, through restarts of the audio process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from streamsep.engine.live.desk import Desk
from streamsep.errors import ParameterError
from streamsep_bridge.record.recorder import Recorder
from streamsep_bridge.record.status import Trouble
from streamsep_bridge.record.take import take_name


class Takes:
    """Starts and ends takes; see the module's docstring.

    Args:
        on_trouble: Called with every trouble of a recorder, in its thread.
    """

    def __init__(self, on_trouble: Callable[[Trouble], None]) -> None:
        self._on_trouble = on_trouble
        self._recorder: Recorder | None = None

    def start(
        self,
        folder: str | Path,
        desk: Desk,
        stems: tuple[str, ...],
        sample_rate: int,
        channels: int,
        format: str,
        bits: int | None,
    ) -> tuple[Path, ...]:
        """Begin a take; its files. See `LiveSession.record`.

        Raises:
            ParameterError: One runs already.
        """
        if self._recorder is not None:
            raise ParameterError("a take runs already; stop it first")
        recorder = Recorder(folder, stems, sample_rate, channels, format, bits, self._on_trouble)
        recorder.attach(desk)
        recorder.start(take_name(datetime.now()))
        self._recorder = recorder
        return tuple(recorder.status().paths)

    @property
    def is_running(self) -> bool:
        """Whether there is one."""
        return self._recorder is not None

    def stop(self) -> bool:
        """Finish the take; whether all its files are complete. Without one nothing happens."""
        recorder, self._recorder = self._recorder, None
        return True if recorder is None else recorder.stop()

    def use_stems(self, stems: tuple[str, ...]) -> None:
        """Another model comes."""
        if self._recorder is not None:
            self._recorder.use_stems(stems)

    def go_on(self, desk: Desk) -> None:
        """An audio process plays again."""
        if self._recorder is not None:
            self._recorder.attach(desk)

    def pause(self) -> None:
        """It is gone: the take goes on in silence until another plays."""
        if self._recorder is not None:
            self._recorder.detach()
