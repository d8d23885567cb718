"""Pitched instruments from recorded notes: which files, at which pitch, how they are played."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streamsep_offline.maker.kernels import add_resampled
from streamsep_offline.maker.looping import prolonged
from streamsep_offline.maker.notes import Note, pitch_in_name, to_samples
from streamsep_offline.maker.phrasing import BLOCK, Expression, curves, is_tied
from streamsep_offline.maker.studio import Studio

_SFZ_REGION = re.compile(r"sample=(\S+\.ogg).*pitch_keycenter=(\d+)")


@dataclass(frozen=True)
class Recording:
    """Where the notes of an instrument are.

    Attributes:
        folder: Below the samples folder.
        pattern: Regular expression that a file's stem must match.
        octaves: What to add to the pitch in a file's name; measured, some names are an octave off.
        source: Key of `manifest.LICENCES`.
        is_blown: Sounds as long as it is played: short recordings may be prolonged.
    """

    folder: str
    pattern: str = "."
    octaves: int = 0
    source: str = "Karoryfer"
    is_blown: bool = False


_BANK = "Discord-SFZ-GM-Bank"
RECORDINGS: dict[str, Recording] = {
    "electric-bass": Recording("instruments/electric-bass"),
    "growlybass": Recording("bass/growlybass", "^(?!.*staccato)", -1),
    "growlybass-staccato": Recording("bass/growlybass", "staccato", -1),
    "pastabass-fetuccine": Recording("bass/pastabass", "fetuccine", -1),
    "pastabass-linguine": Recording("bass/pastabass", "linguine", -1),
    "pastabass-spaghetti": Recording("bass/pastabass", "spaghetti", -1),
    "pastabass-tagliatelle": Recording("bass/pastabass", "tagliatelle", -1),
    "meatbass-pizz": Recording("bass/meatbass-pizz"),
    "meatbass-arco": Recording("bass/meatbass-arco"),
    "steel-guitar": Recording("instruments/steel-guitar", source=_BANK),
    "emilyguitar": Recording("guitar/emilyguitar"),
    "shinyguitar-mic": Recording("guitar/shinyguitar-mic"),
    "shinyguitar-pickup": Recording("guitar/shinyguitar-pickup"),
    "black": Recording("guitar/black-and-green", "black_ord", -1),
    "black-staccato": Recording("guitar/black-and-green", "black_stac", -1),
    "green": Recording("guitar/black-and-green", "green_ord", -1),
    "bear": Recording("sax/bear", r"_vl\d|looped|subtone", 1, is_blown=True),
    "weresax": Recording("sax/weresax", octaves=1, is_blown=True),
    "grand-piano": Recording(
        "instruments/grand-piano", source="Alexander Holm, Salamander Grand Piano"
    ),
    "electric-piano": Recording("instruments/electric-piano", source=_BANK),
    "tremolo-strings": Recording("instruments/tremolo-strings", source=_BANK),
    "pizzicato-strings": Recording("instruments/pizzicato-strings", source=_BANK),
}
"""Every sampled instrument; pitches come from an .sfz file where there is one, else from names."""


def keys(studio: Studio, name: str) -> dict[int, list[Path]]:
    """Files of an instrument by MIDI pitch, soft to loud; empty where it is not installed."""
    return _keys(studio.folder, name)


@functools.lru_cache(maxsize=256)
def _keys(folder: Path | None, name: str) -> dict[int, list[Path]]:
    """Looked up once: a folder of samples does not change while songs are made."""
    studio, recording = Studio(folder), RECORDINGS[name]
    found: dict[int, list[Path]] = {}
    maps = studio.files(recording.folder, "*.sfz")
    if maps:
        for line in maps[0].read_text(errors="ignore").splitlines():
            region = _SFZ_REGION.search(line)
            if region and (maps[0].parent / region[1]).exists():
                found.setdefault(int(region[2]), []).append(maps[0].parent / region[1])
        return found
    for path in studio.files(recording.folder, "*.ogg"):
        pitch = pitch_in_name(path.stem)
        if pitch is not None and re.search(recording.pattern, path.stem):
            found.setdefault(pitch + 12 * recording.octaves, []).append(path)
    return {pitch: sorted(files, key=_loudness) for pitch, files in found.items()}


def _loudness(path: Path) -> tuple[int, str]:
    """Order of dynamics in file names: pp, p, mp, mf, f, ff, or the number after "vl"."""
    words = path.stem.lower().split("_")
    for rank, mark in enumerate(("pp", "p", "mp", "mf", "f", "ff")):
        if mark in words:
            return rank, path.stem
    level = re.search(r"vl(\d+)", path.stem)
    return (int(level[1]) if level else 0), path.stem


def play(
    studio: Studio,
    name: str,
    notes: Sequence[Note],
    n_samples: int,
    detune: float = 0.0,
    release_s: float = 0.08,
) -> np.ndarray:
    """A part on a sampled instrument, mono, [samples].

    Args:
        studio: Where the samples are.
        name: A key of `RECORDINGS`.
        notes: What to play; each takes the recording nearest in pitch, the layer of its velocity.
        n_samples: Length.
        detune: Semitones by which the part is out of tune.
        release_s: Fade after the end of a note.
    """
    output = np.zeros(n_samples, np.float32)
    files = keys(studio, name)
    pitches = np.array(sorted(files))
    for note in notes if len(pitches) else ():
        centre = int(pitches[np.argmin(np.abs(pitches - note.pitch))])
        layers = files[centre]
        path = layers[min(len(layers) - 1, int(note.velocity * len(layers)))]
        ratio = 2.0 ** ((note.pitch - centre + detune) / 12.0)
        n_played = to_samples(note.duration_s + release_s)
        add_resampled(
            output,
            studio.sample(path, is_mono=True)[0],
            to_samples(note.start_s),
            np.full(n_played, ratio),
            0,
            min(n_played, to_samples(release_s)),
            note.velocity,
        )
    return output


def play_line(
    studio: Studio,
    name: str,
    notes: Sequence[Note],
    n_samples: int,
    expression: Expression,
    rng: np.random.Generator,
    release_s: float = 0.06,
) -> np.ndarray:
    """A single line with glides, vibrato and the like, mono, [samples].

    A tied note starts without its attack, faded into the one before.

    Args:
        studio: Where the samples are.
        name: A key of `RECORDINGS`.
        notes: What to play, one after the other.
        n_samples: Length.
        expression: The player's habits.
        rng: Draws what the player does where.
        release_s: Fade after the end of a note.
    """
    output = np.zeros(n_samples, np.float32)
    files = keys(studio, name)
    pitches = np.array(sorted(files))
    if not len(pitches):
        return output
    before: Note | None = None
    for note, curve in zip(notes, curves(notes, expression, release_s, rng), strict=True):
        centre = int(pitches[np.argmin(np.abs(pitches - note.pitch))])
        layers = files[centre]
        layer = np.clip(note.velocity + rng.normal(0.0, 0.12), 0.0, 0.999)
        sample = studio.sample(layers[int(layer * len(layers))], is_mono=True)[0]
        n_played = to_samples(note.duration_s + release_s)
        places = np.arange(n_played) / BLOCK
        offset = np.interp(places, np.arange(len(curve)), curve)
        ratios = 2.0 ** ((note.pitch - centre + offset) / 12.0)
        n_needed = int(ratios.sum()) + 8
        tied = is_tied(before, note)
        skipped = min(to_samples(0.05), len(sample) // 4) if tied else 0
        if RECORDINGS[name].is_blown:
            sample = prolonged(sample, centre, n_needed + skipped)
        add_resampled(
            output,
            sample[skipped:],
            to_samples(note.start_s),
            ratios,
            to_samples(0.025) if tied else 0,
            min(n_played, to_samples(release_s)),
            note.velocity,
        )
        before = note
    return output
