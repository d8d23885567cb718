"""Small data in every layout, and what is in them: for tests of the data and of the trainer.

on_disk = WRITERS["musdb"](tmp_path)
open_excerpts(on_disk.folder, "train", DataSettings(seconds=1.0, **on_disk.settings))
"""

import csv
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile

RATE = 44100

SECONDS = 2.0

FOUR = ("vocals", "drums", "bass", "other")

TRAIN, VALID, TEST = ("one", "two", "three"), ("four", "five"), ("six",)

OFFICIAL = ("Leaf - Summerghost", "Meaxic - Take A Step")
"""Two of MUSDB18's validation songs."""


@dataclass(frozen=True)
class OnDisk:
    """What was written.

    Attributes:
        folder: What `open_excerpts` is given.
        settings: Keys of `DataSettings` that it needs.
        stems: Of the excerpts.
        songs: Audio by split, song and stem of the excerpts, float32 [2, n].
        mixtures: Audio of mixtures that are files of their own, by song.
    """

    folder: Path
    settings: dict
    stems: tuple
    songs: dict
    mixtures: dict


def noise(*words, seconds=SECONDS, level=0.05):
    """Stereo noise, in 16 bits, the same for the same words. float32 [2, n]"""
    seed = [len(words), *(ord(letter) for word in words for letter in str(word))]
    audio = level * np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    return (np.round(audio * 32768.0) / 32768.0).astype(np.float32)


def write(path, audio, rate=RATE, subtype="PCM_16"):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio.T, rate, subtype)
    return path


