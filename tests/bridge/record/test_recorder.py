"""The files hold what was played, to the sample, whatever happens to the audio in between."""

import time

import numpy as np
import pytest

from signals import music
from streamsep.engine.live.desk import Desk
from streamsep.engine.live.memory import DROPPED, IS_RECORDING, RECORD_READ
from streamsep.errors import AudioFileError, ParameterError
from streamsep_bridge.record.recorder import Recorder

MUSIC = music(1.0)[:, :43520]


@pytest.fixture
def record(tmp_path, wait_until):
    """Makes a recorder that records from a player; it is stopped with the test."""
    made = []

    def make(live, **options):
        recorder = Recorder(tmp_path, live.names, live.rate, live.channels, **options)
        made.append(recorder)
        recorder.attach(live.desk)
        recorder.start("take")
        wait_until(lambda: live.desk.counts[IS_RECORDING])
        return recorder

    yield make
    for recorder in made:
        recorder.stop()


def take_in(wait_until, recorder, n):
    """Wait until n samples are in the files."""
    wait_until(lambda: recorder.status().n_frames >= n)


@pytest.mark.parametrize(
    ("rate", "channels", "options", "step"),
    [
        (44100, 2, {}, 0.0),
        (48000, 2, {}, 0.0),
        (48000, 1, {"bits": 24}, 2**-24),
        (44100, 2, {"format": "flac"}, 2**-24),
    ],
)
def test_every_file_is_what_was_played(player, record, read_file, rate, channels, options, step):
    live = player(rate, channels)
    mixture = music(0.8, rate, channels)[:, : 128 * 256]
    recorder = record(live, **options)
    played = live.play(mixture)
    assert recorder.stop()
    status, expected = recorder.status(), live.expected(mixture, played)
    assert sorted(status.paths) == sorted(expected)
    assert (status.state, status.n_lost, status.n_silent) == ("stopped", 0, 0)
    for name, samples in expected.items():
        held = read_file(status.paths[name], rate)
        assert held.shape == samples.shape
        assert np.abs(held - samples).max() <= step, name


def test_a_ring_that_is_too_short_costs_frames_but_never_the_time(player, record, read_file):
    troubles = []
    live = player(block=256, ring=2048)
    recorder = record(live, on_trouble=troubles.append)
    # Nobody waits for the recorder; a pause now and then lets it come.
    played = live.play(MUSIC, lambda start: start % 4096 or time.sleep(0.03))
    recorder.stop()
    status, expected = recorder.status(), live.expected(MUSIC, played)
    assert status.n_lost == live.desk.counts[DROPPED] > 0
    assert sum(trouble.n_frames for trouble in troubles) == status.n_lost
    assert {trouble.kind for trouble in troubles} == {"lost"}
    files = {name: read_file(path) for name, path in status.paths.items()}
    is_gap = ~np.stack([x.any(axis=0) for x in files.values()]).any(axis=0)
    for name, samples in expected.items():
        assert files[name].shape == samples.shape
        assert np.array_equal(files[name][:, ~is_gap], samples[:, ~is_gap]), name
    silent_anyway = np.count_nonzero(~expected["mix"].any(axis=0))
    assert status.n_lost <= np.count_nonzero(is_gap) <= status.n_lost + silent_anyway


def test_over_a_restart_of_the_audio_the_files_go_on_in_time(player, record, read_file, wait_until):
    first, second = player(), player()
    n, n_again = 20480, 8192
    recorder = record(first)
    before = time.monotonic()
    played = first.play(MUSIC[:, :n])
    take_in(wait_until, recorder, n)
    after = time.monotonic()
    recorder.detach()
    time.sleep(0.4)
    recorder.attach(second.desk)
    time.sleep(0.6)
    begun = time.monotonic()

    def in_time(start):
        time.sleep(max(0.0, begun + start / 44100 - time.monotonic()))

    again = second.play(MUSIC[:, :n_again], in_time)
    wait_until(lambda: second.desk.counts[RECORD_READ] == n_again)
    ended = time.monotonic()
    recorder.stop()
    status = recorder.status()
    gap = status.n_silent
    assert begun - after - 257 / 44100 < gap / 44100 < ended - before
    mix = read_file(status.paths["mix"])
    assert mix.shape[1] == n + gap + n_again
    assert np.array_equal(mix[:, :n], played)
    assert not mix[:, n : n + gap].any()
    assert np.array_equal(mix[:, n + gap :], again)
    assert {read_file(path).shape for path in status.paths.values()} == {mix.shape}
    assert not first.desk.counts[IS_RECORDING]


