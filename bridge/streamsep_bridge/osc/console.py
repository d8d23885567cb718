"""`Console`: what an address means for a live session: read it, set it, do it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamsep.mixer import SUM
from streamsep.presets import Preset, preset_files
from streamsep.spec import PROFILES, STEM_SETS
from streamsep.units import db_to_gain, gain_to_db
from streamsep_bridge.osc.fx import FX, do_fx, fx_controls, read_fx
from streamsep_bridge.osc.table import ROOT, Control, expand
from streamsep_bridge.osc.values import RefusedError
from streamsep_bridge.rack.chain import chain_names

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.live.settings import ModelChoice
    from streamsep_bridge.scenes.scenes import Scenes

Values = tuple[float | str, ...]


class Console:
    """See the module's docstring.

    Args:
        session: In any state.
        scenes: For /scene; None has none.
        takes: Folder for /record; None records nothing.

    Thread: any, `do` one after the other. Allocates: yes.
    """

    def __init__(
        self, session: LiveSession, scenes: Scenes | None = None, takes: Path | None = None
    ) -> None:
        self._session, self._scenes, self._takes = session, scenes, takes
        self._stems: tuple[str, ...] = ()
        self._preset_of: tuple[ModelChoice, Preset] | None = None
        self._controls: dict[str, Control] = {}
        self._known: list[object] = []

    @property
    def controls(self) -> dict[str, Control]:
        """All controls by address, for the stems of now."""
        stems, racks = self._session.stems.names, self._session.fx
        known = [rack.parameters for rack in racks.values()]
        is_same = len(known) == len(self._known) and all(map(operator.is_, known, self._known))
        if stems != self._stems or not is_same or not self._controls:
            self._stems, self._known = stems, known
            self._controls = expand(stems) | fx_controls(racks)
        return self._controls

    def choices(self, what: str) -> tuple[str, ...]:
        """Names that a text may be.

        Args:
            what: `Argument.choices`.
        """
        if what == "scenes":
            return () if self._scenes is None else self._scenes.names
        return {
            "presets": tuple(sorted(preset_files())),
            "profiles": tuple(PROFILES),
            "stem_sets": tuple(STEM_SETS),
            "chains": chain_names(),
        }[what]

    def read(self, address: str) -> float | str | None:
        """The value of a control; None where it has none."""
        group, name, stem = _parts(address)
        if name.startswith(f"{FX}/"):
            return read_fx(self._session.fx[stem or SUM], name.partition("/")[2])
        if group == "stem":
            fader = self._session.stems[stem]
            if name == "solo_only":
                others = (
                    self._session.stems[other].solo
                    for other in self._session.stems
                    if other != stem
                )
                return float(fader.solo and not any(others))
            return float(getattr(fader, name))
        if group == "mix":
            gain = self._session.mix.gain
            return {
                "gain": gain,
                "gain_db": gain_to_db(gain),
                "dry_wet": self._session.mix.dry_wet,
            }[name]
        if group == "source":
            source = self._session.source
            if source is None:
                return None
            return {
                "position_s": source.position_s,
                "playing": float(not source.paused),
                "loop": float(source.loop),
            }[name]
        if group == "record":
            return float(self._session.is_recording)
        if group == "bypass":
            return float(self._session.mix.bypass)
        if group in ("preset", "profile", "stem_set"):
            chosen = self._chosen()
            return {"preset": chosen.name, "profile": chosen.profile, "stem_set": chosen.stem_set}[
                group
            ]
        return None

    def _chosen(self) -> Preset:
        """The preset that plays; read from its file once."""
        model = self._session.model
        if self._preset_of is None or self._preset_of[0] != model:
            self._preset_of = (model, model.find())
        return self._preset_of[1]

    def do(self, address: str, control: Control, values: Values, at: int = 0) -> None:
        """Set a value, or do an action.

        Args:
            address: Of the control.
            control: Its row.
            values: `values.read_arguments`.
            at: Sample of the stream, for timed controls; 0 is now.

        Raises:
            StreamsepError: It cannot be; the message says why.
        """
        group, name, stem = _parts(address)
        if name.startswith(f"{FX}/"):
            self._do_fx(stem or SUM, name.partition("/")[2], values[0])
        elif group == "stem":
            self._move_stem(stem, name, values, at)
        elif group == "mix":
            gain = {"gain_db": lambda db: {"gain": db_to_gain(db)}}
            change = gain.get(name, lambda value: {name: value})(values[0])
            self._session.mix.move(at=at, ramp_s=float(values[1]), **change)
        elif group == "bypass":
            self._session.mix.move(at=at, bypass=bool(values[0]))
        else:
            self._slow(group, name)(*values)

    def _do_fx(self, chain: str, what: str, value: float | str) -> None:
        if what == "load" and value not in self.choices("chains"):
            known = ", ".join(self.choices("chains"))
            raise RefusedError("range", f"chain '{value}' is unknown; there are: {known}")
        do_fx(self._session.fx[chain], what, value)

    def _move_stem(self, stem: str, name: str, values: Values, at: int) -> None:
        faders, value = self._session.stems, values[0]
        if name == "solo_only":
            faders.move(stem, at=at, solo=bool(value))
            for other in faders:
                if faders[other].solo and other != stem:
                    faders.move(other, at=at, solo=False)
        elif name in ("mute", "solo"):
            faders.move(stem, at=at, **{name: bool(value)})
        else:
            faders.move(stem, at=at, ramp_s=float(values[1]), **{name: value})

    def _slow(self, group: str, name: str) -> Callable[..., Any]:
        """What is neither a fader nor a switch of the sum."""
        if group == "source":
            return getattr(self, f"_source_{name}")
        if group == "scene":
            return getattr(self._known_scenes(), name)
        return getattr(self, f"_{group}")

    def _panic(self) -> None:
        self._session.panic()

    def _reset(self) -> None:
        self._session.change()

    def _preset(self, name: str) -> None:
        known = self.choices("presets")
        if not any(name == one or name.startswith(f"{one}-") for one in known):
            raise RefusedError(
                "range", f"preset '{name}' is unknown; there are: {', '.join(known)}"
            )
        self._session.change(preset=name, profile=None, stem_set=None)

    def _profile(self, name: str) -> None:
        self._session.change(profile=name)

    def _stem_set(self, name: str) -> None:
        self._session.change(stem_set=name)

    def _record(self, is_on: float) -> None:
        if self._takes is None:
            raise RefusedError("state", "there is no folder for takes; start with --takes DIR")
        if is_on and not self._session.is_recording:
            self._session.record(self._takes)
        elif not is_on:
            self._session.stop_recording()

    def _source_position_s(self, seconds: float) -> None:
        self._known_source().seek(seconds)

    def _source_playing(self, is_on: float) -> None:
        self._known_source().paused = not is_on

    def _source_loop(self, is_on: float) -> None:
        self._known_source().loop = bool(is_on)

    def _known_source(self) -> Any:
        if self._session.source is None:
            raise RefusedError("state", "no file is played; start with --source FILE")
        return self._session.source

    def _known_scenes(self) -> Scenes:
        if self._scenes is None:
            raise RefusedError("state", "there is no folder for scenes; start with --scenes DIR")
        return self._scenes


def _parts(address: str) -> tuple[str, str, str]:
    """Group, name and stem of an address."""
    parts = address.removeprefix(f"{ROOT}/").split("/")
    if parts[0] == "stem":
        return "stem", "/".join(parts[2:]), parts[1]
    return parts[0], "/".join(parts[1:]), ""
