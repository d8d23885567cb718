"""What is ordered of the maker: which songs, and how they are written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from streamsep.errors import ParameterError
from streamsep_offline.maker.genres import STYLES
from streamsep_offline.maker.others import PARTS

FORMATS = ("flac", "wav")
"""Both 16 bit; FLAC takes half the space."""

SONG_S = 30.0
"""Length of a song where nobody asks for another."""

SHORTEST_S = 4.0

_MUSDB_SPLITS = {"train": "train", "select": "valid", "report": "test"}


@dataclass(frozen=True)
class Order:
    """What every song of a collection has in common.

    Attributes:
        styles: Styles to choose from; empty takes all.
        duration_s: Length of a song, at least 4 s.
        n_stems: 4, or 5: the piano is a stem of its own, and other is without it.
        heard_share: Share of the songs whose mixture file went through a codec or a microphone.
        file_format: One of `FORMATS`.
        has_mixture: Write the mixture too.
        is_musdb: Folders named as MUSDB18-HQ's: train, test (list *report*), valid (list *select*).
        instruments: Of the stems other and piano, each once at most; empty takes what suits the music.

    Raises:
        ParameterError: A value is out of range, or two do not go together.
    """

    styles: tuple[str, ...] = ()
    duration_s: float = SONG_S
    n_stems: int = 4
    heard_share: float = 0.0
    file_format: str = "flac"
    has_mixture: bool = False
    is_musdb: bool = False
    instruments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_names("style", self.styles, STYLES)
        check_names("instrument", self.instruments, PARTS)
        if self.file_format not in FORMATS:
            raise ParameterError(
                f"unknown format '{self.file_format}'; use one of {', '.join(FORMATS)}"
            )
        if not self.duration_s >= SHORTEST_S:
            raise ParameterError(
                f"a song of {self.duration_s} s is too short; use at least {SHORTEST_S:g} s"
            )
        if self.n_stems not in (4, 5):
            raise ParameterError(f"{self.n_stems} stems: expected 4, or 5 with the piano apart")
        if not 0.0 <= self.heard_share <= 1.0:
            raise ParameterError(f"a share of {self.heard_share} heard: expected 0 to 1")
        if self.is_musdb and (self.n_stems, self.file_format) != (4, "wav"):
            raise ParameterError(
                f"MUSDB18-HQ has 4 stems as wav, not {self.n_stems} as {self.file_format}; "
                "leave one of the two out"
            )

    def folder(self, split: str) -> str:
        """Name of the folder of a list."""
        return _MUSDB_SPLITS[split] if self.is_musdb else split

    def facts(self) -> dict[str, Any]:
        """What decides about the files of a song, a JSON value."""
        facts = asdict(self)
        facts.update(styles=list(self.styles), instruments=list(self.instruments))
        del facts["is_musdb"]  # decides only where they are
        return facts


def check_names(kind: str, names: Sequence[str], known: Collection[str]) -> None:
    """Refuse names that nothing has.

    Args:
        kind: What they name, "style".
        names: Of the order.
        known: All there are.

    Raises:
        ParameterError: One is unknown.
    """
    for name in names:
        if name not in known:
            raise ParameterError(f"unknown {kind} '{name}'; use one of {', '.join(known)}")
