"""Addresses of plug-ins: what the racks of a session let one set, below /stem/<stem>/fx and /mix/fx.

Numbers, switches and named choices only: a file or a plug-in's path never comes over the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamsep.mixer import SUM
from streamsep_bridge.osc.table import ROOT, SWITCH, TEXT, VALUE, Argument, Control
from streamsep_bridge.rack.board import find_parameter
from streamsep_bridge.rack.chain import named_chain

if TYPE_CHECKING:
    from streamsep_bridge.live.racks import LiveRack
    from streamsep_bridge.rack.parameters import Parameter

FX = "fx"

FX_TABLE: tuple[Control, ...] = (
    Control(
        "/stem/<stem>/fx/<slot>/<parameter>",
        "a parameter of a plug-in, in its range; OSCQuery lists them",
        (Argument("value"),),
    ),
    Control("/stem/<stem>/fx/bypass", "hear the stem without plug-ins", (Argument(FX, SWITCH),)),
    Control(
        "/stem/<stem>/fx/load",
        "exchange the chain for one of the chain folders, by name",
        (Argument("name", TEXT, choices="chains"),),
        "action",
        is_slow=True,
    ),
)
"""Rows as they stand for every stem that has a rack; below /mix/fx those of the sum."""


def fx_controls(racks: Mapping[str, LiveRack]) -> dict[str, Control]:
    """Controls of all racks, by address."""
    found = {}
    for name, rack in racks.items():
        root = fx_root(name)
        for slot, parameters in rack.parameters.items():
            for parameter in parameters.values():
                if parameter.is_live:
                    control = _control(f"{root}/{slot}/{parameter.name}", slot, parameter)
                    found[control.address] = control
        for row in FX_TABLE[1:]:
            address = f"{ROOT}{root}/{row.path.rpartition('/')[2]}"
            found[address] = row
    return found


def fx_root(chain: str) -> str:
    """Path of a chain: of a stem, or of the sum."""
    return f"/mix/{FX}" if chain == SUM else f"/stem/{chain}/{FX}"


def read_fx(rack: LiveRack, what: str) -> float | str | None:
    """The value of a control; None where it has none, or the plug-in's own.

    Args:
        rack: Whose.
        what: Of the address, what follows "fx/".
    """
    if what == "bypass":
        return float(rack.bypass)
    if what == "load":
        return None
    slot, _, parameter = what.partition("/")
    value = rack.get(slot, parameter)
    return value if value is None or isinstance(value, str) else float(value)


def do_fx(rack: LiveRack, what: str, value: float | str) -> None:
    """Set a parameter or the bypass, or load a chain by its name.

    Raises:
        ChainError: It cannot be; the message says why.
    """
    if what == "bypass":
        rack.bypass = bool(value)
    elif what == "load":
        rack.load(named_chain(str(value)))
    else:
        slot, _, name = what.partition("/")
        known = find_parameter(rack.parameters, slot, name, rack.name)
        rack.set(slot, name, bool(value) if known.is_switch else value)


def _control(path: str, slot: str, parameter: Parameter) -> Control:
    if parameter.is_switch:
        argument = Argument(parameter.name, SWITCH, 0.0, 1.0)
    elif parameter.choices:
        argument = Argument(parameter.name, TEXT, names=parameter.choices)
    else:
        argument = Argument(parameter.name, low=parameter.low, high=parameter.high)
    return Control(path, f"{parameter.name} of {slot}", (argument,), VALUE)
