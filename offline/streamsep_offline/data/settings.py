"""What decides about the excerpts of a folder of songs: the [data] table of a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamsep.errors import ParameterError
from streamsep_offline.data.store import Store

CHOICES = ("activity", "uniform")
"""Ways of choosing where an excerpt begins."""

MISSING = ("refuse", "skip", "silent")
"""What to do with a song that lacks a target."""


@dataclass(frozen=True)
class DataSettings:
    """What is read, and how it is cut and put together.

    Attributes:
        layout: How the files lie; "auto" looks. See docs/data.md.
        targets: Stems to find. Stems beside them are summed into the target "other" or
            "accompaniment", or into a last stem of that name. Empty: all the names that are usual.
        stems: Stems of the data, names of files or folders; empty takes all that are found.
        input_file: Layout "aligned": the mixture.
        target_file: Layout "aligned": what is to be found in it.
        missing_stems: A song without a target: "refuse", "skip" the song, or take it as "silent".
        sample_rate: In Hz.
        channels: 2, or 1 for the mean of both sides.
        resample: Take files of other rates; else they are refused.
        cache_dir: Folder of decoded audio; empty takes the user's cache.
        cache_gb: Its size in GB.
        seconds: Length of a training excerpt.
        samples_per_track: Training excerpts of a song in an epoch.
        examples: Training excerpts in an epoch; 0 leaves it to `samples_per_track`.
        choose: Excerpts in which targets sound ("activity"), or any ("uniform").
        coherent: Share of excerpts whose stems come from one song; in the others every stem is drawn
            from any song.
        remix_level_db: Level, in dB of their power, that stems of different songs are brought to, which
            have none in common; left out, they keep their own.
        valid_share: Share of songs to validate with, where the data do not say which.
        valid_seconds: Length of a validation excerpt; 0 takes whole songs.
        valid_per_track: Validation excerpts of a song, spread evenly, where it is not taken whole.
        made_songs: Layout "made": how many songs are rendered to train with.
        made_seed: Layout "made": of the collection.
        seed: Of everything that is drawn.
    """

    layout: str = "auto"
    targets: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    input_file: str = "mixture.wav"
    target_file: str = "vocals.wav"
    missing_stems: str = "refuse"
    sample_rate: int = 44100
    channels: int = 2
    resample: bool = True
    cache_dir: str = ""
    cache_gb: float = 20.0
    seconds: float = 6.0
    samples_per_track: int = 64
    examples: int = 0
    choose: str = "activity"
    coherent: float = 0.5
    remix_level_db: float | None = None
    valid_share: float = 0.1
    valid_seconds: float = 0.0
    valid_per_track: int = 1
    made_songs: int = 100
    made_seed: int = 0
    seed: int = 42

    def __post_init__(self) -> None:
        """Refuse values out of range.

        Raises:
            ParameterError: Naming key, value and what was expected.
        """
        for key in ("targets", "stems"):  # TOML gives lists, the command line names and commas
            value = getattr(self, key)
            names = value.split(",") if isinstance(value, str) else value
            object.__setattr__(self, key, tuple(filter(None, names)))
        if len(set(self.targets)) != len(self.targets):
            raise ParameterError(f"targets {list(self.targets)} name a stem twice; name each once")
        _check_choice("missing_stems", self.missing_stems, MISSING)
        _check_choice("choose", self.choose, CHOICES)
        for key, least in _LEAST.items():
            if not getattr(self, key) >= least:
                raise ParameterError(f"{key} {getattr(self, key)}: expected at least {least}")
        if self.channels not in (1, 2):
            raise ParameterError(f"channels {self.channels}: expected 1 or 2")
        if not self.seconds > 0.0:
            raise ParameterError(f"seconds {self.seconds}: expected more than 0")
        for key in ("coherent", "valid_share"):
            if not 0.0 <= getattr(self, key) <= 1.0:
                raise ParameterError(f"{key} {getattr(self, key)}: expected 0 to 1")

    @property
    def store(self) -> Store:
        """What reads the files."""
        folder = Path(self.cache_dir).expanduser() if self.cache_dir else None
        return Store(folder, self.cache_gb, self.resample)


_LEAST = {
    "sample_rate": 1000,
    "cache_gb": 0,
    "samples_per_track": 1,
    "examples": 0,
    "valid_seconds": 0,
    "valid_per_track": 1,
    "made_songs": 1,
    "made_seed": 0,
    "seed": 0,
}


def _check_choice(key: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ParameterError(f"{key} '{value}' is unknown; use one of: {', '.join(choices)}")
