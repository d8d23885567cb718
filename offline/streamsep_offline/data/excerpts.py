"""Examples cut from songs: deterministic per (seed, epoch, index), whoever reads them and in what order.

Train: every song is drawn equally often. A coherent excerpt has all stems from one place of one song;
in a remixed one every stem comes from any place of any song. Where not all songs fit the disk, both
take songs from a window that moves along a shuffled list of them. By activity, a place is drawn anew while
too little sounds there. Valid: the same places in every epoch, spread evenly over each song, or whole
songs. The mixture is the song's own file where the layout says so and the excerpt is coherent, else
the sum of the stems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from streamsep.errors import ParameterError
from streamsep_offline.data.example import Example
from streamsep_offline.data.layouts import find_layout
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song
from streamsep_offline.data.targets import Plan, plan_targets
from streamsep_offline.data.window import songs_in_window

__all__ = ["Augment", "DataSettings", "Example", "Excerpts", "open_excerpts", "open_songs"]

Augment = Callable[[np.random.Generator, Example, int], Example]
"""Changes an example; never modifies its arguments."""

_SOUNDING = 1e-5
"""Power above which a stem sounds, -50 dB."""

_TRIALS = 8

_KEPT_SILENT = 0.15
"""Chance that a place is taken though too little sounds there: silence is to be learned too."""

_SPLIT_WORDS = {"train": 0, "valid": 1}


@dataclass(frozen=True)
class Excerpts:
    """Examples of a split; holds no handles and no state, so it may be pickled and forked.

    Attributes:
        stems: Of every example; see `targets`.
        songs: Drawn from.
        plan: Which stems of the songs make which stems of an example.
        split: "train" or "valid".
        settings: What decides.
        is_loose: Songs are single stems that do not belong together.
        augment: Applied to every example.
        window: How many songs training examples are drawn from at a time; None takes all.
    """

    stems: tuple[str, ...]
    songs: tuple[Song, ...]
    plan: Plan
    split: str
    settings: DataSettings
    is_loose: bool = False
    augment: Augment | None = None
    window: int | None = None

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self.settings.sample_rate

    @property
    def channels(self) -> int:
        """1 or 2."""
        return self.settings.channels

    def __len__(self) -> int:
        """Examples per epoch."""
        n_tracks = len(self._pools[0])
        if self.split == "train":
            return self.settings.examples or n_tracks * self.settings.samples_per_track
        return n_tracks * (self.settings.valid_per_track if self.settings.valid_seconds else 1)

    def read(self, epoch: int, index: int) -> Example:
        """One example.

        Args:
            epoch: At least 0; validation examples are the same in all.
            index: 0 to `len`.

        Raises:
            ParameterError: The index is out of range.
            AudioFileError: A file is unreadable.
        """
        if not 0 <= index < len(self):
            raise ParameterError(f"example {index} of {len(self)}; count from 0")
        is_train = self.split == "train"
        epoch = epoch if is_train else 0
        rng = np.random.default_rng((self.settings.seed, _SPLIT_WORDS[self.split], epoch, index))
        is_fixed = not is_train and not self.is_loose
        example = self._valid(index) if is_fixed else self._train(rng, epoch, index)
        if self.channels == 1:
            example = Example(*(part.mean(axis=-2, keepdims=True) for part in example))
        if self.augment is not None:
            example = self.augment(rng, example, self.sample_rate)
        return example

    def _n_samples(self) -> int:
        seconds = self.settings.seconds
        if self.split == "valid":
            seconds = self.settings.valid_seconds or seconds
        return round(seconds * self.sample_rate)

    def _train(self, rng: np.random.Generator, epoch: int, index: int) -> Example:
        is_coherent = not self.is_loose and rng.random() < self.settings.coherent
        if self.window is None:
            song, pools = self._song(epoch, index), self._pools
        else:
            n, seed = len(self), self.settings.seed
            near = songs_in_window(self.songs, epoch * n + index, n, self.window, seed)
            song, pools = near[rng.integers(len(near))], [near] * len(self._pools)
        return self._coherent(rng, song) if is_coherent else self._remixed(rng, song, pools)

    def _song(self, epoch: int, index: int) -> Song:
        """Songs in an order that is shuffled anew each time all have had their turn."""
        pool = self._pools[0]
        turn, place = divmod(epoch * len(self) + index, len(pool))
        rng = np.random.default_rng((self.settings.seed, 2, turn))
        return pool[rng.permutation(len(pool))[place]]

    @cached_property
    def _pools(self) -> list[list[Song]]:
        """Songs that each unit may be drawn from; all, unless they are single stems."""
        units = [unit for units in self.plan.units for unit in units]
        if not self.is_loose:
            return [list(self.songs)] * len(units)
        return [[s for s in self.songs if not s.pieces.keys().isdisjoint(u)] for u in units]

    def _valid(self, index: int) -> Example:
        if not self.settings.valid_seconds:
            song = self.songs[index]
            return self._cut(song, 0, song.n_samples)
        song_index, place = divmod(index, self.settings.valid_per_track)
        song, n = self.songs[song_index], self._n_samples()
        gap = max(song.n_samples - n, 0) / (self.settings.valid_per_track + 1)
        return self._cut(song, round(gap * (place + 1)), n)

    def _cut(self, song: Song, start: int, n: int) -> Example:
        return self._heard(song, start, self._stems(song, start, n))

    def _stems(self, song: Song, start: int, n: int) -> np.ndarray:
        """All targets of a song, float32 [targets, 2, n]."""
        return np.stack([_sum(song, names, start, n) for names in self.plan.groups.values()])

    @staticmethod
    def _heard(song: Song, start: int, stems: np.ndarray) -> Example:
        if song.mixture:
            return Example(song.read_mixture(start, stems.shape[-1]), stems)
        return Example.from_stems(stems)

    def _coherent(self, rng: np.random.Generator, song: Song) -> Example:
        """A place where all targets but a quarter sound, or the best of some."""
        n = self._n_samples()
        wanted = len(self.stems) - len(self.stems) // 4
        best: tuple[int, int, np.ndarray] | None = None
        for _ in range(_TRIALS):
            start = _start(rng, song, n)
            stems = self._stems(song, start, n)
            n_sounding = int(np.count_nonzero(_power(stems) > _SOUNDING))
            if self._is_taken(rng, n_sounding >= wanted):
                return self._heard(song, start, stems)
            if best is None or n_sounding > best[0]:
                best = (n_sounding, start, stems)
        assert best is not None
        return self._heard(song, *best[1:])

    def _is_taken(self, rng: np.random.Generator, is_sounding: bool) -> bool:
        if is_sounding or self.settings.choose == "uniform":
            return True
        return bool(rng.random() < _KEPT_SILENT)

    def _remixed(
        self, rng: np.random.Generator, first: Song, pools_of_units: Sequence[Sequence[Song]]
    ) -> Example:
        """The first target from the song whose turn it is, the others from any of the pools."""
        pools = iter(pools_of_units)
        stems: list[np.ndarray] = []
        song = first
        for units in self.plan.units:
            parts: list[np.ndarray] = []
            for unit in units:
                pool = next(pools)
                if stems or parts:
                    song = pool[rng.integers(len(pool))]
                parts.append(self._unit(rng, song, unit))
            stems.append(np.sum(parts, axis=0))
        return Example.from_stems(self._levelled(np.stack(stems)))

    def _levelled(self, stems: np.ndarray) -> np.ndarray:
        """Stems that sound at the level that remixed ones get; the others as they are."""
        level_db = self.settings.remix_level_db
        if level_db is None:
            return stems
        power = _power(stems)
        gains = np.sqrt(10.0 ** (level_db / 10.0) / np.maximum(power, _SOUNDING))
        return stems * np.where(power > _SOUNDING, gains, 1.0).astype(np.float32)[:, None, None]

    def _unit(self, rng: np.random.Generator, song: Song, names: tuple[str, ...]) -> np.ndarray:
        n = self._n_samples()
        for _ in range(_TRIALS):
            audio = _sum(song, names, _start(rng, song, n), n)
            if self._is_taken(rng, _power(audio[None])[0] > _SOUNDING):
                break
        return audio


def open_excerpts(
    folder: Path, split: str, settings: DataSettings, augment: Augment | None = None
) -> Excerpts:
    """Excerpts of a folder of songs; looks at the header of every file.

    Args:
        folder: Of the songs, or what else the layout names.
        split: "train" or "valid".
        settings: What decides.
        augment: Applied to every example.

    Raises:
        ParameterError: The split or the layout is unknown.
        AudioFileError: There are no songs, a stem is missing, a file is unreadable or at a rate that
            is refused; the message names the file and the remedy.
    """
    if split not in _SPLIT_WORDS:
        raise ParameterError(f"split '{split}' is unknown; use train or valid")
    layout = find_layout(settings.layout, folder)
    found = layout.find(folder, split, settings)
    songs, plan = plan_targets(found, settings, layout.is_loose)
    for song in songs:
        song.n_samples  # noqa: B018 - every header is read now, not in the middle of an epoch
    window = layout.window(folder, settings) if layout.window and split == "train" else None
    return Excerpts(
        plan.stems, tuple(songs), plan, split, settings, layout.is_loose, augment, window
    )


def open_songs(folder: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split ("train", "valid", "test" or "all"), their stems as asked for.

    Raises:
        ParameterError: The split or the layout is unknown.
        AudioFileError: There are no songs, or a stem is missing.
    """
    layout = find_layout(settings.layout, folder)
    found = layout.find(folder, split, settings)
    if layout.is_loose:
        return found
    songs, plan = plan_targets(found, settings, is_loose=False)
    return [song.grouped(plan.groups) for song in songs]


def _start(rng: np.random.Generator, song: Song, n: int) -> int:
    return int(rng.integers(max(song.n_samples - n, 0) + 1))


def _sum(song: Song, names: list[str] | tuple[str, ...], start: int, n: int) -> np.ndarray:
    """Sum of stems, float32 [2, n]."""
    audio = song.read_stem(names[0], start, n)
    for name in names[1:]:
        if name in song.pieces:
            audio = audio + song.read_stem(name, start, n)
    return audio


def _power(stems: np.ndarray) -> np.ndarray:
    """Mean power of each. [stems, 2, n] -> [stems]"""
    return np.einsum("jcn,jcn->j", stems, stems) / (stems.shape[-1] * stems.shape[-2])