def write_streams(path, streams, rate=RATE, codec="alac"):
    """An MP4 with an audio stream for each signal, float32 [2, n] in 16 bits."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {"alac": "s16p", "aac": "fltp"}[codec]
    with av.open(str(path), "w", format="mp4", options={"movie_timescale": str(rate)}) as file:
        outs = [file.add_stream(codec, rate=rate, layout="stereo") for _ in streams]
        for out in outs:
            out.format = kind
        for out, audio in zip(outs, streams, strict=True):
            if kind == "s16p":
                audio = np.round(audio * 32768.0).astype(np.int16)
            for start in range(0, audio.shape[1], 4096):
                part = np.ascontiguousarray(audio[:, start : start + 4096])
                frame = av.AudioFrame.from_ndarray(part, format=kind, layout="stereo")
                frame.sample_rate, frame.pts = rate, start
                frame.time_base = Fraction(1, rate)
                file.mux(out.encode(frame))
            file.mux(out.encode(None))
    return path


def _four(name):
    return {stem: noise(name, stem) for stem in FOUR}


def _splits(root, write_song):
    """Songs in folders train and valid."""
    splits = {"train": TRAIN, "valid": VALID}
    return {
        split: {name: write_song(root / split / name, name) for name in names}
        for split, names in splits.items()
    }


def _sum(stems, names):
    return np.sum([stems[name] for name in names], axis=0, dtype=np.float32)


def stems(root):
    """A folder per song, a file per stem."""

    def write_song(folder, name):
        parts = _four(name)
        for stem, audio in parts.items():
            write(folder / f"{stem}.flac", audio)
        return parts

    return OnDisk(root, {}, FOUR, _splits(root, write_song), {})


def aligned(root):
    """Pairs of mixture.wav and vocals.wav."""
    mixtures = {}

    def write_song(folder, name):
        parts = _four(name)
        mixtures[name] = _sum(parts, FOUR)
        write(folder / "mixture.wav", mixtures[name])
        write(folder / "vocals.wav", parts["vocals"])
        return {
            "vocals": parts["vocals"],
            "accompaniment": _sum(parts, ("drums", "bass", "other")),
        }

    songs = _splits(root, write_song)
    return OnDisk(root, {"layout": "aligned"}, ("vocals", "accompaniment"), songs, mixtures)


def sourcefolder(root):
    """Folders of unrelated vocals, drums and bass; the songs here are single files."""
    songs = {"train": {}, "valid": {}}
    for split, names in (("train", TRAIN), ("valid", VALID)):
        for stem in ("vocals", "drums", "bass"):
            for name in names:
                audio = noise(name, stem)
                write(root / split / stem / f"{name}.wav", audio)
                songs[split][f"{stem}/{name}"] = {stem: audio}
    settings = {"layout": "sourcefolder", "targets": ("vocals",)}
    return OnDisk(root, settings, ("vocals", "accompaniment"), songs, {})


def trackfolder_fix(root):
    """The same three files in each folder, and some that are not asked for."""

    def write_song(folder, name):
        parts = _four(name)
        for stem, audio in parts.items():
            write(folder / f"{stem}.wav", audio)
        return {"vocals": parts["vocals"], "accompaniment": _sum(parts, ("drums", "bass"))}

    settings = {
        "layout": "trackfolder_fix",
        "targets": ("vocals",),
        "stems": ("vocals", "drums", "bass"),
    }
    return OnDisk(root, settings, ("vocals", "accompaniment"), _splits(root, write_song), {})


def trackfolder_var(root):
    """Vocals in all but one folder, and between one and three other files of any names."""

    def write_song(folder, name):
        others = {f"take {i} of {name}": noise(name, i) for i in range(1 + len(name) % 3)}
        vocals = noise(name, "vocals")
        if name == "two":
            vocals *= 0.0
        else:
            others["vocals"] = vocals
        for stem, audio in others.items():
            write(folder / f"{stem}.wav", audio)
        others.pop("vocals", None)
        return {"vocals": vocals, "accompaniment": _sum(others, tuple(others))}

    settings = {
        "layout": "trackfolder_var",
        "targets": ("vocals",),
        "missing_stems": "silent",
    }
    return OnDisk(root, settings, ("vocals", "accompaniment"), _splits(root, write_song), {})


def _musdb(root, write_song):
    """Official validation songs among those for training; mixtures that are not quite the sum."""
    songs, mixtures = {}, {}
    for split, names in (("train", TRAIN), ("valid", OFFICIAL), ("test", TEST)):
        songs[split] = {}
        for name in names:
            parts = _four(name)
            mixtures[name] = _sum(parts, FOUR) + noise(name, "error", level=0.001)
            folder = root / ("test" if split == "test" else "train")
            write_song(folder, name, {"mixture": mixtures[name], **parts})
            songs[split][name] = parts
    return OnDisk(root, {"layout": "musdb"}, FOUR, songs, mixtures)


def musdb(root):
    """MUSDB18: a .stem.mp4 per song (lossless streams, to compare with)."""

    def write_song(folder, name, parts):
        order = ("mixture", "drums", "bass", "other", "vocals")
        write_streams(folder / f"{name}.stem.mp4", [parts[stem] for stem in order])

    return _musdb(root, write_song)


def musdb_hq(root):
    """MUSDB18-HQ: a folder of WAV files per song."""

    def write_song(folder, name, parts):
        for stem, audio in parts.items():
            write(folder / name / f"{stem}.wav", audio)

    return _musdb(root, write_song)


def spleeter(root):
    """Tables of files for training and validation; the mixture of one song is left to the stems."""
    songs, mixtures = {}, {}
    for split, names in (("train", TRAIN), ("valid", VALID)):
        songs[split], rows = {}, []
        for name in names:
            parts = _four(name)
            pair = {
                "vocals": parts["vocals"],
                "accompaniment": _sum(parts, ("drums", "bass", "other")),
            }
            row = {"mix_path": "", "duration": SECONDS}
            for stem, audio in pair.items():
                row[f"{stem}_path"] = f"{name}/{stem}.wav"
                write(root / name / f"{stem}.wav", audio)
            if name != "three":
                mixtures[name] = _sum(parts, FOUR) + noise(name, "error", level=0.001)
                row["mix_path"] = f"{name}/mix.wav"
                write(root / name / "mix.wav", mixtures[name])
            songs[split][name] = pair
            rows.append(row)
        with (root / f"{split}.csv").open("w", newline="") as file:
            columns = ("mix_path", "vocals_path", "accompaniment_path", "duration")
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(rows)
    settings = {"layout": "spleeter"}
    return OnDisk(root, settings, ("vocals", "accompaniment"), songs, mixtures)


WRITERS = {
    writer.__name__: writer
    for writer in (
        aligned,
        sourcefolder,
        trackfolder_fix,
        trackfolder_var,
        musdb,
        musdb_hq,
        spleeter,
        stems,
    )
}
"""By name; each takes an empty folder. Layout "made" writes its songs itself, some seconds each."""
