"""A song in another key: the whole file, before it plays, so that it costs no delay."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import soundfile

from streamsep.audio.reader import open_audio
from streamsep.errors import MissingExtraError, ParameterError

MAX_SEMITONES = 12.0

LONGEST_S = 1800.0
"""A file is held in memory for it: half an hour is 0.6 GB."""


def check_key(semitones: float) -> None:
    """Refuse what nobody can sing, and say what is missing.

    Raises:
        ParameterError: The key is out of range.
        MissingExtraError: pedalboard is not installed.
    """
    if not -MAX_SEMITONES <= semitones <= MAX_SEMITONES:
        raise ParameterError(
            f"--key {semitones:g} is outside {-MAX_SEMITONES:g} to {MAX_SEMITONES:g} semitones"
        )
    if semitones and importlib.util.find_spec("pedalboard") is None:
        raise MissingExtraError("another key", "pedalboard", "fx")


def change_key(song: str | Path, semitones: float, target: Path) -> None:
    """Write a song in another key: as long, aligned, at the same rate.

    Args:
        song: Audio file.
        semitones: Up or down, -12 to 12.
        target: FLAC or WAV file to be written.

    Raises:
        AudioFileError: The song cannot be read.
        ParameterError: It is too long, or the key is out of range.
        MissingExtraError: pedalboard is not installed.
    """
    check_key(semitones)
    with open_audio(str(song), None) as reader:
        rate, blocks, n = reader.sample_rate, [], 0
        for block in reader.blocks(65536):
            blocks.append(block)
            n += block.shape[-1]
            if n > LONGEST_S * rate:
                raise ParameterError(f"{song} is longer than {LONGEST_S:g} s; leave out --key")
    pedalboard = importlib.import_module("pedalboard")
    whole = np.concatenate(blocks, axis=-1)
    shifted = pedalboard.Pedalboard([pedalboard.PitchShift(semitones)])(whole, rate)
    peak = float(np.abs(shifted).max(initial=0.0))
    soundfile.write(target, (shifted / max(peak, 1.0)).T, rate, subtype="PCM_24")
