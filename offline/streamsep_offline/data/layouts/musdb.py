"""Layout "musdb": MUSDB18 (one .stem.mp4 per song) or MUSDB18-HQ (a folder of WAV files per song).

    ROOT/{train,test}/SONG.stem.mp4    streams: mixture, drums, bass, other, vocals
    ROOT/{train,test}/SONG/{mixture,drums,bass,other,vocals}.wav

Validation songs are the official fourteen of the training songs, or a share by name where none of
them is there. The mixture is the song's own.
"""

from __future__ import annotations

from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.data.layouts.split import check_split, share_out
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import Song, audio_files

STEMS = ("vocals", "drums", "bass", "other")

STREAMS = {"mixture": 0, "drums": 1, "bass": 2, "other": 3, "vocals": 4}
"""Index of the audio stream in a .stem.mp4."""

VALIDATION = frozenset(
    (
        "Actions - One Minute Smile",
        "Clara Berry And Wooldog - Waltz For My Victims",
        "Johnny Lokke - Promises & Lies",
        "Patrick Talbot - A Reason To Leave",
        "Triviul - Angelsaint",
        "Alexander Ross - Goodbye Bolero",
        "Fergessen - Nos Palpitants",
        "Leaf - Summerghost",
        "Skelpolu - Human Mistakes",
        "Young Griffo - Pennies",
        "ANiMAL - Rockshow",
        "James May - On The Line",
        "Meaxic - Take A Step",
        "Traffic Experiment - Sirens",
    )
)
"""Official validation songs, to be left out of training."""

_SUFFIX = ".stem.mp4"


def find(root: Path, split: str, settings: DataSettings) -> list[Song]:
    """Songs of a split."""
    check_split(split)
    if split == "test":
        return _songs(root / "test", settings)
    songs = _songs(root / "train", settings)
    if split == "all":
        return songs + (_songs(root / "test", settings) if (root / "test").is_dir() else [])
    if not any(song.name in VALIDATION for song in songs):
        return share_out(songs, split, settings.valid_share, root)
    wanted = [song for song in songs if (song.name in VALIDATION) == (split == "valid")]
    if not wanted:
        raise AudioFileError(f"{root / 'train'} holds validation songs only; copy the others there")
    return wanted


def _songs(folder: Path, settings: DataSettings) -> list[Song]:
    if not folder.is_dir():
        raise AudioFileError(f"{folder} does not exist; name the folder that holds train and test")
    songs = []
    for path in sorted(folder.iterdir()):
        song = _song(path, settings)
        if song is not None:
            songs.append(song)
    if not songs:
        raise AudioFileError(
            f"{folder} holds no songs; expected SONG{_SUFFIX}, or SONG/ with {', '.join(STREAMS)}.wav"
        )
    return songs


def _song(path: Path, settings: DataSettings) -> Song | None:
    if path.name.lower().endswith(_SUFFIX) and path.is_file():
        name = path.name[: -len(_SUFFIX)]
        parts = {part: Piece(path, stream) for part, stream in STREAMS.items()}
    else:
        name = path.name
        files = audio_files(path) if path.is_dir() else {}
        parts = {part: Piece(files[part]) for part in STREAMS if part in files}
    pieces = {stem: (parts[stem],) for stem in STEMS if stem in parts}
    mixture = (parts["mixture"],) if "mixture" in parts else ()
    if not pieces:
        return None
    return Song(name, pieces, mixture, "", settings.sample_rate, settings.store)


def fits(root: Path) -> bool:
    """Whether train holds stem files or official songs, or test has mixtures beside the four stems."""
    if not (root / "train").is_dir():
        return False
    if any(root.glob(f"train/*{_SUFFIX}")):
        return True
    if any((root / "train" / name).is_dir() for name in VALIDATION):
        return True
    names = ("mixture", *STEMS)
    folders = [p for p in root.glob("test/*") if p.is_dir()]
    return any(all((folder / f"{n}.wav").is_file() for n in names) for folder in folders)


layout = Layout("musdb", "MUSDB18 (.stem.mp4) or MUSDB18-HQ, official splits", find, fits)
