"""`live.fx`: racks of plug-ins on stems and on the sum ("mix") of a session; parameters, bypass, exchange.

live = LiveSession(fx={"vocals": "chain.json", "mix": [{"effect": "Limiter"}]})
live.fx["vocals"].set("reverb", "room_size", 0.5)
live.fx["vocals"].bypass = True
live.fx["vocals"].load("other.json")
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from streamsep.engine.live.slot import RING
from streamsep.errors import MissingExtraError, ParameterError, PresetError, StreamsepError
from streamsep.mixer import SUM
from streamsep_bridge.audio.portaudio import DeviceError
from streamsep_bridge.live.keeper import Keeper
from streamsep_bridge.rack.board import chain_of, find_parameter
from streamsep_bridge.rack.catalogue import EFFECTS
from streamsep_bridge.rack.chain import Chain, find_chain, read_chain
from streamsep_bridge.rack.order import RackOrder
from streamsep_bridge.rack.parameters import ChainError, Parameter, Value

_LONG_RING = 1 << 17
"""Samples of the rings where chains may be later than usual."""


class LiveRack:
    """The rack of one stem, or of the sum.

    Args:
        name: Of the stem, or "mix".
        chain: What is in it.
        racks: Whose it is.

    Attributes:
        state: "on", "bypassed" (by its user, or because it failed) or "left out" (it ended two processes).
        reason: Why, where it failed.
        is_bypassed: Whether its user wants it so.
        latency_samples: Of the chain; 0 before it plays.

    Thread: any. Allocates: yes. In place: own state.
    """

    def __init__(self, name: str, chain: Chain, racks: Racks) -> None:
        self.name, self._racks = name, racks
        self.state, self.reason, self.latency_samples = "on", "", 0
        self.is_bypassed = False
        self._take(chain)

    @property
    def chain(self) -> Chain:
        """What is in it, with the values of now."""
        return self._chain

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Parameter]]:
        """What can be set, by slot and name; those of plug-ins in files are known when it plays."""
        return self._parameters

    def get(self, slot: str, parameter: str) -> Value | None:
        """The value that a parameter was set to; None where it is the plug-in's own.

        Raises:
            ChainError: There is none like that.
        """
        find_parameter(self._parameters, slot, parameter, self.name)
        entry = next((entry for entry in self._chain.entries if entry.slot == slot), None)
        return None if entry is None else entry.parameters.get(parameter)

    def set(self, slot: str, parameter: str, value: Value) -> None:
        """Set a parameter; it is heard at once, and kept.

        Raises:
            ChainError: There is none like that, the value is out of range, or it would change the latency.
        """
        with self._racks.lock:
            known = find_parameter(self._parameters, slot, parameter, self.name)
            checked = known.check(value, f"{self.name}, '{slot}'")
            if not known.is_live and self._racks.is_heard:
                raise ChainError(
                    f"{self.name}, '{slot}': {parameter} changes the latency; load a chain instead"
                )
            self._chain = self._chain.with_value(slot, parameter, checked)
            self._racks.order("set", self.name, slot=slot, parameter=parameter, value=checked)

    @property
    def bypass(self) -> bool:
        """Whether the unprocessed stem is heard. One that failed tries again when it is set to False."""
        return self.state == "bypassed"

    @bypass.setter
    def bypass(self, is_on: bool) -> None:
        with self._racks.lock:
            self.is_bypassed = bool(is_on)
            if self.state != "left out":
                self.state, self.reason = "bypassed" if is_on else "on", ""
            self._racks.order("bypass", self.name, is_on=bool(is_on))

    def load(self, source: Any) -> None:
        """Exchange the chain while music plays: the new one is loaded beside, then takes over.

        Args:
            source: As for `LiveSession(fx=...)`.

        Raises:
            ChainError: It cannot be loaded, or is later than what the session has declared; the old plays on.
        """
        chain = to_chain(source)
        chain.check_streams()
        with self._racks.lock:
            if not self._racks.is_heard:
                self._take(chain)
                self._racks.renew()
                return
            facts = self._racks.exchange(self.name, chain)
            self._take(chain)
            self._racks.hear(facts)

    def _take(self, chain: Chain) -> None:
        self._chain = chain
        self._parameters: dict[str, dict[str, Parameter]] = {
            entry.slot: {known.name: known for known in EFFECTS.get(entry.effect or "", ())}
            for entry in chain.entries
        }

    def learn(self, facts: Mapping[str, Any]) -> None:
        """What the rack process says of it."""
        self.latency_samples = facts["latency_samples"]
        self._parameters = {
            slot: {
                name: Parameter(**{**known, "choices": tuple(known["choices"])})
                for name, known in parameters.items()
            }
            for slot, parameters in facts["parameters"].items()
        }


class Racks(Mapping[str, LiveRack]):
    """The racks of a session, by the stem's name and "mix"; see the module's docstring.

    Args:
        fx: Chains by name.
        allows_latency: Whether they may be later than 50 ms.
        stems: Of the model.
        has_stem_outputs: Whether stems are played, and no mix.
        keeper: Of the session.
        lock: Of the session.

    Raises:
        ChainError: A chain is damaged.
        PresetError: There is no such stem.
        ParameterError: Nobody would hear it.
        MissingExtraError: pedalboard is not installed.
    """

    def __init__(
        self,
        fx: Mapping[str, Any] | None,
        allows_latency: bool,
        stems: tuple[str, ...],
        has_stem_outputs: bool,
        keeper: Keeper,
        lock: threading.RLock,
    ) -> None:
        self.lock, self._keeper, self._allows_latency = lock, keeper, allows_latency
        self._racks: dict[str, LiveRack] = {}
        for name, source in (fx or {}).items():
            if name not in (*stems, SUM):
                known = ", ".join((*stems, SUM))
                raise PresetError(f"--fx {name}: stem '{name}' is unknown; there is: {known}")
            if name == SUM and has_stem_outputs:
                raise ParameterError(
                    "--fx mix: every stem has outputs of its own, nobody hears the sum; leave it out"
                )
            chain = to_chain(source)
            chain.check_streams()
            self._racks[name] = LiveRack(name, chain, self)
        if self._racks and importlib.util.find_spec("pedalboard") is None:
            raise MissingExtraError("a rack of plug-ins", "pedalboard", "fx")

    def __getitem__(self, name: str) -> LiveRack:
        if name not in self._racks:
            raise ParameterError(
                f"this session has no rack for '{name}'; begin it with fx={{'{name}': []}}"
            )
        return self._racks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._racks)

    def __len__(self) -> int:
        return len(self._racks)

    @property
    def is_heard(self) -> bool:
        """Whether a process plays."""
        return self._keeper.is_heard

    def choice(self) -> RackOrder | None:
        """What a fresh audio process has to play; None without racks."""
        if not self._racks:
            return None
        return RackOrder(
            {name: rack.chain.to_data() for name, rack in self._racks.items()},
            [
                name
                for name, rack in self._racks.items()
                if rack.is_bypassed or rack.state == "bypassed"
            ],
            self._allows_latency,
            _LONG_RING if self._allows_latency else RING,
        )

    def renew(self) -> None:
        """Start another process in place of one that does not play yet."""
        self._keeper.renew()

    def order(self, act: str, name: str, **facts: Any) -> None:
        """Give the audio process an order, if there is one."""
        self._keeper.order("fx", act=act, chain=name, **facts)

    def exchange(self, name: str, chain: Chain) -> dict[str, Any]:
        """Have a chain loaded; what the process then says of all. Holds the lock."""
        try:
            answer = self._keeper.ask("fx", act="load", chain=name, data=chain.to_data())
        except DeviceError:
            raise
        except StreamsepError as error:
            raise ChainError(str(error)) from error
        return {"event": "racks", **answer}

    def hear(self, event: Mapping[str, Any]) -> None:
        """An event of the session."""
        if event["event"] == "racks":
            for name, facts in event["racks"].items():
                rack = self._racks[name]
                rack.learn(facts)
                if rack.state == "left out":  # a fresh audio process tries again
                    rack.state, rack.reason = "bypassed" if rack.is_bypassed else "on", ""
        elif event["event"] == "rack" and event["state"] in ("bypassed", "left out"):
            for name, rack in self._racks.items():
                if event["chain"] in (name, "all"):
                    rack.state, rack.reason = event["state"], event["reason"]

    def describe(self) -> dict[str, str]:
        """State of each, by name."""
        return {name: rack.state for name, rack in self._racks.items()}


def to_chain(source: Any) -> Chain:
    """A chain from whatever names or holds one.

    Args:
        source: Path or name, list as in a file, `Chain`, `pedalboard.Pedalboard` or list of its effects.

    Raises:
        ChainError: It is damaged.
    """
    if isinstance(source, Chain):
        return source
    if isinstance(source, str | Path):
        return find_chain(source)
    if isinstance(source, Mapping) or all(isinstance(item, Mapping) for item in source):
        return read_chain(source, "chain")
    return chain_of(source)
