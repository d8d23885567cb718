"""`LiveEngine`: builds the memory of a live path and puts models into it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from streamsep.engine.live.desk import Desk, matrix_entries
from streamsep.engine.live.faders import Faders
from streamsep.engine.live.inserts import N_GROUPS, N_LANES, SENT_FROM, Inserts
from streamsep.engine.live.intake import HeldIntake
from streamsep.engine.live.limiter import RELEASE_S
from streamsep.engine.live.machine import Block
from streamsep.engine.live.memory import ACTIVE, MASTER, MAX_TARGETS, NEXT, PENDING, LivePath
from streamsep.engine.live.path import LONGEST_BLOCK_AT_ONCE, play
from streamsep.engine.live.pump import pump_address
from streamsep.engine.live.slot import CHUNK, RING, HeldSlot
from streamsep.errors import EngineError

PEAK_FALL_DB_PER_S = 20.0
"""How fast the peak meters fall."""

POWER_S = 0.3
"""Time over which the power meters average."""


@dataclass(frozen=True)
class LiveFormat:
    """What an audio callback is like.

    Attributes:
        sample_rate: In Hz.
        channels: Of the input and of every stem, 1 or 2.
        n_outputs: Channels of the output; those without a use are silent.
        has_stem_outputs: Every stem on outputs of its own, instead of the mix.
        is_limited: Whether a soft limiter guards the mix.
    """

    sample_rate: int
    channels: int = 2
    n_outputs: int = 2
    has_stem_outputs: bool = False
    is_limited: bool = True


class LiveEngine:
    """The live path around one model, and another that comes.

    Args:
        first: Slot that is heard from the start.
        matrices: Where its faders are, see `StemControl.matrix`. [targets, channels, channels]
        audio: What the callback is like.
        desk: Counters, events, meters, recorder's ring; shared with whoever controls.
        intake: What is played where the stream has no input; None is silence.
        delays: Samples by which racks of stems, and that of the sum, are late; 0 has none.

    Attributes:
        address: Of the path, for the callback.

    Latency: the active slot's. Thread: `play_block` one, the rest another. Allocates: not in
    `play_block`. In place: own state.
    """

    def __init__(
        self,
        first: HeldSlot,
        matrices: np.ndarray,
        audio: LiveFormat,
        desk: Desk,
        intake: HeldIntake | None = None,
        delays: tuple[int, int] = (0, 0),
    ) -> None:
        self.audio, self.desk, self._intake, self._delays = audio, desk, intake, delays
        self._slots: list[HeldSlot | None] = [first, None]
        self._addresses = np.array([first.block.address, 0], np.int64)
        rate, channels, zeros = audio.sample_rate, audio.channels, np.zeros
        ramps = zeros((3, 4))
        ramps[MASTER, :2] = 1.0
        fall_db = np.arange(1, CHUNK + 1) * (PEAK_FALL_DB_PER_S / rate)
        desk.counts[NEXT] = desk.counts[PENDING] = -1
        self._path = LivePath(
            n_inputs=channels,
            n_outputs=audio.n_outputs,
            ns_per_sample=np.float32(1e9 / rate),
            has_stem_outputs=int(audio.has_stem_outputs),
            is_limited=int(audio.is_limited),
            release=np.float32(math.exp(-1.0 / (RELEASE_S * rate))),
            power_weight=np.float32(1.0 - math.exp(-1.0 / (POWER_S * rate))),
            pump=pump_address(),
            intake=0 if intake is None else intake.block.address,
            slots=self._addresses,
            starts=zeros(2, np.int64),
            counts=desk.counts,
            event_times=desk.event_times,
            event_kinds=desk.event_kinds,
            event_indices=desk.event_indices,
            event_ramps=desk.event_ramps,
            event_values=desk.event_values,
            ramps=ramps,
            faders=Faders(
                *(zeros((2, MAX_TARGETS, 4)) for _ in range(3)), zeros((2, MAX_TARGETS), np.int64)
            ),
            n_targets=zeros(2, np.int64),
            stems=zeros((2, MAX_TARGETS, channels, CHUNK), np.float32),
            mixes=zeros((2, channels, CHUNK)),
            presence=np.ones(2),
            rests=zeros(2, np.int64),
            wetness=np.ones(CHUNK),
            clean=zeros((channels, CHUNK), np.float32),
            dry=zeros((channels, RING), np.float32),
            aligned=zeros((2, channels, CHUNK), np.float32),
            heard=zeros((channels, CHUNK)),
            out=zeros((channels, CHUNK), np.float32),
            bypass=zeros(CHUNK),
            shares=zeros(CHUNK),
            envelope=zeros(1),
            lowest_gain=desk.lowest_gain,
            fall=10.0 ** (-fall_db / 20.0),
            peaks=desk.peaks,
            powers=desk.powers,
            record=desk.record,
            loads=desk.loads,
            clock=zeros(2, np.int64),
            inserts=self._make_inserts(),
        )
        self._place(0, first, matrices)
        self._block = Block(self._path)
        self.address = self._block.address

    @property
    def active(self) -> HeldSlot:
        """The slot that is heard."""
        held = self._slots[int(self.desk.counts[ACTIVE])]
        assert held is not None
        return held

    @property
    def latency_samples(self) -> int:
        """Samples by which the output lags behind the input, by the slot that is heard and by racks."""
        return self.active.slot.latency + sum(self._delays)

    def play_block(self, inputs: np.ndarray, outputs: np.ndarray) -> None:
        """What the callback does, for hosts that bring their blocks themselves.

        Args:
            inputs: float32 [n, channels].
            outputs: Written. float32 [n, outputs].
        """
        play(inputs, outputs, self._path)

    def set_at_start(self, ramp: int, value: float) -> None:
        """Where bypass or master is at the first sample; only before the audio runs."""
        self._path.ramps[ramp, :2] = value

    def place(self, coming: HeldSlot, matrices: np.ndarray) -> int:
        """Put a slot beside the one that is heard, ready for `Desk.change_slot`.

        Args:
            coming: Fresh, of at most `MAX_TARGETS` stems.
            matrices: Where its faders are. [targets, channels, channels]

        Returns:
            Its index.

        Raises:
            EngineError: Another one is on its way.
        """
        if self.desk.is_changing:
            raise EngineError("a change of the model is under way; wait until it is heard")
        index = 1 - int(self.desk.counts[ACTIVE])
        self._place(index, coming, matrices)
        return index

    def _make_inserts(self) -> Inserts:
        """Raises EngineError where racks are later than their rings are long."""
        desk, longest = self.desk, self.desk.rack_sent.shape[-1] - LONGEST_BLOCK_AT_ONCE - CHUNK
        if any(self._delays) and max(self._delays) > longest:
            raise EngineError(
                f"racks are {max(self._delays)} samples late; their rings hold {max(longest, 0)}"
            )
        desk.rack_counts[SENT_FROM : SENT_FROM + N_GROUPS] = -1
        delays, presence = np.array(self._delays, np.int64), np.zeros(N_LANES)
        rests = np.zeros(N_LANES, np.int64)
        counts, lanes = desk.rack_counts, desk.rack_lanes
        sent, returned = desk.rack_sent, desk.rack_returned
        return Inserts(delays, counts, lanes, sent, returned, presence, rests, np.zeros(CHUNK))

    def _place(self, index: int, held: HeldSlot, matrices: np.ndarray) -> None:
        """Put a slot where the path will find it; the path must not be looking there."""
        self._slots[index] = held  # what lay here before is let go
        self._addresses[index] = held.block.address
        self._path.n_targets[index] = len(matrices)
        self._path.presence[index], self._path.rests[index] = 1.0, 0
        faders = self._path.faders
        faders.left[index] = 0
        for stem, matrix in enumerate(matrices):
            faders.now[index, stem] = faders.wanted[index, stem] = matrix_entries(matrix)
