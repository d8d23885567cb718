"""A remix with plug-ins: a hall for the voice, punch for the drums, glue for the sum. Files of any length.

    python examples/06_remix_with_plug_ins.py song.wav remix.wav [PLUGIN.vst3 for the voice]

Without arguments it uses a song that streamsep composes itself and writes remix.wav. Needs pedalboard:
pip install 'streamsep[fx]'
"""

import sys

from pedalboard import Compressor, Gain, Pedalboard, Reverb, load_plugin
from pedalboard.io import AudioFile

from streamsep import Separator, StemMixer
from streamsep.song import compose

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

BLOCK = 8192
source = sys.argv[1] if len(sys.argv) > 1 else "composed.wav"
target = sys.argv[2] if len(sys.argv) > 2 else "remix.wav"
if not sys.argv[1:]:
    with AudioFile(source, "w", 44100, 2, bit_depth=24) as file:
        file.write(compose(duration_s=12.0).mixture)

with AudioFile(source) as song, AudioFile(target, "w", song.samplerate, song.num_channels) as remix:
    separator = Separator.from_preset(sample_rate=song.samplerate, channels=song.num_channels)
    mixer = StemMixer(separator.stems, song.samplerate, song.num_channels)
    mixer.fx["vocals"] = Pedalboard([Reverb(room_size=0.8, wet_level=0.3)])
    mixer.fx["drums"] = Pedalboard([Compressor(threshold_db=-24, ratio=4), Gain(4)])
    mixer.fx["mix"] = Pedalboard([Compressor(threshold_db=-16, ratio=2)])
    if sys.argv[3:]:
        mixer.fx["vocals"].append(load_plugin(sys.argv[3]))
    mixer["bass"].gain_db = 2
    blocks = (song.read(BLOCK) for _ in range(0, song.frames, BLOCK))
    for stems in separator.separate_blocks(blocks):
        remix.write(mixer(stems, song.samplerate, reset=False))
    remix.write(mixer.flush())
    print(f"{target}: {song.frames / song.samplerate:.1f} s with {', '.join(sorted(mixer.fx))}")
