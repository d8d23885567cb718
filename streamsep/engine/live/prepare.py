"""From a preset to a slot: the model, whether it runs in the callback or beside it, and its worker.

A model whose hops (99.9 % of them) take less than half of one buffer runs in the callback, and costs no more
delay than the algorithm's own. Any other runs in a worker thread, a hop and a little more later, and so does
every engine that is not machine code alone. What counts is the processor's time, not the clock's: the audio
thread is not interrupted as this one is.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from streamsep.engine import HopEngine, create_engine
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.engine import CompiledEngine
from streamsep.engine.live.engine import LiveFormat
from streamsep.engine.live.foreign import make_foreign_program
from streamsep.engine.live.machine import call_at
from streamsep.engine.live.presence import FADE
from streamsep.engine.live.priority import WORKER_PRIORITY, raise_priority
from streamsep.engine.live.program import Program, make_program
from streamsep.engine.live.pump import work
from streamsep.engine.live.slot import NAP_US, HeldSlot, make_slot
from streamsep.errors import EngineError, ParameterError, ShapeError
from streamsep.presets import Preset
from streamsep.resample import nearest_rate
from streamsep.spec import StreamSpec

MODES = ("auto", "inline", "worker")
"""Where a model may run; "auto" decides by the time it takes."""

N_MEASURED, LONGEST_MEASURED_S = 1000, 0.25
"""Hops that are timed, and seconds after which no more are: nobody shall wait for sound because of it."""

QUANTILE = 0.999
"""Share of them that has to be fast enough."""


@dataclass
class PreparedSlot:
    """A slot ready to be placed; `start` before, `stop` after its use.

    Attributes:
        preset: What it runs.
        engine: Name of the engine that runs it.
        wanted_engine: Of the one that was asked for; another where that cannot run here.
        held: Its memory.
        is_inline: Whether the callback runs the model.
        hop_ms: What `QUANTILE` of the timed hops stay below; None where the mode was given.
        has_priority: Whether its worker goes before ordinary threads; False without a worker.
    """

    preset: Preset
    engine: str
    wanted_engine: str
    held: HeldSlot
    is_inline: bool
    hop_ms: float | None
    _running: np.ndarray
    _thread: threading.Thread | None = None
    has_priority: bool = False

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the stems, the residual last."""
        return self.held.program.spec.targets

    def start(self) -> None:
        """Start the worker thread, where there is one."""
        if self.is_inline:
            return
        self._running[0] = 1
        self._thread = threading.Thread(
            target=work, args=(self.held.block.address, self._running), daemon=True
        )
        self._thread.start()
        self.has_priority = raise_priority([self._thread.native_id or 0], WORKER_PRIORITY)

    def stop(self) -> None:
        """Stop it."""
        self._running[0] = 0
        if self._thread is not None:
            self._thread.join()


def prepare_slot(
    preset: Preset,
    audio: LiveFormat,
    block_size: int,
    precision: str = "float32",
    mode: str = "auto",
    engine: str = "compiled",
) -> PreparedSlot:
    """Load a preset's model and make a slot for it.

    Args:
        preset: With its profile and stem set selected.
        audio: What the callback is like.
        block_size: Samples per callback.
        precision: "float32" or "int8".
        mode: One of `MODES`.
        engine: "compiled", "torch" or "graph".

    Raises:
        ParameterError: The mode is unknown.
        EngineError: The engine is unknown, cannot run the model, or should run in the callback and cannot.
        MissingExtraError: The package behind the engine is not installed.
        ShapeError: The model sees fewer channels.

    Thread: any but the audio's. Allocates: yes.
    """
    if mode not in MODES:
        raise ParameterError(f"mode '{mode}' is unknown; choose one of: {', '.join(MODES)}")
    model = preset.load()
    seen = audio.channels if model.channels is None else model.channels
    if seen < audio.channels:
        raise ShapeError(f"this model sees {seen} channel, not {audio.channels}; play mono into it")
    rate = nearest_rate(audio.sample_rate, model.sample_rates)
    spec = StreamSpec(model.profile, rate, seen, model.targets, preset.has_wiener)
    runs = create_engine(engine, model, spec, precision)
    is_native = isinstance(runs, CompiledEngine)
    if mode == "inline" and not is_native:
        raise EngineError(
            f"engine '{engine}' cannot run in the audio callback, Python would delay it; choose mode "
            "'worker' or engine 'compiled'"
        )
    hop_ms = None
    if mode == "auto":
        hop_ms = _measure_hop_ms(_program(runs))
        is_inline = is_native and hop_ms < 0.5e3 * block_size / audio.sample_rate
    else:
        is_inline = mode == "inline"
    hop_at_host = -(-spec.profile.hop * audio.sample_rate // rate)
    nap = round(2e-6 * NAP_US * audio.sample_rate)
    reserve = None if is_inline else hop_at_host + FADE + nap
    held = make_slot(_program(runs), audio.sample_rate, audio.channels, block_size, reserve)
    return PreparedSlot(preset, runs.name, engine, held, is_inline, hop_ms, np.zeros(1, np.int64))


def _program(engine: HopEngine) -> Program:
    """With a fresh state."""
    if isinstance(engine, CompiledEngine):
        return make_program(engine)
    return make_foreign_program(engine)


def _measure_hop_ms(program: Program) -> float:
    """What `QUANTILE` of the hops of noise stay below, in ms; the program is used up."""
    program.hop[...] = 0.1 * np.random.default_rng(0).standard_normal(program.hop.shape)
    _run(program.function, program.context)  # the first one reads everything for the first time
    taken: list[float] = []
    while len(taken) < N_MEASURED and sum(taken) < LONGEST_MEASURED_S:
        before = time.thread_time()
        _run(program.function, program.context)
        taken.append(time.thread_time() - before)
    return 1e3 * float(np.quantile(taken, QUANTILE))


@kernel
def _run(function: int, context: int) -> None:
    call_at(function, context)
