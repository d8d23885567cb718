"""A file player fills a ring; what the stream takes of it is the file."""

import threading
import time

import numpy as np
import pytest
import soundfile

from streamsep.engine.live.draw import take
from streamsep.engine.live.intake import (
    FLUSH,
    GAPS,
    HAS_ENDED,
    IS_OVER,
    IS_PAUSED,
    N_INTAKE,
    POSITION,
    READ,
    WRITTEN,
    make_file_intake,
)
from streamsep.errors import AudioFileError
from streamsep.file_resample import FileResampler
from streamsep_bridge.live.file_player import FilePlayer, fit_channels, open_file
from streamsep_bridge.live.settings import SourceChoice

RATE, BLOCK = 44100, 256


class Deck:
    """A player and a stream that takes its blocks as soon as they are there."""

    def __init__(self, path, **choice):
        self.ended = threading.Event()
        self.reasons = []
        self.player = FilePlayer(SourceChoice(str(path), **choice), self._end)
        self.insert()

    def insert(self):
        """A fresh stream."""
        self.counts, self.rest = np.zeros(N_INTAKE, np.int64), np.empty((2, 0), np.float32)
        self.held = make_file_intake(2, RATE, self.counts)
        self.player.attach(self.held.intake)

    def _end(self, reason):
        self.reasons.append(reason)
        self.ended.set()

    def play(self, n):
        """[2, n]"""
        intake, parts = self.held.intake, [self.rest]
        for _ in range(-(-(n - self.rest.shape[1]) // BLOCK)):
            wait_until(lambda: self.counts[HAS_ENDED] or self.n_ahead > intake.target + 2 * BLOCK)
            block = np.empty((BLOCK, 2), np.float32)
            take(intake, block, 0.0)
            parts.append(block.T)
        heard = np.concatenate(parts, axis=1)
        self.rest = heard[:, n:]
        return heard[:, :n]

    @property
    def n_ahead(self):
        return self.counts[WRITTEN] - max(self.counts[READ], self.counts[FLUSH] >> 1)

    def obey(self, seek_s=None, is_looped=False, is_paused=False):
        before = self.counts[FLUSH]
        self.player.obey(is_looped, is_paused, seek_s)
        if seek_s is not None:
            self.rest = self.rest[:, :0]
            wait_until(lambda: self.counts[FLUSH] != before)


def wait_until(condition):
    end = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.001)


@pytest.fixture
def deck(tmp_path):
    """`deck(samples, rate, **choice)`: a player of a file that holds them. [channels, n]"""
    decks = []

    def start(samples, rate=RATE, subtype="FLOAT", name="song.wav", **choice):
        soundfile.write(tmp_path / name, np.asarray(samples).T, rate, subtype=subtype)
        decks.append(Deck(tmp_path / name, **choice))
        return decks[-1]

    yield start
    for one in decks:
        one.player.close()


def noise(n, channels=2, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal((channels, n)).astype(np.float32)


def test_the_whole_file_is_played_bit_by_bit_and_its_end_is_told_once(deck):
    song = noise(50_000)
    one = deck(song)
    np.testing.assert_array_equal(one.play(50_000), song)
    assert not one.play(BLOCK).any()
    assert one.ended.wait(10.0)
    assert not one.play(20 * BLOCK).any()
    assert one.reasons == [""]
    assert one.counts[IS_OVER] == 1
    assert one.counts[POSITION] == 50_000
    assert one.counts[GAPS] == 0


def test_mono_is_on_both_sides_and_another_rate_is_resampled(deck):
    song = noise(48_000, channels=1)
    resampler = FileResampler(48_000, RATE, 2)
    both = np.repeat(song, 2, axis=0)
    expected = np.concatenate([resampler.push(both), resampler.finish()], axis=1)
    np.testing.assert_array_equal(deck(song, 48_000).play(RATE), expected)


def test_a_loop_goes_on_at_the_very_next_sample(deck):
    song = noise(10_007)
    one = deck(song, is_looped=True)
    np.testing.assert_array_equal(one.play(50_000), np.tile(song, 5)[:, :50_000])
    one.obey(is_looped=False)
    rest = one.play(2 * RATE)  # what was in the ring, and the pass to its end
    last = np.flatnonzero(rest[0])[-1] + 1
    assert (50_000 + last) % song.shape[1] == 0
    assert one.ended.wait(10.0)


def test_a_loop_at_another_rate_has_no_seam(deck):
    n, periods = 4800, 50  # a whole number of periods, so that the seam of the file is none
    t = np.arange(n) / n
    tone = np.repeat(0.5 * np.sin(2 * np.pi * periods * t)[None], 2, axis=0).astype(np.float32)
    heard = deck(tone, 48_000, is_looped=True).play(RATE)[0, 2000:]
    t = (2000 + np.arange(len(heard))) / RATE
    expected = 0.5 * np.sin(2 * np.pi * periods * 10 * t)
    assert np.abs(heard - expected).max() < 1e-5


def test_a_seek_is_heard_within_a_tenth_of_a_second(deck):
    place = np.arange(20 * RATE, dtype=np.float32)[None] / (20 * RATE)
    one = deck(np.repeat(place, 2, axis=0))
    one.play(RATE)
    one.obey(seek_s=15.0)
    heard = one.play(round(0.1 * RATE))[0] * 20.0
    assert 15.0 <= heard[-1] < 15.1
    assert np.abs(np.diff(heard)).max() < 20.0 / (0.004 * RATE)
    wait_until(lambda: abs(one.counts[POSITION] / RATE - 15.1) < 0.1)


def test_a_seek_brings_a_file_back_that_was_over(deck):
    song = noise(20_000)
    one = deck(song)
    one.play(25_000)
    assert one.ended.wait(10.0)
    one.obey(seek_s=0.0)
    np.testing.assert_array_equal(one.play(20_000), song)
    assert one.counts[GAPS] == 0


def test_a_pause_before_the_start_keeps_the_first_sample(deck):
    song = noise(20_000)
    one = deck(song, is_paused=True)
    assert not one.play(10 * BLOCK).any()
    one.obey(is_paused=False)
    wait_until(lambda: not one.counts[IS_PAUSED])
    np.testing.assert_array_equal(one.play(20_000), song)


def test_another_stream_goes_on_where_the_last_one_was(deck):
    place = np.arange(4 * RATE, dtype=np.float32)[None] / RATE
    one = deck(np.repeat(place, 2, axis=0), start_s=1.0)
    heard = one.play(RATE)[0]
    assert heard[2000] == pytest.approx(1.0 + 2000 / RATE, abs=1e-4)
    wait_until(lambda: one.counts[POSITION] > 1.95 * RATE)
    one.insert()
    again = one.play(RATE)[0]
    assert again[2000] == pytest.approx(2.0 + 2000 / RATE, abs=0.05)


@pytest.mark.parametrize(("name", "subtype"), [("a.flac", "PCM_16"), ("a.mp3", "MPEG_LAYER_III")])
def test_other_formats_loop_and_seek_as_they_are_decoded(deck, tmp_path, name, subtype):
    song = noise(60_000)
    one = deck(song, subtype=subtype, name=name, is_looped=True)
    with open_file(str(tmp_path / name)) as reader:
        whole = np.concatenate(list(reader.blocks(4096)), axis=1)
    n = whole.shape[1]
    np.testing.assert_array_equal(one.play(2 * n), np.tile(whole, 2))
    one.obey(seek_s=0.5, is_looped=True)
    at = RATE // 2
    heard = one.play(at)
    tail = heard[:, -5000:]
    found = [k for k in range(at, n - 5000) if np.array_equal(whole[:, k : k + 5000], tail)]
    assert len(found) == 1


def test_stereo_becomes_its_mean_where_one_channel_plays():
    song = noise(100)
    np.testing.assert_allclose(fit_channels(song, 1), song.mean(axis=0, keepdims=True), atol=1e-7)
    assert fit_channels(song, 2) is song


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(AudioFileError, match="does not exist"):
        open_file(str(tmp_path / "nothing.wav"))
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioFileError, match="not audio"):
        open_file(str(tmp_path / "text.wav"))
