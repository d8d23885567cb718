"""Samples for a journey: only what the wanted lists may use, only as long as it is used, as Opus.

The copy has the folders and names of the original, whatever its files hold, so the maker finds everything
where it looks for it. Opus keeps 20 kHz at these rates; what is about as small already is copied. Your own
samples (`mine`) stay at home.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import soundfile as sf
import soxr

from streamsep_offline.maker.kits import ACOUSTIC_KITS, ELECTRONIC, snare_name
from streamsep_offline.maker.sampler import RECORDINGS
from streamsep_offline.maker.splits import split_of
from streamsep_offline.maker.voices.sampled import CHOIRS
from streamsep_offline.maker.voices.singers import SINGERS

_OPUS_HZ = 48000
_WORTH = 0.9
"""A file is coded anew if that makes it smaller than this share of itself."""

_HIT_S, _NOTE_S, _TEXTURE_S, _LOOP_S = 2.6, 6.6, 12.6, 20.6
"""Longest part that is used, with room for the silence before an onset."""

_TEXT = (".sfz", ".mid", ".md", ".txt", "")
"""Files that are copied: what maps and names the others, licences, performances."""


@dataclass(frozen=True)
class Form:
    """What is kept of a file.

    Attributes:
        longest_s: From its beginning.
        is_mono: Only the mean of its channels is used.
        level: Of libsndfile's Opus, 0 (best) to 1.
    """

    longest_s: float
    is_mono: bool
    level: float


_HIT, _NOTE = Form(_HIT_S, False, 0.9), Form(_NOTE_S, True, 0.91)


def form_of(place: PurePosixPath, splits: Collection[str], album_s: float) -> Form | None:
    """What of a sample travels; None where no wanted list uses it.

    Args:
        place: Below the folder of samples.
        splits: Wanted lists.
        album_s: How much of each recorded song.
    """
    used = [form for split, form in _uses(place, album_s) if split in splits]
    if not used:
        return None
    return Form(
        max(form.longest_s for form in used),
        all(form.is_mono for form in used),
        min(form.level for form in used),
    )


def travelling_samples(
    samples: Path,
    output: Path,
    splits: Collection[str],
    album_s: float = 120.0,
    report: Callable[[str], None] = lambda name: None,
) -> dict[str, int]:
    """Write the copy; bytes by folder.

    Args:
        samples: Folder of samples.
        output: Where; need not exist.
        splits: Wanted lists, "train" and "select" to train a model.
        album_s: How much of each recorded song.
        report: Told each file.
    """
    sizes: dict[str, int] = {}
    for path in sorted(p for p in samples.rglob("*") if p.is_file()):
        place = path.relative_to(samples)
        form = form_of(PurePosixPath(place.as_posix()), splits, album_s)
        if form is None:
            continue
        report(place.as_posix())
        target = output / place
        target.parent.mkdir(parents=True, exist_ok=True)
        coded = None if path.suffix.lower() in _TEXT else _coded(path, form)
        if coded is None or len(coded) > _WORTH * path.stat().st_size:
            shutil.copyfile(path, target)
        else:
            target.write_bytes(coded)
        folder = "/".join(place.parts[:2]) if len(place.parts) > 2 else place.parts[0]
        sizes[folder] = sizes.get(folder, 0) + target.stat().st_size
    return sizes


def _coded(path: Path, form: Form) -> bytes:
    with sf.SoundFile(path) as file:
        rate = file.samplerate
        audio = file.read(round(form.longest_s * rate), dtype="float32", always_2d=True)
    audio = audio.mean(axis=1, keepdims=True) if form.is_mono else audio[:, :2]
    n_fade = min(len(audio), rate // 100)
    if len(audio) >= round(form.longest_s * rate):
        audio[len(audio) - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)[:, None]
    if rate != _OPUS_HZ:
        audio = soxr.resample(audio, rate, _OPUS_HZ)
    coded, n_channels = io.BytesIO(), audio.shape[1]
    kind = {"format": "OGG", "subtype": "OPUS", "compression_level": form.level}
    with sf.SoundFile(coded, "w", _OPUS_HZ, n_channels, **kind) as writer:
        writer.write(np.clip(audio, -1.0, 1.0))
    return coded.getvalue()


def _uses(place: PurePosixPath, album_s: float) -> Iterator[tuple[str, Form]]:
    """Lists that may use a file, and what of it."""
    folder, name = place.parent.as_posix(), place.stem
    if place.suffix.lower() in _TEXT:
        performer = folder == "midi/groove" and place.suffix == ".mid"
        for split in [split_of("drummer", name.split("__")[0])] if performer else _ALL:
            yield split, _HIT
    elif folder.startswith("cc0-album/"):
        yield split_of("album-song", place.parts[1]), Form(album_s, False, 0.93)
    elif folder == "cc0-multitrack":
        yield "train", Form(album_s, False, 0.95)
    elif folder == "drums/frankensnare":
        yield split_of("snare", snare_name(name)), _HIT
    elif folder == "drums/uzu":
        yield split_of("uzu-hit", name), _HIT
    elif folder == "one-shots-cc0":
        yield from _one_shot(place)
    for kit, (kit_folder, _, pieces) in ACOUSTIC_KITS.items():
        if folder == kit_folder and (kit != "sonic-pi-acoustic" or _fits(place, pieces)):
            yield split_of("kit", kit), _HIT
    for instrument, recording in RECORDINGS.items():
        if folder == recording.folder and re.search(recording.pattern, name):
            yield _split_of_instrument(instrument), _NOTE
    for choir, (choir_folder, pattern, _) in CHOIRS.items():
        if folder == f"voices/{choir_folder}" and place.match(pattern):
            yield split_of("sung-notes", choir), _NOTE
    for who, singer in SINGERS.items():
        if folder == f"voices/{singer.folder}" and any(place.match(p) for p in singer.patterns):
            yield split_of("singer", who), Form(singer.longest_s, True, 0.9)


_ALL = ("train", "select", "report")


def _one_shot(place: PurePosixPath) -> Iterator[tuple[str, Form]]:
    name, split = place.stem, split_of("one-shot", place.stem)
    if name.startswith("loop_"):
        yield split, Form(_LOOP_S, False, 0.9)
    elif name.startswith(("ambi_", "guit_")):
        yield split, Form(_TEXTURE_S, False, 0.9)
    elif _fits(place, ELECTRONIC):
        yield split, _HIT


def _fits(place: PurePosixPath, pieces: dict[str, tuple[str, ...]]) -> bool:
    return any(
        place.match(f"{pattern}.ogg") for patterns in pieces.values() for pattern in patterns
    )


def _split_of_instrument(name: str) -> str:
    """Whatever it is played as: names of instruments are unique."""
    found = {split_of(kind, name) for kind in ("bass", "guitar", "sax", "keys")} - {"train"}
    return found.pop() if found else "train"
