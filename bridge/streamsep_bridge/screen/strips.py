"""The channel strips: a line each for the input, every stem, and the mix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style

from streamsep.mixer import StemControl
from streamsep_bridge.live.status import Status
from streamsep_bridge.screen.meters import FADER_CELLS, draw_fader, draw_meter, show_db
from streamsep_bridge.screen.view import View

NARROWEST = 8
"""Characters of a meter where the terminal is too narrow for the rest."""

_SILENCE_DB = -120.0
_HELD_CELLS, _GAIN_CELLS, _SWITCH_CELLS = 7, 8, 4
_HEARD, _UNHEARD = Style.parse("bold"), Style.parse("dim")
_SELECTED = Style.parse("reverse")
_MUTED, _SOLOED = Style.parse("bold red"), Style.parse("bold cyan")


class Strips:
    """See the module's docstring. The meters take what the rest leaves of the line.

    Args:
        status: Whose levels are shown.
        faders: By the stem's name, in the model's order.
        view: Chosen stem, held peaks.
    """

    # Rich's tables would do, at three times the processor's time.

    def __init__(self, status: Status, faders: Mapping[str, StemControl], view: View) -> None:
        self._status, self._faders, self._view = status, faders, view

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        is_ascii = options.ascii_only
        name_cells = max(len(name) for name in ("input", *self._faders))
        fixed = 3 + name_cells + _HELD_CELLS + 1 + FADER_CELLS + _GAIN_CELLS + _SWITCH_CELLS
        width = max(NARROWEST, options.max_width - fixed)
        is_solo = any(fader.solo for fader in self._faders.values())
        yield Segment(f"  {'input':<{name_cells}} ")
        yield from self._levels("input", width, is_ascii)
        for index, (name, fader) in enumerate(self._faders.items()):
            is_selected = index == self._view.selected
            is_heard = not fader.mute and (fader.solo or not is_solo)
            style = _HEARD if is_heard else _UNHEARD
            yield Segment("> " if is_selected else "  ")
            yield Segment(f"{name:<{name_cells}}", style + _SELECTED if is_selected else style)
            yield Segment(" ")
            yield from self._levels(name, width, is_ascii, fader)
        yield Segment(f"  {'mix':<{name_cells}} ")
        yield from self._levels("mix", width, is_ascii)

    def _levels(
        self, name: str, width: int, is_ascii: bool, fader: StemControl | None = None
    ) -> Iterator[Segment]:
        """Meter, held peak, fader and switches, to the end of the line."""
        held_db = self._view.held_db.get(name, _SILENCE_DB)
        rms_db = self._status.rms_db.get(name, _SILENCE_DB)
        peak_db = self._status.peaks_db.get(name, _SILENCE_DB)
        yield from draw_meter(rms_db, peak_db, held_db, width, is_ascii)
        yield Segment(f"{show_db(held_db):>{_HELD_CELLS}}")
        if fader is not None:
            gain = f"{show_db(fader.gain_db, 0)} dB"
            yield Segment(f" {draw_fader(fader.gain_db, is_ascii)}{gain:>{_GAIN_CELLS}}")
            yield Segment(" M" if fader.mute else "  ", _MUTED)
            yield Segment(" S" if fader.solo else "  ", _SOLOED)
        yield Segment.line()
