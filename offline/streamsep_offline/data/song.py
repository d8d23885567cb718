"""A song with known stems, whatever files they are in: read at any place, at one rate, in stereo."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from streamsep.errors import AudioFileError
from streamsep_offline.data.piece import AV_SUFFIXES, SUFFIXES, Piece, look
from streamsep_offline.data.store import Store

STEM_NAMES = ("vocals", "drums", "bass", "piano", "other", "accompaniment")
"""Stems that a song's folder may hold; stems are ordered like this, others follow by name."""

MIXTURE_NAMES = ("mixture", "mix")
"""Names of a file that is the whole song."""

_TRIES = 3
"""A song that is rendered when read may be thrown out by another process before it was opened."""


@dataclass(frozen=True)
class Song:
    """A song with known stems; holds no handles, so it may be pickled and forked.

    It is as long as its longest stem, at most as long as its mixture where that is a file: a stem that
    ends earlier is silent from there on. Mono files are both sides.

    Attributes:
        name: Of the song.
        pieces: What each stem is the sum of, in the order of the stems.
        mixture: What the mixture is the sum of; empty where it is the sum of the stems.
        kind: Of music, "" if unknown.
        rate: In Hz, at which it is read; None takes that of the first file.
        store: What reads its files.
        known_s: Its length in seconds, where that is known without looking at files.
        prepare: Called before its files are looked at: renders them where they are not there yet.
    """

    name: str
    pieces: Mapping[str, tuple[Piece, ...]]
    mixture: tuple[Piece, ...] = ()
    kind: str = ""
    rate: int | None = None
    store: Store = field(default_factory=Store)
    known_s: float | None = None
    prepare: Callable[[], None] | None = None

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the stems."""
        return tuple(self.pieces)

    @cached_property
    def sample_rate(self) -> int:
        """In Hz; raises as `read` does."""
        if self.rate is not None:
            return self.rate
        self._prepare()
        return look(next(piece for pieces in self.pieces.values() for piece in pieces)).sample_rate

    @cached_property
    def n_samples(self) -> int:
        """Its length at its rate; looks at every file's header, and raises as `read` does."""
        if self.known_s is not None:
            return round(self.known_s * self.sample_rate)
        self._prepare()

        def longest(pieces: Sequence[Piece]) -> int:
            return max(self.store.length(piece, self.sample_rate) for piece in pieces)

        n = longest([piece for pieces in self.pieces.values() for piece in pieces])
        return min(n, longest(self.mixture)) if self.mixture else n

    def read(self, start_s: float = 0.0, duration_s: float | None = None) -> tuple[np.ndarray, int]:
        """The stems, or as much of the part as there is, and their rate.

        Args:
            start_s: Seconds to skip.
            duration_s: Seconds to take; None takes the rest.

        Returns:
            float32 [stems, 2, n]; the rate in Hz.

        Raises:
            AudioFileError: A file is missing, unreadable, or at a rate that is refused.
        """
        start, n = self.part(start_s, duration_s)
        stems = [self.read_stem(k, start, n) for k in range(len(self.stems))]
        return np.stack(stems), self.sample_rate

    def part(self, start_s: float = 0.0, duration_s: float | None = None) -> tuple[int, int]:
        """First sample and count of samples of a part, as far as the song reaches; see `read`."""
        start = min(round(start_s * self.sample_rate), self.n_samples)
        n = self.n_samples - start
        if duration_s is not None:
            n = min(n, round(duration_s * self.sample_rate))
        return start, n

    def read_stem(self, stem: int | str, start: int, n: int) -> np.ndarray:
        """An excerpt of a stem; silent where the song has no such stem, and outside its files.

        Args:
            stem: Name, or index in `stems`.
            start: First sample, at least 0.
            n: Samples.

        Returns:
            float32 [2, n]

        Raises:
            AudioFileError: As `read`.
        """
        name = self.stems[stem] if isinstance(stem, int) else stem
        return self._sum(self.pieces.get(name, ()), start, n)

    def read_mixture(self, start: int, n: int) -> np.ndarray:
        """An excerpt of the mixture's files, or of the sum of the stems where it has none. [2, n]."""
        pieces = self.mixture or [piece for group in self.pieces.values() for piece in group]
        return self._sum(pieces, start, n)

    def lumped(self, names: Sequence[str], rest: str) -> Song:
        """The same song with all stems that are not named summed into one.

        Args:
            names: Stems that stay, in this order where the song has them.
            rest: Name of the sum of the others; joins a stem of that name.
        """
        pieces = {name: self.pieces[name] for name in names if name in self.pieces}
        others = [piece for n, group in self.pieces.items() if n not in pieces for piece in group]
        if others:
            pieces[rest] = (*pieces.get(rest, ()), *others)
        return replace(self, pieces=pieces)

    def grouped(self, groups: Mapping[str, Sequence[str]]) -> Song:
        """The same song with its stems summed into others; stems it lacks are silent.

        Args:
            groups: Names of stems that are summed, by the name of the sum.
        """
        pieces = {
            name: tuple(piece for stem in group for piece in self.pieces.get(stem, ()))
            for name, group in groups.items()
        }
        return replace(self, pieces=pieces)

    def _sum(self, pieces: Sequence[Piece], start: int, n: int) -> np.ndarray:
        for _ in range(_TRIES - 1 if self.prepare is not None else 0):
            with contextlib.suppress(AudioFileError):
                return self._sum_of_files(pieces, start, n)
        return self._sum_of_files(pieces, start, n)

    def _sum_of_files(self, pieces: Sequence[Piece], start: int, n: int) -> np.ndarray:
        self._prepare()
        audio = np.zeros((2, n), np.float32)
        for k, piece in enumerate(pieces):
            part = self.store.read(piece, start, n, self.sample_rate)
            audio = part if k == 0 else audio + part
        return audio

    def _prepare(self) -> None:
        if self.prepare is not None:
            self.prepare()


