from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layouts_on_disk import FOUR, RATE, noise, write
from signals import music
from streamsep_offline.data.alignment import align
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.song import Song


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Three seconds of four stems, two of them tonal, and their mixture."""
    root = tmp_path_factory.mktemp("song")
    stems = [noise(name, seconds=3.0) for name in FOUR]
    stems[0] = 0.2 * music(3.0, seed=1)[:2].astype(np.float32)
    stems[3] = 0.2 * music(3.0, seed=2)[:2].astype(np.float32)
    pieces = {
        name: (Piece(write(root / f"{name}.wav", audio, subtype="FLOAT")),)
        for name, audio in zip(FOUR, stems, strict=True)
    }
    mixture = Piece(write(root / "mixture.wav", np.sum(stems, axis=0), subtype="FLOAT"))
    return Song("song", pieces, (mixture,))


def changed(song, tmp_path, name, change):
    """The same song with one file changed; "mixture" is a name too."""
    piece = song.mixture[0] if name == "mixture" else song.pieces[name][0]
    audio = song.store.read(piece, 0, 3 * RATE, RATE)
    new = Piece(write(tmp_path / f"{name}.wav", change(audio), subtype="FLOAT"))
    if name == "mixture":
        return replace(song, mixture=(new,))
    return replace(song, pieces={**song.pieces, name: (new,)})


def later(audio, lag):
    return np.pad(audio, ((0, 0), (max(lag, 0), max(-lag, 0))))[:, max(-lag, 0) :][:, : 3 * RATE]


def test_a_mixture_that_is_the_sum_leaves_nothing(song):
    fit = align(song, -30.0)
    assert (fit.stem, fit.lag, fit.gain_db) == ("", 0, 0.0)
    assert fit.rest_db < -110.0


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from((*FOUR, "mixture")), lag=st.integers(-20000, 20000))
def test_any_lag_of_any_file_is_found(song, tmp_path_factory, name, lag):
    late = changed(song, tmp_path_factory.mktemp("late"), name, lambda x: later(x, lag))
    fit = align(late, -30.0)
    if fit.rest_db > -30.0:
        assert (fit.stem, fit.lag) == ("" if name == "mixture" else name, lag)
    else:
        assert lag == 0


@pytest.mark.parametrize("gain_db", [-9.0, 3.0])
def test_another_level_is_found(song, tmp_path, gain_db):
    louder = changed(song, tmp_path, "mixture", lambda x: x * 10 ** (gain_db / 20))
    assert align(louder, -30.0).gain_db == pytest.approx(gain_db, abs=0.01)


def test_the_level_of_the_rest_is_that_of_what_was_added(song, tmp_path):
    total = song.read_mixture(0, 3 * RATE)
    hum = noise("hum", seconds=3.0, level=0.1 * float(total.std()))
    fit = align(changed(song, tmp_path, "mixture", lambda x: x + hum), -30.0)
    assert fit.rest_db == pytest.approx(-20.0, abs=0.1)
    assert (fit.stem, fit.lag, fit.gain_db) == ("", 0, 0.0)
