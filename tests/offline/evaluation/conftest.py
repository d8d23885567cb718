"""Songs without files and with, and museval without the ffmpeg program that it wants."""

import importlib
import importlib.util
import sys
import types
from dataclasses import dataclass, field

import numpy as np
import pytest
import soundfile

RATE = 8000


@dataclass
class MadeSong:
    """What evaluation knows of a song, without files."""

    name: str
    stems: tuple
    audio: np.ndarray
    rate: int = RATE
    kind: str = field(default="")
    mixture: tuple = ()

    def read(self, start_s=0.0, duration_s=None):
        start = round(start_s * self.rate)
        end = None if duration_s is None else start + round(duration_s * self.rate)
        return self.audio[..., start:end], self.rate


def _write_stems(folder, names, stems, rate=RATE):
    folder.mkdir(parents=True)
    for name, stem in zip(names, stems, strict=True):
        soundfile.write(folder / f"{name}.wav", stem.T, rate, subtype="FLOAT")


@pytest.fixture(scope="session")
def made_song():
    """Makes a song without files."""
    return MadeSong


@pytest.fixture(scope="session")
def write_stems():
    """Writes a file per stem."""
    return _write_stems


@pytest.fixture(scope="session")
def museval():
    """The PyPI package; it imports musdb, which wants ffmpeg, so an empty module stands in for that."""
    if importlib.util.find_spec("museval") is None:
        pytest.skip("museval is not installed: pip install 'streamsep[train]'")
    before = sys.modules.get("musdb")
    sys.modules["musdb"] = types.ModuleType("musdb")
    try:
        return importlib.import_module("museval")
    finally:
        if before is None:
            del sys.modules["musdb"]
        else:
            sys.modules["musdb"] = before


@pytest.fixture(scope="session")
def by_hand(museval):
    """museval.evaluate on [targets, channels, n], as [4, targets, seconds]."""

    def evaluate(references, estimates, rate=RATE):
        pair = (x.swapaxes(1, 2) for x in (references, estimates))
        return np.stack(museval.evaluate(*pair, win=rate, hop=rate))

    return evaluate
