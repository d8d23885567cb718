"""What an audio process is told of its racks, and how late they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streamsep.units import samples_to_ms
from streamsep_bridge.rack.parameters import ChainError

LONGEST_MS = 50.0
"""Most that a chain may delay a live sound, unless it is allowed."""


@dataclass
class RackOrder:
    """See the module's docstring.

    Attributes:
        chains: By the stem's name or "mix", as in a file.
        bypassed: Names of those that are not to be heard.
        allows_latency: Whether chains may be later than `LONGEST_MS`.
        rack_frames: Samples that the rings hold.
    """

    chains: dict[str, list[dict[str, Any]]]
    bypassed: list[str] = field(default_factory=list)
    allows_latency: bool = False
    rack_frames: int = 0


def check_latency(racks: Mapping[str, Any], sample_rate: int, allows_latency: bool) -> None:
    """Refuse racks that nobody wants to play through.

    Args:
        racks: What a rack process says of them, by name.
        sample_rate: In Hz.
        allows_latency: Whether there is no limit.

    Raises:
        ChainError: One is too late.
    """
    for name, rack in racks.items():
        late_ms = samples_to_ms(rack["latency_samples"], sample_rate)
        if late_ms > LONGEST_MS and not allows_latency:
            raise ChainError(
                f"the chain for {name} is {late_ms:.1f} ms late, more than {LONGEST_MS:g} ms; allow it "
                "with --allow-latency (allow_latency=True), or leave out what delays"
            )


def check_declared(racks: Mapping[str, Any], chain: str, declared: int) -> None:
    """Refuse a chain that comes while music plays, if it is later than all that wait for each other.

    Args:
        racks: What a rack process says of them, by name.
        chain: Name of the one that comes.
        declared: Samples that were declared.

    Raises:
        ChainError: It is later.
    """
    late = racks[chain]["latency_samples"] if chain in racks else 0
    if late > declared:
        raise ChainError(
            f"the chain for {chain} is {late} samples late, and this session waits for {declared}; begin "
            "a session with it"
        )
