import os
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the maker needs scipy")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # numba on a cache folder it cannot write
    from streamsep_offline.maker.form import PARTS, Section
    from streamsep_offline.maker.genres import GENRES
    from streamsep_offline.maker.manifest import Credits
    from streamsep_offline.maker.plan import make_plan
    from streamsep_offline.maker.studio import Studio, Take
    from streamsep_offline.maker.voices import world

SAMPLE_RATE = 44100


def _audio_folder():
    beside = Path(__file__).parents[3] / ".." / "shared" / "audio"
    return Path(os.environ.get("STREAMSEP_AUDIO") or beside).resolve()


@pytest.fixture(scope="session")
def audio_folder():
    folder = _audio_folder()
    if not folder.is_dir():
        pytest.skip(f"no samples at {folder}; set STREAMSEP_AUDIO")
    return folder


@pytest.fixture(scope="session")
def analyses_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("analyses")


@pytest.fixture
def short_analyses(analyses_folder, monkeypatch):
    """WORLD hears 8 s of each voice, kept in a cache of its own: a whole one takes it seconds."""
    whole = world.analyse

    def analyse(audio):
        return whole(audio[: 8 * SAMPLE_RATE])

    monkeypatch.setattr(world, "analyse", analyse)
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(analyses_folder))


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def make_take(rng):
    """A take of a genre with an empty studio or one with samples."""

    def make(genre="rock", duration_s=6.0, folder=None, split="train", stem="other"):
        chosen = next(g for g in GENRES if g.name == genre)
        plan = make_plan(rng, chosen, round(duration_s * SAMPLE_RATE))
        return Take(Studio(folder, split), plan, Credits(), rng, stem, (1, 2, 3))

    return make


@pytest.fixture
def make_song_plan(rng):
    """A plan of a genre; with `is_full` everybody plays throughout and nobody is ever alone."""

    def make(genre="rock", duration_s=30.0, is_full=False, **changes):
        chosen = next(g for g in GENRES if g.name == genre)
        plan = make_plan(rng, chosen, round(duration_s * SAMPLE_RATE))
        if is_full:
            names = ("verse", "chorus", "bridge")
            full = tuple(
                Section(kind, frozenset(PARTS), name, 4) for kind, name in enumerate(names)
            )
            changes = {"sections": full, "breaks": (), **changes}
        return replace(plan, **changes)

    return make


@pytest.fixture
def track_pitch():
    """MIDI pitch of every 10 ms of a mono signal by autocorrelation; NaN where there is none."""

    def find(x, lowest_hz=70.0, highest_hz=1000.0, n_frame=2048):
        shortest, longest = int(SAMPLE_RATE / highest_hz), int(SAMPLE_RATE / lowest_hz)
        found = []
        for start in range(0, len(x) - n_frame, 441):
            frame = x[start : start + n_frame].astype(float)
            frame = frame - frame.mean()
            spectrum = np.abs(np.fft.rfft(frame * np.hanning(n_frame), 4 * n_frame)) ** 2
            window = np.abs(np.fft.rfft(np.hanning(n_frame), 4 * n_frame)) ** 2
            likeness = np.fft.irfft(spectrum)[: longest + 2]
            likeness = likeness / np.maximum(np.fft.irfft(window)[: longest + 2], 1e-3)
            likeness = likeness / (likeness[0] + 1e-12)
            inside = likeness[shortest : longest + 1]
            if frame.std() < 1e-4 or inside.max() < 0.5:
                found.append(np.nan)
                continue
            is_peak = (likeness[1:-1] > likeness[:-2]) & (likeness[1:-1] >= likeness[2:])
            lags = np.flatnonzero(is_peak) + 1
            lags = lags[(lags >= shortest) & (lags <= longest)]
            lags = lags[likeness[lags] > 0.9 * inside.max()]
            if not len(lags):
                found.append(np.nan)
                continue
            a, b, c = likeness[lags[0] - 1 : lags[0] + 2]
            lag = lags[0] + 0.5 * (a - c) / (a - 2 * b + c)
            found.append(69.0 + 12.0 * np.log2(SAMPLE_RATE / lag / 440.0))
        return np.array(found)

    return find


@pytest.fixture
def peak_hz():
    """Frequency of the strongest partial of a signal."""

    def find(x):
        spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), 1 << 18))
        return np.argmax(spectrum) * SAMPLE_RATE / (1 << 18)

    return find
