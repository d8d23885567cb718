"""A recorder that is killed, runs out of room, or is held up, leaves files that are right."""

import os
import signal
import time

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep.engine.live.memory import DROPPED, IS_RECORDING, RECORD_READ, RECORD_WRITTEN

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals of POSIX")

MUSIC = music(2.0)[:, : 256 * 340]


def files(folder):
    return {path.stem.removeprefix("take-"): path for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_after_a_kill_at_most_the_last_second_is_missing(child, read_file, tmp_path, form):
    live = child(form=form)
    begin = time.monotonic()

    def in_time(start):
        time.sleep(max(0.0, begin + start / 44100 - time.monotonic()))

    played = live.player.play(MUSIC, in_time)
    live.process.kill()
    live.process.wait()
    assert live.player.desk.counts[DROPPED] == 0
    expected = live.player.expected(MUSIC, played)
    found = files(tmp_path)
    assert set(found) == set(expected)
    for name, path in found.items():
        held = read_file(path)
        n = held.shape[1]
        assert MUSIC.shape[1] - 44100 <= n <= MUSIC.shape[1]
        assert np.abs(held - expected[name][:, :n]).max() <= (0.0 if form == "wav" else 2**-24)


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_on_a_full_disk_the_take_ends_the_files_stay_and_the_audio_plays_on(
    child, read_file, tmp_path, wait_until, form
):
    live = child(form=form, file_limit=200_001)
    played = live.player.play(MUSIC)
    told = live.hear()
    assert told["says"] == "failed"
    assert "cannot be written" in told["reason"]
    assert "make room" in told["reason"]
    wait_until(lambda: not live.player.desk.counts[IS_RECORDING])
    dropped = live.player.desk.counts[DROPPED]
    assert live.player.play(MUSIC).any()
    assert live.player.desk.counts[DROPPED] == dropped  # nobody wants frames any more
    end = live.stop()[-1]
    assert (end["says"], end["is_complete"]) == ("failed", False)
    expected = live.player.expected(MUSIC, played)
    lengths = []
    for name, path in files(tmp_path).items():
        assert path.stat().st_size <= 200_001
        held = read_file(path)
        lengths.append(held.shape[1])
        assert np.abs(held - expected[name][:, : held.shape[1]]).max() <= 2**-24
    if form == "wav":
        assert max(lengths) == (200_001 - 94) // 8  # to the last sample that fits
    assert min(lengths) > 8192


def test_a_recorder_that_is_held_up_loses_frames_but_not_the_time(
    child, read_file, tmp_path, wait_until
):
    live = child(ring=16384)
    desk, third = live.player.desk, MUSIC.shape[1] // 3 // 256 * 256
    drained = lambda: desk.counts[RECORD_READ] == desk.counts[RECORD_WRITTEN]  # noqa: E731

    def hold(start):
        if start % 8192 == 0 and not third <= start < 2 * third:
            wait_until(drained)
        if start == third:
            wait_until(drained)
            os.kill(live.process.pid, signal.SIGSTOP)
        elif start == 2 * third:
            os.kill(live.process.pid, signal.SIGCONT)
            wait_until(drained)

    played = live.player.play(MUSIC, hold)
    *troubles, end = live.stop()
    n_lost = third - 16384
    assert desk.counts[DROPPED] == n_lost == end["n_lost"]
    assert [trouble["says"] for trouble in troubles] == ["lost"]
    assert f"{n_lost / 44100:.2f} s" in troubles[0]["reason"]
    expected = live.player.expected(MUSIC, played)
    begin, stop = third + 16384, 2 * third
    for name, path in files(tmp_path).items():
        held = read_file(path)
        assert held.shape == expected[name].shape
        assert not held[:, begin:stop].any()
        assert np.array_equal(held[:, :begin], expected[name][:, :begin])
        assert np.array_equal(held[:, stop:], expected[name][:, stop:])
    assert soundfile.info(files(tmp_path)["mix"]).format == "WAV"
