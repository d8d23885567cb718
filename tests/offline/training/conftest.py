import dataclasses

import numpy as np
import pytest
import soundfile

from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.data.excerpts import DataSettings, open_excerpts
from streamsep_offline.training.cues.prepare import ShardOrder, make_shards
from streamsep_offline.training.cues.shards import example_arrays

SAMPLE_RATE = 44100
STEMS = ("vocals", "drums", "bass", "other")


def _stems(rng, n):
    """Vocals hum in the centre, drums knock, a bass holds, chords lie to the side. [4, 2, n]"""
    t = np.arange(n) / SAMPLE_RATE
    pitch = 220 * 2 ** (rng.integers(0, 12) / 12)
    vibrato = 2 * np.pi * pitch * t + 0.5 * np.sin(2 * np.pi * 5 * t)
    vocals = sum(np.sin(k * vibrato) / k for k in range(1, 8))
    drums = rng.standard_normal(n) * np.exp(-25 * (t % rng.uniform(0.2, 0.4)))
    bass = np.sin(2 * np.pi * 55 * 2 ** (rng.integers(0, 7) / 12) * t)
    chord = sum(np.sin(2 * np.pi * pitch * k * t) for k in (1.25, 1.5, 2.25))
    wide = np.stack([chord, 0.2 * chord])
    centred = [np.stack([x, x]) for x in (vocals, drums, bass)]
    return 0.1 * np.stack([*centred, wide])


@pytest.fixture(scope="session")
def songs_folder(tmp_path_factory):
    """Three multitracks of six seconds as the maker lays them out."""
    root = tmp_path_factory.mktemp("made")
    for i in range(3):
        folder = root / f"song-{i}"
        folder.mkdir()
        stems = _stems(np.random.default_rng(i), 6 * SAMPLE_RATE)
        for name, x in zip(STEMS, stems, strict=True):
            soundfile.write(folder / f"{name}.flac", x.T, SAMPLE_RATE, "PCM_16")
    return root


@pytest.fixture(scope="session")
def excerpts(songs_folder):
    """Short examples of these songs."""
    settings = DataSettings(seconds=0.5, examples=8, choose="uniform")
    return open_excerpts(songs_folder, "train", settings)


@pytest.fixture(scope="session")
def cue_excerpts(excerpts):
    """Examples long enough for the loss, which leaves the first half second out."""
    settings = dataclasses.replace(excerpts.settings, seconds=2.5)
    return dataclasses.replace(excerpts, settings=settings)


@pytest.fixture(scope="session")
def spec(excerpts):
    return StreamSpec(PROFILES["stage"], 44100, 2, excerpts.stems)


@pytest.fixture(scope="session")
def studio(excerpts):
    return StreamSpec(PROFILES["studio"], 44100, 2, excerpts.stems)


@pytest.fixture(scope="session")
def both_ways_shard(cue_excerpts, studio, tmp_path_factory):
    """What a model learns from that hears the song backwards, too."""
    folder = tmp_path_factory.mktemp("examples") / "made-000"
    order = ShardOrder(folder, cue_excerpts, 0, 4, example_arrays(True, True))
    make_shards([order], studio, 1, lambda done, total: None)
    return folder


@pytest.fixture(scope="session")
def shard(cue_excerpts, spec, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples") / "made-000"
    make_shards([ShardOrder(folder, cue_excerpts, 0, 4)], spec, 1, lambda done, total: None)
    return folder
