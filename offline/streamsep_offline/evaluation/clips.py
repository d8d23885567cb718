"""Clips to be heard: a few seconds of a song, its stems, and what several models make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from streamsep_offline.evaluation.matching import match
from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.evaluation.players import Player, busiest, common_gain, encode
from streamsep_offline.evaluation.results import StemResult
from streamsep_offline.evaluation.score import SongAudio, score_stems
from streamsep_offline.evaluation.song_jobs import check_length
from streamsep_offline.evaluation.songs import KindSong, read_song
from streamsep_offline.evaluation.spectrogram_picture import draw, levels_db

LEAD_S = 5.0
"""Seconds of the song that models hear before the clip, as far as there are: on a stage music has begun."""

_COMPRESSION = 0.4  # less than reports have: what is heard is to be the separation, not the MP3


@dataclass(frozen=True)
class Source:
    """One thing to be heard.

    Attributes:
        player: Its stem, what it is, and its sound.
        picture: Its spectrogram, WebP.
        model: Index of the model of an estimate, -1 of anything else.
        figures: Of an estimate, as `score_stems` has them.
    """

    player: Player
    picture: bytes
    model: int = -1
    figures: StemResult | None = None


@dataclass(frozen=True)
class Clip:
    """What is heard of a song.

    Attributes:
        song: Name.
        kind: Of music; "" if unknown.
        start_s: Where in the song it begins.
        seconds: Its length.
        sources: The mixture, then for each stem the reference and the models' estimates.
    """

    song: str
    kind: str
    start_s: float
    seconds: float
    sources: tuple[Source, ...]


def choose_part(item: KindSong, start_s: float | None, duration_s: float) -> SongAudio:
    """The clip of a song, without a lead.

    Args:
        item: The song.
        start_s: Where it begins; None takes the part in which most stems sound.
        duration_s: Its length, or as much as there is.

    Raises:
        AudioFileError: A file is unreadable, or there is too little sound.
    """
    if start_s is not None:
        part = read_song(item.song, start_s, duration_s)
    else:
        whole = read_song(item.song)
        check_length(whole)
        start = busiest(whole.references, whole.sample_rate, duration_s)
        part = _cut(whole, start, round(duration_s * whole.sample_rate))
    check_length(part)
    return part


def make_clip(
    item: KindSong,
    estimates: Sequence[Estimate],
    start_s: float | None,
    duration_s: float,
    done: Callable[[], None] = lambda: None,
) -> Clip:
    """Separate, score, draw and encode a clip.

    Args:
        item: The song.
        estimates: Of each model.
        start_s: Where it begins; None takes the part in which most stems sound.
        duration_s: Its length.
        done: Called after each model.

    Raises:
        StreamsepError: A file is unreadable, or song and model do not fit.
    """
    clip = choose_part(item, start_s, duration_s)
    rate, n = clip.sample_rate, clip.references.shape[-1]
    begin_s = max(0.0, clip.start_s - LEAD_S)
    lead = round(clip.start_s * rate) - round(begin_s * rate)
    heard = read_song(item.song, begin_s, (lead + n) / rate)
    found = _Sounds(clip)
    for index, estimate in enumerate(estimates):
        names, stems = estimate(heard)
        found.add(index, names, stems[..., lead : lead + n])
        done()
    return Clip(item.name, item.kind, clip.start_s, n / rate, found.sources())


@dataclass(frozen=True)
class _Stem:
    """A reference, and by model what was estimated of it."""

    name: str
    reference: np.ndarray
    estimates: list[tuple[int, StemResult, np.ndarray]] = field(default_factory=list)


class _Sounds:
    """Sounds by stem. Models may cut a song differently: one name with two references is two stems."""

    def __init__(self, clip: SongAudio) -> None:
        self._clip = clip
        self._stems: list[_Stem] = []

    def add(self, model: int, names: Sequence[str], estimates: np.ndarray) -> None:
        """Score what a model made, and put it beside its references."""
        clip = self._clip
        results = score_stems(clip, names, estimates, ("share",))
        matched = match(clip.stems, clip.references, names, estimates)
        for result, reference, estimate in zip(
            results, matched.references, matched.estimates, strict=False
        ):
            self._stem(result.stem, reference).estimates.append((model, result, estimate))

    def _stem(self, name: str, reference: np.ndarray) -> _Stem:
        for stem in self._stems:
            if stem.name == name and np.array_equal(stem.reference, reference):
                return stem
        self._stems.append(_Stem(name, reference))
        return self._stems[-1]

    def sources(self) -> tuple[Source, ...]:
        """Everything at one gain, its pictures on one scale."""
        rows: list[tuple[str, str, int, StemResult | None]] = [("mixture", "mixture", -1, None)]
        sounds = [self._clip.mixture]
        for stem in self._stems:
            rows.append((stem.name, "reference", -1, None))
            rows += [(stem.name, "estimate", model, result) for model, result, _ in stem.estimates]
            sounds += [stem.reference, *(sound for _, _, sound in stem.estimates)]
        rate, gain = self._clip.sample_rate, common_gain(sounds)
        pictures = draw(levels_db(np.stack(sounds), rate))
        return tuple(
            Source(
                Player(stem, part, encode(gain * sound, rate, _COMPRESSION)), picture, model, result
            )
            for (stem, part, model, result), sound, picture in zip(
                rows, sounds, pictures, strict=True
            )
        )


def _cut(song: SongAudio, start: int, n: int) -> SongAudio:
    part = np.s_[..., start : start + n]
    own = None if song.own_mixture is None else song.own_mixture[part]
    return song._replace(
        references=song.references[part],
        start_s=song.start_s + start / song.sample_rate,
        own_mixture=own,
    )
