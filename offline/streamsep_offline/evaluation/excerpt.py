"""A stretch of a song through anything that separates, on the scale of share closed."""

from __future__ import annotations

import math

from streamsep_offline.data.song import Song
from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.evaluation.results import SongResult
from streamsep_offline.evaluation.score import score_stems
from streamsep_offline.evaluation.songs import read_song


def score_excerpt(
    estimate: Estimate, song: Song, start_s: float = 0.0, duration_s: float | None = None
) -> SongResult:
    """Scores of a song; stems that hardly sound are left out, and all of them where the song has ended.

    Args:
        estimate: Separates it.
        song: With known stems.
        start_s: Where to start.
        duration_s: How much to take; None takes all.
    """
    audio = read_song(song, start_s, duration_s)
    n = audio.references.shape[-1]
    results = score_stems(audio, *estimate(audio), ("share",)) if n else ()
    sounding = tuple(r for r in results if not math.isnan(r.share_closed))
    return SongResult(song.name, song.kind, n / audio.sample_rate, sounding)
