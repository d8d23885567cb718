"""Excerpts of real recordings and drum loops, played faster or slower, as a tape would be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.shaping import read_at
from streamsep_offline.maker.studio import Take

MULTITRACK = {"drums": "drums", "bass": "bassguitar", "other": ("clav", "horns", "leadguitar")}
"""Tracks of the recorded multitrack that may serve each stem."""

_SOURCE = "mdn/webaudio-examples multitrack"
_N_TRIES = 12
_ENOUGH = 0.35
"""Share of an excerpt that should sound."""


def resampled(audio: np.ndarray, ratio: float, n_samples: int) -> np.ndarray:
    """`audio` [channels, samples] played `ratio` times as fast, cut or padded to `n_samples`."""
    rows = np.pad(np.ascontiguousarray(audio, np.float32), ((0, 0), (1, 2)))
    places = 1.0 + np.arange(n_samples) * ratio
    return np.stack([read_at(row, places) for row in rows])


def varied_excerpt(path: Path, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A place of a recording where there is sound, up to four semitones off, [2, samples]."""
    ratio = 2.0 ** (rng.uniform(-4.0, 4.0) / 12.0)
    with sf.SoundFile(path) as file:
        ratio *= file.samplerate / SAMPLE_RATE_HZ
        n_source = int(n_samples * ratio) + 2
        starts = rng.integers(0, max(1, file.frames - n_source), _N_TRIES)
        excerpt = np.zeros((n_source, 2), np.float32)
        for start in starts:
            file.seek(int(start))
            audio = file.read(n_source, dtype="float32", always_2d=True, fill_value=0.0)
            if np.square(audio).sum() > np.square(excerpt).sum():
                excerpt = audio
            if np.mean(np.square(audio).mean(axis=1) > 1e-5) > _ENOUGH:
                break
    return resampled(excerpt.T[:2], ratio, n_samples)


def multitrack_excerpt(take: Take) -> np.ndarray | None:
    """A track of the recorded multitrack that fits the take's stem, [2, samples] or None."""
    tracks = np.atleast_1d(MULTITRACK[take.stem])
    track = str(tracks[take.rng.integers(len(tracks))])
    paths = take.studio.files("cc0-multitrack", f"{track}.mp3")
    if not paths or take.choose("multitrack", [track], _SOURCE) is None:
        return None
    return varied_excerpt(paths[0], take.plan.n_samples, take.rng)


def drum_loop(take: Take) -> np.ndarray | None:
    """A recorded loop brought to the song's tempo and repeated, [2, samples] or None."""
    paths = {
        path.stem: path
        for path in take.studio.files("one-shots-cc0", "loop_*.ogg")
        if "drone" not in path.stem
    }
    can_loop = bool(paths) and take.plan.is_steady and take.plan.metre.name == "4/4"
    name = take.choose("one-shot", list(paths), "Sonic Pi samples") if can_loop else None
    if name is None:
        return None
    loop = take.studio.sample(paths[name], longest_s=20.0)
    beats = np.array([2.0, 4.0, 8.0, 16.0, 32.0])
    n_wanted = beats * take.plan.beat_s * SAMPLE_RATE_HZ
    choice = int(np.argmin(np.abs(np.log(n_wanted / loop.shape[1]))))
    n_loop = round(float(n_wanted[choice]))
    tuned = resampled(loop, loop.shape[1] / n_loop, n_loop)
    output = np.zeros((2, take.plan.n_samples), np.float32)
    for bar in range(0, take.plan.n_bars, max(1, int(beats[choice]) // 4)):
        start = to_samples(take.plan.time_s(bar))
        part = output[:, start : start + n_loop]
        if take.plan.plays("snare", bar):
            part += tuned[:, : part.shape[1]]
    return output
