"""The studio: where samples are, which a split may use, and what every part is given.

Out of scope: downloading anything. A studio without samples still plays its synthesisers.
"""

from __future__ import annotations

import os
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import platformdirs
import soundfile as sf
import soxr

from streamsep_offline.maker.manifest import Credits
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.splits import check_split, split_of

_KEPT_BYTES = 400_000_000
"""Decoded samples kept in memory."""


def samples_folder(given: str | os.PathLike | None = None) -> Path | None:
    """The folder of samples: `given`, else $STREAMSEP_AUDIO, else None."""
    chosen = given or os.environ.get("STREAMSEP_AUDIO")
    return Path(chosen) if chosen else None


def cache_folder() -> Path:
    """Where analyses of voices are kept between runs ($STREAMSEP_CACHE_DIR or the user's cache)."""
    root = os.environ.get("STREAMSEP_CACHE_DIR") or platformdirs.user_cache_dir("streamsep")
    return Path(root) / "maker"


def read_audio(path: Path) -> np.ndarray:
    """A file at 44.1 kHz, float32, [channels, samples]."""
    audio, rate = sf.read(path, dtype="float32", always_2d=True)
    if rate != SAMPLE_RATE_HZ:
        audio = soxr.resample(audio, rate, SAMPLE_RATE_HZ)
    return np.ascontiguousarray(audio.T, dtype=np.float32)


class Studio:
    """Samples on disk, seen through one split; shared by all songs of a process, not by threads.

    Args:
        folder: The folder of samples, or None.
        split: "train", "select" or "report".

    Raises:
        ParameterError: the split is unknown.
    """

    def __init__(self, folder: Path | None, split: str = "train") -> None:
        self.folder = folder
        self.split = check_split(split)
        self._decoded: OrderedDict[tuple, np.ndarray] = OrderedDict()
        self._n_bytes = 0

    def allowed(self, kind: str, names: Sequence[str]) -> list[str]:
        """Those of `names` that belong to this studio's split, in the same order."""
        return [name for name in names if split_of(kind, name) == self.split]

    def files(self, subfolder: str, *patterns: str) -> list[Path]:
        """Files of the samples folder that match any pattern, sorted; empty where it is missing."""
        if self.folder is None:
            return []
        place = self.folder / subfolder
        return sorted({path for pattern in patterns for path in place.glob(pattern)})

    def sample(self, path: Path, longest_s: float = 6.0, is_mono: bool = False) -> np.ndarray:
        """A recorded sound from its onset on, peak 1, kept in memory, [channels, samples].

        Args:
            path: The file.
            longest_s: What is later is cut, with a short fade.
            is_mono: Mix to one channel, else to two.
        """
        key = (path, longest_s, is_mono)
        if key in self._decoded:
            self._decoded.move_to_end(key)
            return self._decoded[key]
        audio = read_audio(path)
        audio = audio.mean(axis=0, keepdims=True) if is_mono or len(audio) == 1 else audio[:2]
        level = np.abs(audio).max(axis=0)
        onset = max(0, int(np.argmax(level > 0.01 * level.max())) - 40)
        audio = audio[:, onset : onset + to_samples(longest_s)] / (level.max() + 1e-9)
        n_fade = min(audio.shape[1], 400)
        audio[:, audio.shape[1] - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)
        if not is_mono and len(audio) == 1:
            audio = np.repeat(audio, 2, axis=0)
        self._keep(key, np.ascontiguousarray(audio))
        return self._decoded[key]

    def _keep(self, key: tuple, audio: np.ndarray) -> None:
        self._decoded[key] = audio
        self._n_bytes += audio.nbytes
        while self._n_bytes > _KEPT_BYTES and len(self._decoded) > 1:
            self._n_bytes -= self._decoded.popitem(last=False)[1].nbytes


@dataclass(frozen=True)
class Take:
    """What a part of a song is given: studio, plan, its own randomness, where to note credits.

    Attributes:
        studio: The samples of this split.
        plan: Tempo, chords and form.
        credits: Where ingredients are noted.
        rng: This part's generator; parts do not disturb each other's draws.
        stem: "vocals", "drums", "bass" or "other".
        seed: The words all generators of the song grow from.
    """

    studio: Studio
    plan: Plan
    credits: Credits
    rng: np.random.Generator
    stem: str
    seed: tuple[int, ...]

    def part(self, stem: str, name: str) -> Take:
        """The same song for another part, its generator grown from seed and name."""
        return replace(self, stem=stem, rng=generator(self.seed, f"{stem}/{name}"))

    def choose(
        self, kind: str, names: Sequence[str], source: str, weights: Sequence[float] | None = None
    ) -> str | None:
        """One of the ingredients the split may use, noted in the credits; None if there is none."""
        chances = dict(zip(names, weights or [1.0] * len(names), strict=True))
        allowed = self.studio.allowed(kind, names)
        if not allowed:
            return None
        p = np.array([chances[name] for name in allowed])
        name = allowed[int(self.rng.choice(len(allowed), p=p / p.sum()))]
        self.credits.add(self.stem, kind, name, source)
        return name


def generator(seed: tuple[int, ...], name: str) -> np.random.Generator:
    """A random generator for one purpose of one song."""
    return np.random.default_rng([*seed, zlib.crc32(name.encode())])


def pick(rng: np.random.Generator, chances: dict[str, float]) -> str:
    """One of the keys, with chances in proportion to the values."""
    names = list(chances)
    p = np.array([chances[name] for name in names], float)
    return names[int(rng.choice(len(names), p=p / p.sum()))]
