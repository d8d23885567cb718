"""Produced vocals of a real album, played faster or slower."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.excerpts import varied_excerpt
from streamsep_offline.maker.studio import Take

SOURCE = "Software-Entwicklungskit, Everything is Free"
SONGS = ("caesium", "francium", "hydrogen", "potassium", "rubidium")


def songs_of(take: Take) -> list[str]:
    """Songs of the split whose vocals are there."""
    songs = take.studio.allowed("album-song", SONGS)
    return [s for s in songs if take.studio.files(f"cc0-album/{s}", "vocals.ogg")]


def sing_album(take: Take) -> np.ndarray:
    """An excerpt in which there is singing, up to four semitones off, [2, samples]."""
    song = take.choose("album-song", songs_of(take), SOURCE)
    path = take.studio.files(f"cc0-album/{song}", "vocals.ogg")[0]
    return varied_excerpt(path, take.plan.n_samples, take.rng)
