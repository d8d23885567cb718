"""What pieces have in common: a chance, checked ranges, and what they change."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.parts import join, split
from streamsep_offline.data.example import Example
from streamsep_offline.tables import check_numbers, number


@dataclass(frozen=True)
class Piece(ABC):
    """One variation.

    Attributes:
        chance: That it happens, 0 to 1; 0 returns the example as it is.
    """

    chance: float = number(1.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        check_numbers(self, f"augment '{self.kind}'")

    @property
    def kind(self) -> str:
        """Its name in a recipe."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @abstractmethod
    def __call__(self, rng: np.random.Generator, example: Example, sample_rate: int) -> Example:
        """An example of the same shapes.

        Args:
            rng: Random numbers; the same ones give the same example.
            example: Is not modified, but may be returned as it is.
            sample_rate: In Hz.
        """


@dataclass(frozen=True)
class EachPart(Piece):
    """A piece that changes every part by itself.

    Attributes:
        chance: That a part is changed; every part draws for itself.
        only: Stems concerned, by index or, in a recipe, by name; None is all, and what is left over.
    """

    only: tuple[int, ...] | None = None

    def __call__(self, rng: np.random.Generator, example: Example, sample_rate: int) -> Example:
        """See `Piece`."""
        parts = split(example)
        chosen = rng.random(len(parts)) < self.chance
        if self.only is not None:
            chosen &= np.isin(np.arange(len(parts)), self.only)
        chosen = self.choose(rng, chosen)
        if not chosen.any():
            return example
        for j in np.flatnonzero(chosen):
            parts[j] = self.change(rng, parts[j], sample_rate)
        return join(parts, len(example.stems))

    def choose(self, rng: np.random.Generator, chosen: np.ndarray) -> np.ndarray:
        """Which parts are changed, of those that chance has chosen. Boolean [parts] -> same"""
        return chosen

    @abstractmethod
    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """One part anew. float32 [channels, samples] -> same shape"""


@dataclass(frozen=True)
class AllParts(Piece):
    """A piece that changes all parts together, so that they belong together afterwards.

    Attributes:
        chance: That an example is changed.
    """

    def __call__(self, rng: np.random.Generator, example: Example, sample_rate: int) -> Example:
        """See `Piece`."""
        if rng.random() >= self.chance:
            return example
        return join(self.change(rng, split(example), sample_rate), len(example.stems))

    @abstractmethod
    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """All parts anew. float32 [parts, channels, samples] -> same shape; the argument may be used up"""


@dataclass(frozen=True)
class HeardOnly(Piece):
    """A piece that changes what the model hears, while what it should find stays.

    Attributes:
        chance: That an example is changed.
    """

    def __call__(self, rng: np.random.Generator, example: Example, sample_rate: int) -> Example:
        """See `Piece`."""
        if rng.random() >= self.chance:
            return example
        heard = self.hear(rng, example.mixture, sample_rate)
        return Example(heard.astype(np.float32, copy=False), example.stems)

    @abstractmethod
    def hear(self, rng: np.random.Generator, mixture: np.ndarray, sample_rate: int) -> np.ndarray:
        """The mixture anew. float32 [channels, samples] -> same shape"""
