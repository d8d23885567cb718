"""General MIDI parts by FluidSynth's library and a sound font, both optional system packages.

The library is reached through ctypes, so that the sound font is loaded once per process: a part
costs 0.1 s instead of a program start. Every part gets a fresh synthesiser: the same notes, the
same bits.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, to_samples

SOUND_FONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
    Path("/opt/homebrew/share/sounds/sf2/FluidR3_GM.sf2"),
)
"""Where packages put the sound font the credits name."""

FONT_VARIABLE = "STREAMSEP_SOUND_FONT"
"""Names a copy of that sound font elsewhere, as SF2 or SF3."""

SOURCE = "FluidR3 GM sound font (Frank Wen)"

_DRUM_CHANNEL = 9
_BEND_SEMITONES = 12
_OFF, _BEND, _ON = 0, 1, 2
"""Kinds of events, in the order in which they happen at the same time."""

_SILENT = 1e-7


class _FluidSynth:
    """The functions of libfluidsynth that we need, and the sound font kept in its cache."""

    def __init__(self, library_name: str, font: Path) -> None:
        lib = self._lib = ctypes.CDLL(library_name)
        pointer, number = ctypes.c_void_p, ctypes.c_int
        lib.new_fluid_settings.restype = pointer
        lib.new_fluid_synth.restype = pointer
        lib.fluid_synth_get_sfont_by_id.restype = pointer
        for name, arguments in {
            "new_fluid_synth": [pointer],
            "delete_fluid_synth": [pointer],
            "fluid_synth_get_sfont_by_id": [pointer, number],
            "fluid_synth_add_sfont": [pointer, pointer],
            "fluid_synth_remove_sfont": [pointer, pointer],
            "fluid_settings_setnum": [pointer, ctypes.c_char_p, ctypes.c_double],
            "fluid_settings_setint": [pointer, ctypes.c_char_p, number],
            "fluid_set_log_function": [number, pointer, pointer],
            "fluid_synth_sfload": [pointer, ctypes.c_char_p, number],
            "fluid_synth_program_change": [pointer, number, number],
            "fluid_synth_pitch_bend": [pointer, number, number],
            "fluid_synth_pitch_wheel_sens": [pointer, number, number],
            "fluid_synth_noteon": [pointer, number, number, number],
            "fluid_synth_noteoff": [pointer, number, number],
            "fluid_synth_write_float": [pointer, number, *([pointer, number, number] * 2)],
        }.items():
            getattr(lib, name).argtypes = arguments
        for level in range(
            5
        ):  # panic to debug: a missing preset is not worth a line on the terminal
            lib.fluid_set_log_function(level, None, None)
        self._settings = lib.new_fluid_settings()
        lib.fluid_settings_setnum(self._settings, b"synth.sample-rate", float(SAMPLE_RATE_HZ))
        lib.fluid_settings_setnum(self._settings, b"synth.gain", 0.4)
        for name in (b"synth.reverb.active", b"synth.chorus.active"):
            lib.fluid_settings_setint(self._settings, name, 0)
        self._keeper = lib.new_fluid_synth(self._settings)  # reading a font takes a while
        font_id = lib.fluid_synth_sfload(self._keeper, str(font).encode(), 1)
        self._font = lib.fluid_synth_get_sfont_by_id(self._keeper, font_id)

    def render(
        self, events: list[tuple[int, int, int, int]], channel: int, program: int, n: int
    ) -> np.ndarray:
        lib = self._lib
        synth = lib.new_fluid_synth(self._settings)  # one that was used sounds a little different
        lib.fluid_synth_add_sfont(synth, self._font)
        output = np.zeros((2, n), np.float32)
        lib.fluid_synth_program_change(synth, channel, program)
        lib.fluid_synth_pitch_wheel_sens(synth, channel, _BEND_SEMITONES)
        position = 0
        for time, kind, value, velocity in [*events, (n, _OFF, 0, 0)]:
            count = min(time, n) - position
            if count > 0:
                left, right = (row[position:].ctypes.data for row in output)
                lib.fluid_synth_write_float(synth, count, left, 0, 1, right, 0, 1)
                position += count
            if kind == _BEND:
                lib.fluid_synth_pitch_bend(synth, channel, value)
            elif kind == _ON:
                lib.fluid_synth_noteon(synth, channel, value, velocity)
            elif time < n:
                lib.fluid_synth_noteoff(synth, channel, value)
        lib.fluid_synth_remove_sfont(synth, self._font)
        lib.delete_fluid_synth(synth)
        return output


@functools.cache
def _fluidsynth() -> _FluidSynth | None:
    named = os.environ.get(FONT_VARIABLE)
    fonts = (Path(named), *SOUND_FONTS) if named else SOUND_FONTS
    font = next((path for path in fonts if path.exists()), None)
    for name in (ctypes.util.find_library("fluidsynth"), "libfluidsynth.so.3"):
        if name and font:
            try:
                return _FluidSynth(name, font)
            except OSError:
                continue
    return None


def is_available() -> bool:
    """Whether both the library and a sound font are installed."""
    return _fluidsynth() is not None


def render(
    notes: Sequence[Note],
    program: int,
    n_samples: int,
    detune: float = 0.0,
    is_drums: bool = False,
    bends: Sequence[tuple[int, float]] = (),
) -> np.ndarray:
    """A General MIDI part, dry, [2, samples].

    Args:
        notes: What to play; pitches are rounded.
        program: Instrument 0 to 127, or with `is_drums` the kit.
        n_samples: Length.
        detune: Semitones by which the whole part is out of tune.
        is_drums: Play the drum channel, where pitches are pieces of the kit.
        bends: Moves of the pitch wheel as (sample, semitones), within +-12 semitones.

    Raises:
        RuntimeError: FluidSynth or its sound font is not installed; ask `is_available` first.
    """
    fluidsynth = _fluidsynth()
    if fluidsynth is None:
        raise RuntimeError("General MIDI needs fluidsynth and fluid-soundfont-gm; install both")

    def wheel(semitones: float) -> int:
        return int(np.clip(round(8192 * (1.0 + semitones / _BEND_SEMITONES)), 0, 16383))

    events = [(0, _BEND, wheel(detune), 0)]
    events += [(at, _BEND, wheel(semitones + detune), 0) for at, semitones in bends]
    for note in notes:
        key = round(note.pitch)
        if 0 <= key < 128 and note.start_s >= 0.0:
            velocity = int(np.clip(round(127 * note.velocity), 1, 127))
            start = to_samples(note.start_s)
            end = max(start + 64, to_samples(note.start_s + note.duration_s))
            events += [(start, _ON, key, velocity), (end, _OFF, key, 0)]
    channel = _DRUM_CHANNEL if is_drums else 0
    audio = fluidsynth.render(sorted(events), channel, program, n_samples)
    audio[np.abs(audio) < _SILENT] = 0.0
    return audio
