"""Separate a whole song into stems and write each as a WAV file.

    python examples/01_separate_a_song.py song.mp3 stems/

Without arguments it separates twenty seconds of a song that streamsep composes itself.
"""

import sys
from pathlib import Path

import soundfile

from streamsep import Separator
from streamsep.song import compose

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

if len(sys.argv) > 1:
    audio, sample_rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
    mixture = audio.T
else:
    mixture, sample_rate = compose(duration_s=20.0).mixture, 44100
folder = Path(sys.argv[2] if len(sys.argv) > 2 else "stems")
folder.mkdir(parents=True, exist_ok=True)

separator = Separator.from_preset(sample_rate=sample_rate, channels=len(mixture))
stems = separator.separate(mixture)
for name, stem in zip(separator.stems, stems, strict=True):
    soundfile.write(folder / f"{name}.wav", stem.T, sample_rate, subtype="FLOAT")
    print(f"{folder / name}.wav: {stem.shape[1] / sample_rate:.1f} s")
