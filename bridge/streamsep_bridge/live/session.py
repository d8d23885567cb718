"""`LiveSession`: sound in, stems out; faders from Python, in one thread-safe control path.

    from streamsep_bridge import LiveSession

    with LiveSession(preset="4stems-stage") as live:
        live.stems["vocals"].gain_db = -6
        live.wait()

The audio runs in a process of its own (`streamsep_bridge.live.host`). A watchdog looks after it: where the
device or the server goes away, the process is ended, and another waits for it to return, settings kept.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError
from streamsep_bridge.live.changeover import Changeover
from streamsep_bridge.live.faders import Faders
from streamsep_bridge.live.host_process import HostProcess
from streamsep_bridge.live.keeper import Heard, Keeper
from streamsep_bridge.live.listeners import Listener, Listeners
from streamsep_bridge.live.mix import Mix
from streamsep_bridge.live.racks import Racks
from streamsep_bridge.live.settings import AudioChoice, ModelChoice
from streamsep_bridge.live.source import open_source
from streamsep_bridge.live.status import Status, look, read_levels
from streamsep_bridge.live.takes import Takes

START_S = 120.0
"""A first start may translate machine code; later ones take a second or two."""


class LiveSession:
    """A live session; see the module's docstring.

    Args:
        preset: Name or path; None takes the best that has the profile and stem set.
        profile: "studio", "stage", "tight" or "instant"; None is the preset's default.
        stem_set: "2stems", "4stems", "5stems"; None is the preset's default.
        precision: "float32" or "int8".
        mode: Where the model runs: "auto", "inline" (in the callback) or "worker".
        engine: "compiled", or "torch" or "graph" (in a worker; "graph" needs CUDA).
        input: Device: name, part of it, or number; None is the default.
        output: The same.
        sample_rate: In Hz; None is the output's own.
        block_size: Samples per callback; 0 is the device's own, which adds no delay.
        channels: Of the input and of every stem, 1 or 2.
        stem_outputs: Every stem on channels of its own, at unity, instead of the mix.
        limiter: Whether a soft limiter guards the mix.
        record_s: Seconds that the ring for a recorder holds; 0 has none.
        source: File that is played instead of an input; None is the input.
        loop: Whether the file begins anew at its end.
        split: Input and output as streams of their own, for devices with a clock each. Where the devices
            show it, by their API or rate, it is done without.
        fx: Plug-ins by the stem's name, or "mix": a chain's file or name, a list as in such a file, or a
            `pedalboard.Pedalboard`.
        allow_latency: Whether they may delay the sound by more than 50 ms.

    Attributes:
        fx: Racks by name, see `streamsep_bridge.live.racks.LiveRack`: set, bypass, load.
        source: `streamsep_bridge.live.source.Source`: seek, pause, loop; None without a file.
        stems: Faders by name: gain, gain_db, mute, solo, pan, width. They outlive changes of the model.
        mix: What all stems pass: gain, dry_wet, bypass.
    """

    def __init__(
        self,
        preset: str | None = None,
        *,
        profile: str | None = None,
        stem_set: str | None = None,
        precision: str = "float32",
        mode: str = "auto",
        engine: str = "compiled",
        input: str | None = None,
        output: str | None = None,
        sample_rate: int | None = None,
        block_size: int = 0,
        channels: int = 2,
        stem_outputs: bool = False,
        limiter: bool = True,
        record_s: float = 0.0,
        source: str | Path | None = None,
        loop: bool = False,
        split: bool = False,
        fx: Mapping[str, Any] | None = None,
        allow_latency: bool = False,
    ) -> None:
        model = ModelChoice(preset, profile, stem_set, precision, mode, engine)
        self._audio = AudioChoice(
            input, output, sample_rate, block_size, channels, stem_outputs, limiter, split
        )
        self._record_frames = round(record_s * 48000)
        self._lock = threading.RLock()
        self._listeners = Listeners()
        self._takes = Takes(lambda trouble: self._listeners.emit("recording", **vars(trouble)))
        self._keeper = Keeper(
            self._lock, self._make_host, self._begin, self._takes.pause, self._listeners.emit
        )
        self.source = open_source(source, loop, self._audio, self._lock, self._keeper.order)
        stems = model.find().stems
        self.fx = Racks(fx, allow_latency, stems, stem_outputs, self._keeper, self._lock)
        self._listeners.add(self.fx.hear)
        self.stems = Faders(stems, channels, self._lock)
        self._changeover = Changeover(
            model, self._lock, self._keeper, self.stems, self._takes, self._listeners.emit
        )
        self.mix = Mix(self._lock, self._keeper)

    def __enter__(self) -> LiveSession:
        self.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop()

    def start(self, timeout_s: float | None = START_S) -> None:
        """Play; returns when sound runs.

        Args:
            timeout_s: Give up after so long; None waits for a device for ever.

        Raises:
            DeviceError: No device plays within the time.
            StreamsepError: The model or the settings do not fit.
        """
        self._keeper.start(timeout_s)

    def stop(self) -> None:
        """End the take and the audio process; may be called in any state, from any thread."""
        self.stop_recording()
        if self._keeper.stop():
            self._listeners.emit("stopped")

    def wait(self, seconds: float | None = None) -> None:
        """Play on, for a time or until `stop`."""
        self._keeper.wait(seconds)

    def status(self, is_peek: bool = False) -> Status:
        """One look: state, levels, latency, load, counts.

        Args:
            is_peek: Leave the limiter's mark for the next look.
        """
        with self._lock:
            keeper = self._keeper
            desk = keeper.desk if keeper.is_heard else None
            facts = keeper.facts if keeper.is_heard else {}
            source = self.source and self.source.describe()
            told = (keeper.totals, keeper.state, keeper.reason)
            return look(desk, *told, facts, source, self.fx.describe(), is_peek)

    def levels(self) -> dict[str, tuple[float, float]]:
        """Falling peak and mean power in dBFS of input, every stem, mix; empty before it plays."""
        with self._lock:
            keeper = self._keeper
            return read_levels(keeper.desk, keeper.facts["stems"]) if keeper.is_heard else {}

    def position(self) -> tuple[int, int] | None:
        """Samples played since the audio process started, and their rate in Hz; None before it plays."""
        with self._lock:
            keeper = self._keeper
            return (keeper.desk.time, keeper.facts["sample_rate"]) if keeper.is_heard else None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call a function with every event; returns a function that ends it.

        Events are dictionaries with the key "event": playing, waiting, changed, lost, recording, failed,
        source_ended, racks, rack, stopped. They come from threads of the session.
        """
        return self._listeners.add(listener)

    def events(self) -> AsyncIterator[dict[str, Any]]:
        """The same for asyncio: `async for event in live.events()`."""
        return self._listeners.events()

    def record(
        self, folder: str | Path, *, format: str = "wav", bits: int | None = None
    ) -> tuple[Path, ...]:
        """Write input, every stem and the mix to files of a new take, until `stop_recording`.

        Args:
            folder: For the files; made if need be.
            format: "wav" (RF64 beyond 4 GB) or "flac".
            bits: 32 (float), 24 or 16; None is 32 for WAV and 24 for FLAC.

        Returns:
            The files.

        Raises:
            ParameterError: The session was made with record_s=0, does not play, or records already.
            AudioFileError: A file cannot be made.
        """
        with self._lock:
            if not self._keeper.is_heard or not self._record_frames:
                raise ParameterError(
                    "this session cannot record now; make it with record_s=10 and start it first"
                )
            rate, channels = self._keeper.facts["sample_rate"], self._audio.channels
            return self._takes.start(
                folder, self._keeper.desk, self.stems.names, rate, channels, format, bits
            )

    def stop_recording(self) -> bool:
        """Finish the take; whether all files are complete. Without one nothing happens."""
        return self._takes.stop()

    @property
    def is_recording(self) -> bool:
        """Whether a take runs."""
        return self._takes.is_running

    @property
    def bypass(self) -> bool:
        """Whether the dry mixture is heard, aligned to the sample."""
        return self.mix.bypass

    @bypass.setter
    def bypass(self, is_on: bool) -> None:
        self.mix.bypass = is_on

    @property
    def master(self) -> float:
        """Gain of all that is heard, 0 to 4."""
        return self.mix.gain

    @master.setter
    def master(self, gain: float) -> None:
        self.mix.gain = gain

    @property
    def model(self) -> ModelChoice:
        """What separates, or will with the next start."""
        return self._changeover.model

    def panic(self) -> None:
        """The song as it came: bypass, and every fader and switch back where it does nothing."""
        self.mix.move(bypass=True, dry_wet=1.0, gain=1.0)
        for name in self.stems:
            self.stems.move(name, gain=1.0, mute=False, solo=False, pan=0.0, width=1.0)

    def change(self, **choice: Any) -> None:
        """Go over to another model while the music plays: it is prepared beside, then faded in.

        Args:
            choice: preset, profile, stem_set, precision, mode, engine; what is not named stays.

        Raises:
            PresetError: There is none like that.
            StreamsepError: It does not fit.
        """
        self._changeover.change(choice)

    def _make_host(self, heard: Heard) -> HostProcess:
        return HostProcess(
            self.model,
            self._audio,
            self.stems.matrices(),
            self.mix.gain,
            self.mix.dryness,
            self._record_frames,
            heard,
            self.source and self.source.choice(),
            self.fx.choice(),
        )

    def _begin(self, facts: dict[str, Any]) -> None:
        """An audio process plays, for the first time or again."""
        if self.source:
            self.source.begin(self._keeper.desk)
        self._changeover.begin(facts)
        self.mix.begin(self._keeper.desk)
        self._takes.go_on(self._keeper.desk)
