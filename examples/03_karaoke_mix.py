"""Karaoke while it streams: the vocals fade out after five seconds, without a click.

    python examples/03_karaoke_mix.py song.mp3 karaoke.wav

Without arguments it uses a song that streamsep composes itself and writes karaoke.wav.
"""

import sys

import soundfile

from streamsep import Separator, StemMixer
from streamsep.song import compose

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

BLOCK = 1024
if len(sys.argv) > 1:
    audio, rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
    mixture = audio.T
else:
    mixture, rate = compose(duration_s=12.0).mixture, 44100
target = sys.argv[2] if len(sys.argv) > 2 else "karaoke.wav"

separator = Separator.from_preset(sample_rate=rate, channels=len(mixture))
mixer = StemMixer(separator.stems, rate, channels=len(mixture))
with soundfile.SoundFile(target, "w", rate, len(mixture), subtype="PCM_24") as out:
    for start in range(0, mixture.shape[1], BLOCK):
        if start > 5 * rate:
            mixer["vocals"].gain_db = -24.0
        stems = separator.process(mixture[:, start : start + BLOCK])
        out.write(mixer.mix(stems).T)
    out.write(mixer.mix(separator.flush()).T)
print(f"{target}: vocals at {mixer['vocals'].gain_db:.0f} dB after 5 s")
