"""`Recorder`: input, stems and mix of a live session into files, without ever delaying the audio.

    from datetime import datetime
    from streamsep_bridge.record.recorder import Recorder
    from streamsep_bridge.record.take import take_name

    recorder = Recorder("takes", ("vocals", "accompaniment"), 48000, 2, on_trouble=print)
    recorder.attach(desk)
    recorder.start(take_name(datetime.now()))  # takes/2026-11-20_21-15-03-vocals.wav, ...
    ...
    recorder.stop()

The audio callback puts frames into the ring of its desk and never waits. A thread of this object carries
them into the files. Where the disk is slower than the ring is long, frames are missing: they are counted,
reported, and silent in the files, so that everything stays in time. Where the disk is full, the take ends,
its files stay, and the audio plays on. After a kill the files lack at most the last second.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.memory import MAX_TARGETS
from streamsep.engine.live.slot import CHUNK
from streamsep.errors import AudioFileError, ParameterError
from streamsep_bridge.record.scribe import Scribe
from streamsep_bridge.record.status import RecorderStatus, Trouble
from streamsep_bridge.record.take import INPUT, MIX, FileForm, Take

LOOK_S = 0.05
"""How often the ring is emptied."""

SYNC_S = 0.4
"""How often the files' heads are brought up to date: what a kill may cost, with what the ring holds."""

TELL_S = 1.0
"""Lost frames are reported at most so often."""

STOP_S = 0.8
"""How long `Recorder.stop` waits for a disk."""


