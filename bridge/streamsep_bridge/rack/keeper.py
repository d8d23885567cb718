"""Keeps the rack process of an audio process alive: starts it, kills it when it hangs, starts another.

Another one is also how a chain is exchanged: it is loaded beside the one that plays, and takes over when it
is ready. So what crashes while it is loaded is never heard.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.inserts import rack_reserve
from streamsep.errors import EngineError, StreamsepError
from streamsep.mixer import SUM
from streamsep_bridge.rack.order import RackOrder, check_declared, check_latency
from streamsep_bridge.rack.parameters import ChainError
from streamsep_bridge.rack.process import LOOK_S, RackDiedError, RackProcess

_BACK_OFF_S = (0.0, 0.5, 1.0, 2.0)
_FORGIVEN_S = 60.0
"""A fault is forgotten after so long."""


class RackKeeper:
    """See the module's docstring.

    Args:
        order: What is to run.
        desk: With the rings.
        memory: File of the desk's memory; opened at once.
        form: channels and record_frames of the desk.
        say: Tells the session.

    Thread: `obey` one, the rest another. Allocates: yes. In place: own state.
    """

    def __init__(
        self, order: RackOrder, desk: Desk, memory: Path, form: dict[str, int], say: Callable
    ) -> None:
        if os.name == "nt":
            raise EngineError("racks of plug-ins run live on Linux and macOS only; leave out --fx")
        self._order, self._desk, self._form, self._say = order, desk, form, say
        self._handle = os.open(memory, os.O_RDWR)
        self._changing = threading.RLock()  # held while a process is exchanged, which takes seconds
        self._telling = threading.Lock()  # held for moments
        self._process: RackProcess | None = None
        self._stems: dict[int, list[str]] = {}
        self._moves: dict[tuple[str, str, str], Any] = {}
        self._faults: dict[str, float] = {}
        self._left_out: set[str] = set()
        # A child dies with the thread that started it, so that is one which stays.
        self._starter = ThreadPoolExecutor(1)
        self._rate = 0
        self._declared: dict[bool, int] = {}

    def open(self, sample_rate: int, block_size: int) -> tuple[int, int]:
        """Load all chains; how late stems, and the sum, will be.

        Args:
            sample_rate: In Hz.
            block_size: Of the callback.

        Raises:
            ChainError: A chain cannot be loaded, or is too late.
        """
        self.close()
        self._rate = sample_rate
        with self._changing:
            process = self._start_process(self._order.chains)
            try:
                check_latency(process.racks, sample_rate, self._order.allows_latency)
            except ChainError:
                process.kill()
                raise
            self._declared = {True: 0, False: 0}
            for name, rack in process.racks.items():
                is_sum = name == SUM
                self._declared[is_sum] = max(self._declared[is_sum], rack["latency_samples"])
            self._process = process
        reserve, names = rack_reserve(block_size), self._order.chains
        return (
            reserve + self._declared[False] if set(names) - {SUM} else 0,
            reserve + self._declared[True] if SUM in names else 0,
        )

    def go(self) -> dict[str, Any]:
        """The audio runs: let the racks follow it. What they say of themselves, by name."""
        with self._changing:
            assert self._process is not None
            self._hand_over(self._process)
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()
        return self._process.racks

    def use_stems(self, slot: int, names: list[str]) -> None:
        """A slot has a model with these stems now."""
        with self._telling:
            self._stems[slot] = names
            if self._process is not None:
                self._process.tell("stems", slot=slot, names=names)

    def obey(self, act: str, **facts: Any) -> None:
        """An order of the session's: "set" and "bypass" at once, "load" in a thread of its own."""
        if act == "load":
            threading.Thread(target=self._load, kwargs=facts, daemon=True).start()
            return
        with self._telling:
            if act == "bypass":
                name = facts["chain"]
                others = [other for other in self._order.bypassed if other != name]
                self._order.bypassed = [*others, name] if facts["is_on"] else others
            else:
                self._moves[facts["chain"], facts["slot"], facts["parameter"]] = facts["value"]
            if self._process is not None:
                self._process.tell(act, **facts)

    def close(self) -> None:
        """End the process."""
        with self._telling:
            process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _load(self, chain: str, data: list[dict[str, Any]], number: int) -> None:
        """Exchange a chain."""
        with self._changing:
            chains, before = {**self._order.chains, chain: data}, set(self._left_out)
            self._left_out.discard(chain)
            try:
                process = self._start_process(chains, is_trial=True)
                try:
                    check_latency(process.racks, self._rate, self._order.allows_latency)
                    check_declared(process.racks, chain, self._declared[chain == SUM])
                except StreamsepError:
                    process.kill()
                    raise
            except StreamsepError as error:
                self._left_out = before
                self._say("refused", number=number, reason=str(error))
                return
            self._order.chains = chains
            with self._telling:
                kept = {key: value for key, value in self._moves.items() if key[0] != chain}
                self._moves = kept
            self._hand_over(process)
        self._say("loaded", number=number, racks=process.racks)

    def _start_process(
        self, chains: dict[str, list[dict[str, Any]]], is_trial: bool = False
    ) -> RackProcess:
        """A process that is ready; a chain that ends two of them is left out, or one, on trial, refused."""
        while True:
            wanted = {name: data for name, data in chains.items() if name not in self._left_out}
            order = {
                **self._form,
                "rack_frames": self._order.rack_frames,
                "sample_rate": self._rate,
                "chains": wanted,
                "bypassed": self._order.bypassed,
            }
            facts = (order, self._handle, self._desk, self._tell_trouble)
            process = self._starter.submit(RackProcess, *facts).result()
            try:
                process.wait_ready()
                return process
            except RackDiedError as error:
                if process.building is None:
                    raise EngineError(f"the rack process {error}") from error
                if is_trial:
                    raise ChainError(f"the chain for {process.building} {error}") from error
                self._blame(process.building, str(error))

    def _hand_over(self, process: RackProcess) -> None:
        """From whichever process plays to this one."""
        with self._telling:
            if self._process not in (None, process):
                self._process.end()
            for slot, names in self._stems.items():
                process.tell("stems", slot=slot, names=names)
            for (chain, slot, parameter), value in self._moves.items():
                process.tell("set", chain=chain, slot=slot, parameter=parameter, value=value)
            for name in self._order.chains:
                process.tell("bypass", chain=name, is_on=name in self._order.bypassed)
            process.go()
            self._process = process

    def _watch(self, process: RackProcess) -> None:
        """Look after the processes, from the first to the end."""
        n_faults, since_s = 0, time.monotonic()
        while True:
            time.sleep(LOOK_S)
            with self._changing:
                if self._process is None:
                    return
                if self._process is not process:
                    process, since_s = self._process, time.monotonic()
                fault = process.find_fault()
                if not fault:
                    if time.monotonic() - since_s > _FORGIVEN_S:
                        n_faults = 0
                    continue
                guilty = process.at_work
                process.kill()
                if guilty:
                    self._blame(guilty, fault)
                time.sleep(_BACK_OFF_S[min(n_faults, len(_BACK_OFF_S) - 1)])
                n_faults += 1
                if not self._restart(process):
                    return
            self._say("rack", chain=guilty or "all", state="restarted", reason=fault)

    def _restart(self, dead: RackProcess) -> bool:
        """Another process with the same chains; whether there can be one."""
        try:
            process = self._start_process(self._order.chains)
        except StreamsepError as error:
            self._say("rack", chain="all", state="left out", reason=str(error))
            return False
        if self._process is not dead:  # closed meanwhile
            process.kill()
            return False
        self._hand_over(process)
        return True

    def _blame(self, chain: str, reason: str) -> None:
        """A chain has ended a process; one that does so again is left out."""
        now_s = time.monotonic()
        is_again = now_s - self._faults.get(chain, -_FORGIVEN_S) < _FORGIVEN_S
        self._faults[chain] = now_s
        if is_again:
            self._left_out.add(chain)
            self._say("rack", chain=chain, state="left out", reason=reason)

    def _tell_trouble(self, chain: str, reason: str) -> None:
        self._order.bypassed = [*self._order.bypassed, chain]  # in the next process, too
        self._say("rack", chain=chain, state="bypassed", reason=reason)