def test_while_the_audio_is_away_the_files_grow(player, record, wait_until):
    live = player()
    recorder = record(live)
    live.play(MUSIC[:, :4096])
    take_in(wait_until, recorder, 4096)
    recorder.detach()
    take_in(wait_until, recorder, 4096 + 4410)
    before = time.monotonic()
    recorder.stop()
    assert time.monotonic() - before < 0.8
    assert recorder.status().n_silent == recorder.status().n_frames - 4096


def test_another_stem_set_gets_files_of_its_own(player, record, read_file):
    live = player()
    recorder = record(live)
    coming = live.separator_of("classic-2stems")

    def change(start):
        if start == 8192:
            recorder.use_stems(coming.stems)
            index = live.engine.place(live.slot(coming), live.unity(2))
            live.desk.change_slot(index, 2048, fade=1024)

    live.play(MUSIC, change)
    recorder.stop()
    files = {name: read_file(path) for name, path in recorder.status().paths.items()}
    assert {samples.shape for samples in files.values()} == {MUSIC.shape}
    assert set(files) == {"input", "mix", *live.names, *coming.stems}
    first = np.flatnonzero(files["accompaniment"].any(axis=0))[0]
    assert 8192 + 3072 <= first <= 8192 + 3072 + 512
    for gone in set(live.names) - set(coming.stems):
        assert not files[gone][:, first:].any()
    total = sum(files[name] for name in {*live.names, *coming.stems})
    assert np.abs(total - files["input"]).max() < 1e-6


def test_in_a_pause_the_time_stands_still(player, record, read_file, wait_until):
    live = player()
    recorder = record(live)
    first = live.play(MUSIC[:, :4096])
    recorder.pause()
    wait_until(lambda: not live.desk.counts[IS_RECORDING])
    assert recorder.status().state == "paused"
    live.play(MUSIC[:, 4096:8192])
    time.sleep(0.1)
    recorder.resume()
    wait_until(lambda: live.desk.counts[IS_RECORDING])
    last = live.play(MUSIC[:, 8192:12288])
    recorder.stop()
    mix = read_file(recorder.status().paths["mix"])
    assert np.array_equal(mix, np.concatenate([first, last], axis=1))


def test_takes_follow_each_other(player, record, read_file, wait_until):
    live = player()
    recorder = record(live)
    live.play(MUSIC[:, :4096])
    with pytest.raises(ParameterError, match="stop it first"):
        recorder.start("second")
    recorder.stop()
    live.play(MUSIC[:, :4096])
    recorder.start("second")
    wait_until(lambda: live.desk.counts[IS_RECORDING])
    played = live.play(MUSIC[:, :2048])
    recorder.stop()
    assert recorder.status().paths["mix"].name == "second-mix.wav"
    assert np.array_equal(read_file(recorder.status().paths["mix"]), played)
    with pytest.raises(AudioFileError, match="choose another take"):
        recorder.start("take")


def test_without_anything_to_do_it_does_nothing(tmp_path):
    recorder = Recorder(tmp_path, ("a",), 44100, 2)
    assert recorder.stop()
    assert recorder.status().state == "stopped"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("channels", "frames"), [(2, 0), (1, 8192)])
def test_a_desk_without_a_fitting_ring_is_refused(tmp_path, channels, frames):
    with pytest.raises(ParameterError, match="20 values"):
        Recorder(tmp_path, ("a",), 44100, 2).attach(Desk(channels, frames))


@pytest.mark.parametrize("stems", [("a", "mix"), ("a", "a"), ("input",)])
def test_two_files_of_one_name_are_refused(tmp_path, stems):
    with pytest.raises(ParameterError, match="cannot be files"):
        Recorder(tmp_path, stems, 44100, 2)