class Recorder:
    """See the module's docstring.

    Args:
        folder: For all takes; made with the first.
        stems: Names, in the order of the model that plays.
        sample_rate: Of the audio and the files, in Hz. A session whose rate changes begins another take
            with another recorder.
        channels: Of the input, every stem and the mix.
        format: "wav" (RF64 beyond 4 GB) or "flac".
        bits: 32 (float), 24 or 16 for WAV, 24 or 16 for FLAC; None is the first of these.
        on_trouble: Called with every `Trouble`, in the recorder's thread.

    Raises:
        ParameterError: There is no such format, or two files would have one name.

    Thread: any, one at a time; no method but `stop` and `start` waits for the disk. Allocates: yes.
    """

    def __init__(
        self,
        folder: str | Path,
        stems: tuple[str, ...],
        sample_rate: int,
        channels: int,
        format: str = "wav",
        bits: int | None = None,
        on_trouble: Callable[[Trouble], None] | None = None,
    ) -> None:
        self._folder, self._on_trouble = Path(folder), on_trouble
        self._form = FileForm.choose(sample_rate, channels, format, bits)
        self._stem_sets: dict[int, tuple[str, ...]] = {}
        self._stems: tuple[str, ...] = ()
        self._desk: Desk | None = None
        self._is_paused, self._reason = False, ""
        self._thread: threading.Thread | None = None
        self._ended, self._wake = threading.Event(), threading.Event()
        self._take: Take | None = None
        self._scribe: Scribe | None = None
        self.use_stems(stems)

    def attach(self, desk: Desk) -> None:
        """Record from this desk, now and in later takes; the one before is left with what it has.

        During a take, the time between the two becomes silence, by the clock.

        Raises:
            ParameterError: The desk has no ring, or other channels.
        """
        n_values = (MAX_TARGETS + 2) * self._form.channels
        if len(desk.record) <= CHUNK or desk.record.shape[1] != n_values:
            raise ParameterError(
                f"a desk with a ring of {desk.record.shape} values cannot be recorded; it takes some "
                f"seconds of {n_values} values each"
            )
        self._desk = desk
        self._wake.set()

    def detach(self) -> None:
        """The audio is away; the take goes on in silence until `attach`."""
        self._desk = None
        self._wake.set()

    def use_stems(self, stems: tuple[str, ...]) -> None:
        """Another model comes; call it before `Desk.change_slot`.

        A set of another size holds from its first frame on, one of the same size at once. Stems that are
        new get a file that is silent up to then; those that are gone go on in silence.

        Raises:
            ParameterError: Two files would have one name.
        """
        names = (INPUT, *stems, MIX)
        if len(set(names)) < len(names):
            raise ParameterError(
                f"stems {', '.join(stems)} cannot be files beside {INPUT} and {MIX}"
            )
        self._stems = tuple(stems)
        self._stem_sets = {**self._stem_sets, len(stems): self._stems}

    def start(self, take: str) -> None:
        """Begin a take; its time starts with the first frame.

        Args:
            take: What the files' names begin with; see `streamsep_bridge.record.take.take_name`.

        Raises:
            AudioFileError: A file cannot be made, or is there already.
            ParameterError: Another take runs, or the name is none for a file.
        """
        if self._thread is not None and self._thread.is_alive():
            raise ParameterError(f"take {take} cannot begin while another runs; stop it first")
        self._take = Take(self._folder, take, self._stems, self._form)
        self._scribe = Scribe(self._take, self._form.sample_rate)
        self._is_paused, self._reason = False, ""
        self._ended.clear()
        self._thread = threading.Thread(
            target=self._run, args=(self._take, self._scribe), daemon=True, name="streamsep-record"
        )
        self._thread.start()

    def pause(self) -> None:
        """Let the files' time stand still."""
        self._is_paused = True
        self._wake.set()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._is_paused = False
        self._wake.set()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """End the take.

        Args:
            timeout_s: How long to wait for the disk.

        Returns:
            Whether all files are complete; a disk that hangs may leave them with what their heads say.
        """
        self._ended.set()
        self._wake.set()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and not self._reason

    def status(self) -> RecorderStatus:
        """One look."""
        if self._take is None or self._scribe is None or self._thread is None:
            return RecorderStatus("stopped")
        state = "paused" if self._is_paused else "recording"
        if not self._thread.is_alive():
            state = "failed" if self._reason else "stopped"
        return RecorderStatus(
            state,
            self._reason,
            dict(self._take.paths),
            self._take.n_frames,
            self._scribe.n_lost,
            self._scribe.n_silent,
            self._take.n_clipped,
        )

    def _run(self, take: Take, scribe: Scribe) -> None:
        """The thread of one take."""
        try:
            self._write(take, scribe)
        except AudioFileError as error:
            self._reason = str(error)
        finally:
            scribe.give_up()
            try:
                take.close()
            except AudioFileError as error:
                self._reason = self._reason or str(error)
            if self._reason:
                self._tell(Trouble("failed", self._reason, 0))

    def _write(self, take: Take, scribe: Scribe) -> None:
        """Carry frames until the end, or until a file cannot be written."""
        synced = told = time.monotonic()
        n_told = 0
        while not self._ended.is_set():
            now = time.monotonic()
            if self._is_paused:
                is_more = False
                scribe.rest(self._stem_sets, now)
            else:
                is_more = scribe.step(self._desk, self._stem_sets, now)
            if now - synced >= SYNC_S:
                take.sync()
                synced = now
            if scribe.n_lost > n_told and now - told >= TELL_S:
                self._tell_lost(scribe.n_lost - n_told)
                told, n_told = now, scribe.n_lost
            if not is_more:
                self._wake.wait(LOOK_S)
                self._wake.clear()
        scribe.rest(self._stem_sets, time.monotonic())
        if scribe.n_lost > n_told:
            self._tell_lost(scribe.n_lost - n_told)

    def _tell_lost(self, n: int) -> None:
        seconds = n / self._form.sample_rate
        text = (
            f"the disk is too slow: {seconds:.2f} s are silent in the recording; take a faster one"
        )
        self._tell(Trouble("lost", text, n))

    def _tell(self, trouble: Trouble) -> None:
        if self._on_trouble is not None:
            with contextlib.suppress(Exception):  # a listener's fault must not end the take
                self._on_trouble(trouble)
