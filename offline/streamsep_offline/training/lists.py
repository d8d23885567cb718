"""Lists of made and recorded songs: to learn from, to choose by, to report on; no song is in two."""

from __future__ import annotations

from dataclasses import dataclass

from streamsep.errors import ParameterError
from streamsep_offline.tables import check_numbers, number


@dataclass(frozen=True)
class SongList:
    """Songs of one list.

    Attributes:
        made: Count of made songs.
        folders: Recorded songs, folders below the samples.
        excerpts_s: Start and length in seconds of the excerpts that are scored of recorded songs.
        of: Made songs to choose them from where some are left out; 0 is as many as `made`.
        without: What they must not hold; see `training.ingredients`.
    """

    made: int = 0
    folders: tuple[str, ...] = ()
    excerpts_s: tuple[tuple[float, float], ...] = ()
    of: int = 0
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.of and self.of < self.made:
            raise ParameterError(
                f"songs: made={self.made} of={self.of} cannot be; 'of' counts those to choose from, at "
                "least as many"
            )

    @property
    def n_rendered(self) -> int:
        """Made songs that must be there to choose from."""
        return self.of if self.of and self.without else self.made


@dataclass(frozen=True)
class SongLists:
    """The table [songs]; `--data` then names the folder of samples and recordings.

    Attributes:
        seed: Of the made songs.
        recorded_share: Share of the examples that comes from recorded songs.
        cache_gb: Made songs to learn from are rendered when they are read, and this many GB of them
            are kept; 0 renders all of them before the first step and keeps them.
        train: What is learned from.
        select: What decides which weights are kept, and every other choice.
        report: For finalists only; every look is logged.
    """

    seed: int
    train: SongList
    select: SongList
    report: SongList = SongList()
    recorded_share: float = number(0.0, 0.0, 1.0)
    cache_gb: float = number(0.0, 0.0)

    def __post_init__(self) -> None:
        check_numbers(self, "songs")
        for name, share, songs in (
            ("made", 1.0 - self.recorded_share, self.train.made),
            ("folders", self.recorded_share, self.train.folders),
        ):
            if share > 0.0 and not songs:
                raise ParameterError(
                    f"songs.train.{name} is {songs!r}, but {100 * share:.0f} % of the examples come from "
                    "there; name some, or change songs.recorded_share"
                )
        if self.cache_gb and self.train.without:
            raise ParameterError(
                "songs.train.without chooses among songs that are there, but songs.cache_gb renders them "
                "when they are read; set cache_gb = 0"
            )
        if not (self.select.made or self.select.folders):
            raise ParameterError("songs.select has no songs; set its made or folders")
