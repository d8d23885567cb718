"""Scores of a preset on songs with known stems, through the streaming engine, on the scale of `share closed`.

Share closed = (SDR - base) / (SDR of the ideal mask - base), base = doing nothing: for each stem, means
over songs first, then the mean over stems.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from streamsep import Separator
from streamsep.scores import StemScore, score_stems
from streamsep_offline.data.song import Song


@dataclass(frozen=True)
class SongScore:
    """Scores of one song; stems whose reference hardly sounds are left out."""

    song: str
    stems: tuple[StemScore, ...]


def evaluate_song(
    separator: Separator, song: Song, start_s: float = 0.0, duration_s: float | None = None
) -> SongScore:
    """Separate a song block by block as a live stream, and score every stem that it has.

    Args:
        separator: Reset by this; stereo.
        song: Its stems sum to the mixture.
        start_s: Where to start.
        duration_s: How much to take; None takes all.
    """
    references, rate = song.read(start_s, duration_s)
    stems = separator.separate(references.sum(axis=0), rate)
    estimates = np.stack([gather(separator.stems, stems, name, song.stems) for name in song.stems])
    scores = score_stems(song.stems, references, estimates, rate)
    return SongScore(song.name, tuple(s for s in scores if not math.isnan(s.nothing_db)))


def gather(
    names: tuple[str, ...], stems: np.ndarray, wanted: str, present: Iterable[str]
) -> np.ndarray:
    """The estimate of one reference: its stem, or the sum of all that the references lump together.

    Args:
        names: Of the separator's stems.
        stems: [stems, channels, n]
        wanted: Name of the reference.
        present: Names of all references of the song.
    """
    if wanted in names:
        lumped = {wanted}
        if wanted == "other":  # a song without a piano stem has the piano in its others
            lumped |= {n for n in names if n not in present and n == "piano"}
    else:
        lumped = {n for n in names if n not in present}
    return stems[[j for j, n in enumerate(names) if n in lumped]].sum(axis=0)


def mean_by_stem(scores: Iterable[SongScore]) -> list[StemScore]:
    """Means over songs, a row per stem, in the order of first appearance."""
    rows: dict[str, list[StemScore]] = defaultdict(list)
    for song in scores:
        for score in song.stems:
            rows[score.stem].append(score)
    return [
        StemScore(
            stem,
            float(np.mean([s.nothing_db for s in group])),
            float(np.mean([s.estimate_db for s in group])),
            float(np.mean([s.ideal_db for s in group])),
        )
        for stem, group in rows.items()
    ]


def share_closed(means: Iterable[StemScore]) -> float:
    """Mean over stems of the share closed, 1 is the ideal mask."""
    return float(np.mean([score.share_closed for score in means]))
