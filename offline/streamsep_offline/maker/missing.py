"""Which optional parts of the maker are not there, one line each with the remedy."""

from __future__ import annotations

import shutil

from streamsep_offline.maker import gm
from streamsep_offline.maker.heard import has_mp3
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.voices.world import world

_SAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "recorded drum kits": (("instruments/drum-kit", "*.ogg"), ("drums/muldjordkit", "*.ogg")),
    "performances by drummers": (("midi/groove", "*.mid"),),
    "single drum hits and loops": (("one-shots-cc0", "*.ogg"), ("drums/uzu", "*.ogg")),
    "recorded basses": (("bass", "*/*.ogg"), ("instruments/electric-bass", "*.ogg")),
    "recorded guitars": (("guitar", "*/*.ogg"),),
    "recorded pianos": (("instruments/grand-piano", "*.ogg"),),
    "recorded saxophones": (("sax", "*/*.ogg"),),
    "recorded singers": (("voices", "*/*.ogg"), ("voices", "*/*.mp3")),
    "songs with stems": (("cc0-album", "*/vocals.ogg"),),
}
"""Where each kind of sample is; one of its patterns is enough."""


def missing_parts(studio: Studio) -> list[str]:
    """One line for each optional part that is not there."""
    missing = []
    if studio.folder is None or not studio.folder.is_dir():
        missing.append(
            "samples: no folder; give --samples or set STREAMSEP_AUDIO (synthesisers only without)"
        )
    else:
        for what, places in _SAMPLES.items():
            if not any(studio.files(folder, pattern) for folder, pattern in places):
                folders = " or ".join(dict.fromkeys(folder for folder, _ in places))
                missing.append(f"{what}: none in {folders} of {studio.folder}")
    if not gm.is_available():
        missing.append("General MIDI: install fluidsynth and fluid-soundfont-gm")
    if world() is None:
        missing.append("singing by WORLD: pip install pyworld")
    else:
        for program in ("espeak-ng", "flite"):
            if shutil.which(program) is None:
                missing.append(f"speech by {program}: install {program}")
    if not has_mp3():
        missing.append("MP3 for --heard: pip install -U soundfile (Vorbis only without)")
    return missing
