"""The user's own sounds: DIR/mine/{vocals,drums,bass,piano,other}/, told apart by name and sound.

A file in a folder of its own below these belongs to that singer or instrument, and all of it to one
list; a file directly in them stands for itself. Which list that is, a hash of the name decides.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import soundfile as sf

from streamsep_offline.maker.notes import pitch_in_name
from streamsep_offline.maker.pitch import measured_pitch
from streamsep_offline.maker.studio import Studio, Take, read_audio

SOURCE = "your own samples"
FOLDER = "mine"

_PATTERNS = ("**/*.wav", "**/*.flac", "**/*.ogg", "**/*.mp3")

_PIECES: tuple[tuple[str, str], ...] = (
    ("open", r"open|\boh\b|hho"),
    ("hat", r"hat|hh\b|\bch\b|hihat"),
    ("ghost", r"rim|side.?stick|x.?stick|ghost"),
    ("clap", r"clap|\bcp\b|snap"),
    ("kick", r"kick|kik|\bbd\b|bass.?drum|\bkd\b"),
    ("snare", r"snare|\bsd\b|\bsn\b|snr"),
    ("ride", r"ride|\brd\b"),
    ("crash", r"crash|splash|china|cymbal|\bcr\b"),
    ("tom", r"\btom|\bft\b|floor"),
    ("perc", r"perc|shak|tamb|conga|bongo|bell|clave|block|cabasa|guiro|maraca"),
)
"""Words in the names of drum hits; the first that is found decides."""

_LOOP = re.compile(r"loop|groove|beat|phrase|riff|\d+\s?bpm", re.IGNORECASE)
_TEMPO = re.compile(r"(\d{2,3}(?:\.\d+)?)\s?bpm", re.IGNORECASE)
_LONGEST_HIT_S = 4.0
_LONGEST_NOTE_S = 6.0


@dataclass(frozen=True)
class OwnSound:
    """A file of the user's.

    Attributes:
        path: Of the file.
        name: Of the singer or instrument it belongs to, or its own: "bass/fretless".
        kind: "hit" of a drum, "note" of an instrument, "loop": a loop, a phrase, a texture.
        piece: Of the kit, of a hit.
        pitch: MIDI, of a note.
        bpm: Of a loop whose name says so.
    """

    path: Path
    name: str
    kind: str
    piece: str = ""
    pitch: float = 0.0
    bpm: float | None = None


def own_sounds(studio: Studio, stem: str, kind: str) -> list[OwnSound]:
    """Files of a stem and kind that the studio's split may use, by path; unreadable ones left out."""
    if studio.folder is None:
        return []
    root = studio.folder / FOLDER / stem
    found = []
    for path in studio.files(f"{FOLDER}/{stem}", *_PATTERNS):
        sound = _look(path, root, stem)
        if sound is not None and sound.kind == kind and studio.allowed("own", [sound.name]):
            found.append(sound)
    return found


def choose_group(take: Take, kind: str, piece: str = "") -> list[OwnSound]:
    """Files of one of the user's singers, kits or instruments for a stem, noted in the credits.

    Args:
        take: Of the stem.
        kind: Of sound.
        piece: Of the kit; "" takes all.
    """
    groups: dict[str, list[OwnSound]] = {}
    for sound in own_sounds(take.studio, take.stem, kind):
        if not piece or sound.piece == piece:
            groups.setdefault(sound.name, []).append(sound)
    name = take.choose("own", list(groups), SOURCE) if groups else None
    return groups[name] if name is not None else []


@functools.cache
def _look(path: Path, root: Path, stem: str) -> OwnSound | None:
    """What a file is; once per process, for it may have to be heard."""
    inside = path.relative_to(root)
    name = f"{stem}/{inside.parts[0] if len(inside.parts) > 1 else path.stem}"
    try:
        duration_s = sf.info(path).duration
    except sf.LibsndfileError:
        return None
    words = re.sub(r"[_\-.\s]+", " ", " ".join(inside.with_suffix("").parts)).lower()
    tempo = _TEMPO.search(words)
    loop = OwnSound(path, name, "loop", bpm=float(tempo[1]) if tempo else None)
    if stem == "vocals" or _LOOP.search(words):
        return loop
    if stem == "drums":
        piece = next((p for p, pattern in _PIECES if re.search(pattern, words)), None)
        if piece is None or duration_s > _LONGEST_HIT_S:
            return loop if duration_s > 1.0 else OwnSound(path, name, "hit", "perc")
        return OwnSound(path, name, "hit", piece)
    pitch = pitch_in_name(path.stem)
    if pitch is not None:
        return OwnSound(path, name, "note", pitch=float(pitch))
    if duration_s > _LONGEST_NOTE_S:
        return loop
    heard = measured_pitch(read_audio(path))
    return loop if heard is None else OwnSound(path, name, "note", pitch=heard)
