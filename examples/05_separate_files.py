"""Separate whole songs in the best quality, as karaoke: the singer, and all the rest.

    python examples/05_separate_files.py song.mp3 another.flac

Needs no torch with the bundled models; MODEL in the environment may name a folder of Open-Unmix networks.
Without arguments it takes ten seconds of a song that streamsep composes itself.
"""

import os
import sys
from pathlib import Path

import soundfile

from streamsep.song import compose
from streamsep_offline import SeparationSettings, separate_file

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

songs = [Path(name) for name in sys.argv[1:]]
if not songs:
    songs = [Path("composed.wav")]
    soundfile.write(songs[0], compose(duration_s=10.0).mixture.T, 44100)

settings = SeparationSettings(model=os.environ.get("MODEL"), two_stems="vocals")
for song in songs:

    def show(done_s: float, total_s: float | None, song: Path = song) -> None:
        """Told after every block; to cancel, raise here."""
        print(f"{song.name}: {done_s:.0f} of {total_s or 0:.0f} s")

    result = separate_file(song, "separated", settings, progress=show)
    for path in result.outputs:
        print(f"{result.status}: {path}")
