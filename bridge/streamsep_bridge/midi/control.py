"""`MidiControl`: a controller's knobs and buttons move a live session.

    from streamsep_bridge import LiveSession, MidiControl
    from streamsep_bridge.midi.mapping import Target

    with LiveSession() as live, MidiControl(live, port="nano") as midi:
        midi.learn(Target("gain", "vocals"))  # the next knob that is turned
        live.wait()

What was learned is kept for every port. A controller that is unplugged is looked for until it is back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamsep_bridge.midi.drive import Driver
from streamsep_bridge.midi.learn import Learner
from streamsep_bridge.midi.mapping import Mapping, Target, load_mapping
from streamsep_bridge.midi.ports import MidiError, MidiPort, find_port
from streamsep_bridge.midi.reader_process import ReaderProcess
from streamsep_bridge.midi.touches import Touch, decode

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession

RESTART_S = 0.5
"""Pause before a reader that has ended is started again."""

_SOUND_API = "Jack"
"""MIDI that comes through the same server as the sound: it goes away with it, without a word."""


class MidiControl:
    """A controller at work; see the module's docstring. Use it with `with`.

    Args:
        session: Whose faders, switches and master are moved; in any state.
        port: A part of the input's name; None is the first hardware input.

    Raises:
        MissingExtraError: (on entry) A package is not installed.
        MidiError: (on entry) There is no such input, or what was learned for it cannot be read.

    Attributes:
        port: The input; None before the entry.
        is_connected: Whether it is there.
        mapping: What is learned; change it by `learn` and `unlearn`.

    Latency: about 3 ms from the driver to the fader, whose ramp takes 20. Thread: any.
    """

    def __init__(self, session: LiveSession, port: str | None = None) -> None:
        self._session, self._wanted = session, port
        self.port: MidiPort | None = None
        self.is_connected = False
        self.mapping = Mapping("")
        self._driver = Driver(session, self.mapping)
        self._learner: Learner | None = None
        self._lock = threading.Lock()
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        self._ended = threading.Event()
        self._reader: ReaderProcess | None = None
        self._is_renewed = False

    def __enter__(self) -> MidiControl:
        self.port = find_port(self._wanted)
        self.mapping = load_mapping(self.port.name)
        self._driver = Driver(self._session, self.mapping)
        self._ended.clear()
        self._stop_listening = self._session.listen(self._hear_session)
        self._thread = threading.Thread(target=self._run, args=(self.port,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._stop_listening()
        with self._lock:
            self._ended.set()
            if self._reader is not None:
                self._reader.end()
        self._thread.join()

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Call a function with every event of the controller, from threads of its own.

        Events are dictionaries: "event" is "midi", "what" is connected, away, learning, learned,
        forgotten or failed, "text" says it in a line.
        """
        self._listeners.append(listener)

    @property
    def learning(self) -> Target | None:
        """What the next control that is touched will move; None when nothing is learned."""
        learner = self._learner
        return None if learner is None else learner.target

    def learn(self, target: Target | None) -> None:
        """The next control that is touched moves this from now on; the last touched before `learn(None)`.

        Args:
            target: None ends learning.
        """
        with self._lock:
            self._learner = None if target is None else Learner(target)
        if target is not None:
            hand = "press a button or key" if target.is_switch else "move a knob or fader"
            self._tell("learning", f"{hand} for {target}")

    def learn_next(self, stem: str) -> None:
        """One key for all: learn the stem's fader, then its mute, then nothing."""
        now = self.learning
        if now == Target("gain", stem):
            self.learn(Target("mute", stem))
        elif now == Target("mute", stem):
            self.learn(None)
            self._tell("learning", "learning is over")
        else:
            self.learn(Target("gain", stem))

    def unlearn(self, target: Target) -> bool:
        """Nothing moves this any more; whether something did."""
        with self._lock:
            control = self.mapping.forget(target)
        if control is None:
            return False
        self._save("forgotten", f"{control} no longer moves {target}")
        return True

    def hear(self, touch: Touch) -> None:
        """Learn from a touch, or do what it means."""
        with self._lock:
            learner = self._learner
            control = None if learner is None else learner.hear(touch)
            is_new = (
                learner is not None
                and control is not None
                and self.mapping.targets.get(control) != learner.target
            )
            if learner is not None and control is not None and is_new:
                self.mapping.learn(control, learner.target)
        if learner is not None and is_new:
            self._save("learned", f"{control} moves {learner.target}")
            if learner.target.is_switch:
                return  # the press that teaches does not act
        self._driver.hear(touch)

    def _save(self, what: str, text: str) -> None:
        try:
            with self._lock:
                self.mapping.save()
        except MidiError as error:
            text = f"{text}; {error}"
        self._tell(what, text)

    def _run(self, port: MidiPort) -> None:
        while True:
            with self._lock:
                if self._ended.is_set():
                    return
                self._reader = ReaderProcess(port)
            for message in self._reader:
                if not message:
                    self.is_connected = True
                    if not self._is_renewed:
                        self._tell("connected", f"MIDI from {port.name}")
                    self._is_renewed = False
                    continue
                touch = decode(message)
                if touch is not None:
                    self.hear(touch)
            self._reader.close()
            if self.is_connected and not self._is_renewed and not self._ended.is_set():
                self._tell("away", f"{port.name} is away; it is looked for")
            self.is_connected = False
            self._ended.wait(RESTART_S)

    def _hear_session(self, event: dict[str, Any]) -> None:
        """A server that died takes its MIDI along, and its clients are not told: connect anew."""
        is_suspect = event["event"] in ("lost", "waiting")
        if is_suspect and self.port is not None and self.port.api == _SOUND_API:
            with self._lock:
                self._is_renewed |= self.is_connected  # the session says what is wrong
                if self._reader is not None:
                    self._reader.end()

    def _tell(self, what: str, text: str) -> None:
        for listener in tuple(self._listeners):
            listener({"event": "midi", "what": what, "text": text})
