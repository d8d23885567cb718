"""A song on the `Mixture` track of an Ardour session that has none yet, from its first sample on."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from streamsep.audio.reader import open_audio
from streamsep.audio.writer import AudioWriter
from streamsep.file_resample import FileResampler
from streamsep_bridge.daw.ardour_session import find_route
from streamsep_bridge.daw.setup import MIXTURE, DawError

SUPERCLOCK = 282240000
"""Ticks per second of Ardour's time; a multiple of every usual sample rate."""

BLOCK = 65536


def add_song(folder: Path, root: Element, song: Path, sample_rate: int) -> None:
    """Copy a song into a session, at the session's rate, and put it on its track.

    Args:
        folder: Of the session.
        root: Of the session's file; changed in place.
        song: Audio file, mono or stereo.
        sample_rate: Of the session.

    Raises:
        AudioFileError: The song cannot be read, or the copy not be written.
        DawError: The session is not as Ardour makes them.
    """
    target = folder / "interchange" / folder.name / "audiofiles" / f"{song.stem}.wav"
    n_frames = _copy(song, target, sample_rate)
    track = find_route(root, MIXTURE)
    playlist = root.find(f"Playlists/Playlist[@id='{track.get('audio-playlist')}']")
    sources, regions = root.find("Sources"), root.find("Regions")
    if playlist is None or sources is None or regions is None:
        raise DawError(f"the session in {folder} has no place for a song; add it in Ardour")
    first = int(root.get("id-counter", "0"))
    for channel in range(2):
        SubElement(
            sources,
            "Source",
            {
                "name": target.name,
                "type": "audio",
                "flags": "",
                "id": str(first + channel),
                "natural-position": "a0",
                "channel": str(channel),
                "origin": "",
                "gain": "1",
            },
        )
    length = n_frames * SUPERCLOCK // sample_rate
    for at, (parent, is_whole) in enumerate(((regions, "1"), (playlist, "0"))):
        SubElement(parent, "Region", _region(song.stem, first, first + 2 + at, length, is_whole))
    root.set("id-counter", str(first + 4))


def _region(name: str, source: int, number: int, length: int, is_whole: str) -> dict[str, str]:
    """Attributes of a region that plays both channels as they are, without fades."""
    numbers = {
        f"{kind}-{channel}": str(source + channel)
        for kind in ("source", "master-source")
        for channel in range(2)
    }
    return {
        "name": name,
        "type": "audio",
        "id": str(number),
        "channels": "2",
        "start": "a0",
        "length": f"a{length}@a0",
        "sync-position": "a0",
        "ancestral-start": "a0",
        "ancestral-length": "a0@a0",
        "stretch": "1",
        "shift": "1",
        "first-edit": "nothing",
        "layering-index": "0",
        "opaque": "1",
        "automatic": is_whole,
        "whole-file": is_whole,
        **dict.fromkeys(
            ("muted", "locked", "hidden", "import", "external", "position-locked"), "0"
        ),
        **dict.fromkeys(("envelope-active", "default-fade-in", "default-fade-out"), "0"),
        **dict.fromkeys(("fade-in-active", "fade-out-active"), "0"),
        "scale-amplitude": "1",
        **numbers,
    }


def _copy(song: Path, target: Path, sample_rate: int) -> int:
    """A song as a stereo file of floats at a rate; its frames."""
    with open_audio(str(song)) as reader, AudioWriter(target, sample_rate, 2, bits=32) as writer:
        to_rate = FileResampler(reader.sample_rate, sample_rate, reader.channels)
        is_resampled = reader.sample_rate != sample_rate
        for block in reader.blocks(BLOCK):
            _write(writer, to_rate.push(block) if is_resampled else block)
        if is_resampled:
            _write(writer, to_rate.finish())
        return writer.n_frames


def _write(writer: AudioWriter, samples: np.ndarray) -> None:
    if samples.shape[1]:
        writer.write(np.broadcast_to(samples, (2, samples.shape[1])))