def order_stems(names: Sequence[str]) -> list[str]:
    """Names in the order of `STEM_NAMES`, the others behind by name."""
    known = [name for name in STEM_NAMES if name in names]
    return known + sorted(set(names) - set(known))


def audio_files(folder: Path) -> dict[str, Path]:
    """Audio files in a folder by their name without suffix; of several the best format is taken."""
    suffixes = SUFFIXES + AV_SUFFIXES
    found = [p for p in folder.iterdir() if p.suffix.lower() in suffixes and p.is_file()]
    found.sort(key=lambda p: (-suffixes.index(p.suffix.lower()), p.name))
    return {p.stem: p for p in found if not p.name.startswith(".")}


def song_in(folder: Path, store: Store | None = None, rate: int | None = None) -> Song | None:
    """The song whose stems are files of a folder named like `STEM_NAMES`; None if fewer than two are.

    A mixture in the folder is not read: the mixture is the sum of the stems.

    Args:
        folder: Of the song.
        store: What reads its files.
        rate: In Hz; None takes that of the first file.
    """
    files = audio_files(folder)
    names = order_stems([name for name in STEM_NAMES if name in files])
    if len(names) < 2:
        return None
    pieces = {name: (Piece(files[name]),) for name in names}
    return Song(folder.name, pieces, (), kind_of(folder), rate, store or Store())


def open_song(folder: Path, stems: Sequence[str], rate: int | None = None) -> Song:
    """A song from its folder, with the stems asked for, in that order.

    Raises:
        AudioFileError: A stem is missing.
    """
    files = audio_files(folder) if folder.is_dir() else {}
    for name in stems:
        if name not in files:
            raise AudioFileError(f"{folder} has no file of '{name}'; render or copy it again")
    return Song(
        folder.name, {name: (Piece(files[name]),) for name in stems}, (), kind_of(folder), rate
    )


def find_songs(folder: Path, store: Store | None = None, rate: int | None = None) -> Iterator[Song]:
    """Songs below a folder (or the folder itself), by path; see `song_in`.

    Raises:
        AudioFileError: There is none.
    """
    found = 0
    for directory in sorted({folder, *(p for p in folder.rglob("*") if p.is_dir())}):
        song = song_in(directory, store, rate) if directory.is_dir() else None
        if song is not None:
            found += 1
            yield song
    if not found:
        raise AudioFileError(
            f"no songs below {folder}; expected folders with two or more of "
            f"{', '.join(STEM_NAMES)} ({', '.join(SUFFIXES)})"
        )


def kind_of(folder: Path) -> str:
    """Kind of music that the maker's manifest names, "" where there is none."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return str(manifest["style"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
