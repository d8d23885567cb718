"""SuperCollider: a class with a method for every address, and an OSCdef for everything that is told."""

from __future__ import annotations

from collections.abc import Iterable

from streamsep_bridge.osc.layouts.strips import STEMS
from streamsep_bridge.osc.server import PORT
from streamsep_bridge.osc.table import ACTION, REPORT, ROOT, STEM, Argument, Control

_HEAD = """// Written from streamsep's table of OSC addresses: python -m streamsep_bridge.osc.generate
// To use it, copy it into Platform.userExtensionDir and recompile the class library.
//
//     x = Streamsep("127.0.0.1", {port}).listen;
//     x.gainDb(\\vocals, -12);
//     x.mute(\\drums, 1);
//     x.values["/streamsep/stem/vocals/gain_db"];              // what holds, as last told
//     x.onChange = {{ |address, values| [address, values].postln }};
//     x.free;
Streamsep {{
	var <addr, <stems, <values, <>onChange, defs, renewal;

	*new {{ |host = "127.0.0.1", port = {port}, stems|
		^super.newCopyArgs(NetAddr(host, port), stems ? #[{stems}]).init
	}}

	init {{
		values = Dictionary.new;
		defs = List.new;
	}}

	// Hear everything, rateHz times a second at most, until free.
	listen {{ |rateHz = 20|
		this.free;
		this.told.do {{ |address|
			defs.add(OSCdef((address ++ this.hash).asSymbol, {{ |message|
				values[address] = message[1..];
				onChange.value(address, message[1..]);
			}}, address.asSymbol, addr));
		}};
		renewal = Routine {{
			loop {{
				addr.sendMsg('{root}/subscribe', '{root}', rateHz, 60);
				20.wait;
			}}
		}}.play(SystemClock);
	}}

	free {{
		if (renewal.notNil) {{ renewal.stop; renewal = nil; addr.sendMsg('{root}/unsubscribe') }};
		defs.do(_.free);
		defs.clear;
	}}

	// Ask for a value: it comes as an OSC message of the same address, and so to onChange.
	ask {{ |address| addr.sendMsg(address.asSymbol) }}

	// Addresses of all that is told.
	told {{
		^stems.collect {{ |stem|
			[
				{stem_addresses}
			].collect(_.format(stem))
		}}.flatten ++ [
			{addresses}
		]
	}}
"""


def make_class(table: Iterable[Control]) -> bytes:
    """The class, `Streamsep.sc`.

    Args:
        table: Rows; what is in `<...>` in their paths becomes an argument.
    """
    rows = list(table)
    told = [one for one in rows if one.role != ACTION and _places(one) in ((), (STEM,))]
    of_stems = [one.address.replace(STEM, "%") for one in told if STEM in one.path]
    others = [one.address for one in told if STEM not in one.path]
    others += [
        one.address.replace(STEM, name)
        for one in told
        if one.path.startswith("/level")
        for name in ("input", "mix")
    ]
    head = _HEAD.format(
        port=PORT,
        root=ROOT,
        stems=", ".join(f"\\{name}" for name in STEMS),
        stem_addresses=",\n\t\t\t\t".join(f'"{one}"' for one in of_stems),
        addresses=",\n\t\t\t".join(f'"{one}"' for one in others),
    )
    skipped = ("/subscribe", "/unsubscribe")  # `listen` and `free` do that
    methods = [_method(one) for one in rows if one.role != REPORT and one.path not in skipped]
    return (head + "".join(methods) + "}\n").encode()


def _method(control: Control) -> str:
    """One method: places in the address first, then the arguments of the message."""
    places = [_camel(place.strip("<>")) for place in _places(control)]
    arguments = [(_camel(one.name), one) for one in control.arguments]
    signature = ", ".join([*places, *(name + _default(one) for name, one in arguments)])
    address = f'"{control.address}"'
    if places:
        for place in _places(control):
            address = address.replace(place, "%")
        address += f".format({', '.join(places)})"
    sent = ", ".join([address, *(name for name, _ in arguments)])
    head = f"|{signature}| " if signature else ""
    return f"\n\t// {control.help}\n\t{_name(control)} {{ {head}addr.sendMsg({sent}) }}\n"


def _name(control: Control) -> str:
    """gainDb for /stem/<stem>/gain_db, mixGain for /mix/gain, sceneStore for /scene/store."""
    parts = [one for one in control.path.strip("/").split("/") if not one.startswith("<")]
    return _camel("_".join(parts[1:] if control.path.startswith("/stem/<") else parts))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(one.capitalize() for one in rest)


def _places(control: Control) -> tuple[str, ...]:
    return tuple(one for one in control.path.split("/") if one.startswith("<"))


def _default(argument: Argument) -> str:
    if argument.default is None:
        return ""
    text = argument.default
    return f' = "{text}"' if isinstance(text, str) else f" = {text:g}"
