"""A file, or a device with a clock of its own, as the input of a live session on a real server."""

import json
import threading

import numpy as np
import pytest
import soundfile

from rig.jack import thorough
from rig.programs import Program
from rig.test_live_audio import CLIENT, equals_whole, play_and_record
from rig.test_live_command import run
from rig.test_recovery import wait_until
from signals import music
from streamsep.file_resample import FileResampler
from streamsep.mixer import StemMixer
from streamsep.separator import Separator
from streamsep_bridge import LiveSession

RATE, PERIOD = 44100, 256


def write(path, song, rate=RATE):
    soundfile.write(path, song.T, rate, subtype="FLOAT")
    return str(path)


def record(folder, seconds, live, while_it_plays=lambda: None):
    """What a session plays, from before its file begins. [2, n]"""
    live.source.paused = True
    recording = ("record", "recorder", 2, folder / "heard.npy", "--seconds", seconds)
    with Program(CLIENT, *recording) as recorder, live:
        recorder.tell()
        recorder.result()
        live.source.paused = False
        while_it_plays()
        recorder.result()
        assert live.status().gaps == 0
    return np.load(folder / "heard.npy")


def find(song, heard):
    """Sample of the recording at which the song begins; its stems may be moved, but not in time."""
    n = len(song) + len(heard)
    product = np.fft.irfft(np.fft.rfft(heard, n) * np.conj(np.fft.rfft(song, n)), n)
    return int(np.argmax(product[: len(heard)]))


@pytest.mark.parametrize(("file_rate", "channels"), [(44100, 2), (48000, 1)])
def test_a_file_is_separated_as_the_separator_does(jack_server, tmp_path, file_rate, channels):
    jack_server(RATE, PERIOD)
    song = music(1.5, file_rate, channels)
    path = write(tmp_path / "song.wav", song, file_rate)
    if file_rate != RATE:
        resampler = FileResampler(file_rate, RATE, channels)
        song = np.concatenate([resampler.push(song), resampler.finish()], axis=1)
    song = np.repeat(song, 2 // channels, axis=0)
    live = LiveSession("classic", mode="inline", output="recorder", source=path)
    separator = Separator.from_preset("classic")
    mixer = StemMixer(separator.stems, RATE)
    for faders in (live.stems, mixer):
        faders["vocals"].gain_db, faders["drums"].mute, faders["other"].pan = -6.0, True, 0.5
    mixer.reset()
    heard = record(tmp_path, 2.5, live)
    latency = separator.spec.profile.latency_samples(PERIOD)
    first = round((find(song[0], heard[0]) - latency) / PERIOD) * PERIOD
    assert equals_whole(heard, first, song, separator, PERIOD, mixer.mix)


def test_a_loop_has_no_seam(jack_server, tmp_path):
    jack_server(RATE, PERIOD)
    song = music(0.4)
    live = LiveSession(
        "classic",
        mode="inline",
        output="recorder",
        source=write(tmp_path / "song.wav", song),
        loop=True,
    )
    live.bypass = True
    heard = record(tmp_path, 2.0, live)
    first = int(np.flatnonzero(heard[0])[0])
    played = heard[:, first:]
    assert played.shape[1] > 3 * song.shape[1]
    whole = np.tile(song, 6)[:, : played.shape[1]]
    np.testing.assert_array_equal(played, whole)


def test_a_seek_is_heard_elsewhere_without_a_click_and_a_pause_goes_on_where_it_was(
    jack_server, tmp_path
):
    jack_server(RATE, PERIOD)
    place = np.linspace(0.1, 0.6, 20 * RATE, dtype=np.float32)  # says where in the file it is
    path = write(tmp_path / "places.wav", np.stack([place, place]))
    live = LiveSession("classic", mode="inline", output="recorder", source=path)
    live.bypass = True
    source = live.source
    seconds_of = lambda level: (level - 0.1) / 0.5 * 20.0  # noqa: E731

    def move():
        wait_until(lambda: source.position_s > 0.3, 10.0)
        source.seek(15.0)
        wait_until(lambda: source.position_s > 15.3, 10.0)
        source.paused = True
        wait_until(lambda: live.status().peaks_db["input"] < -60.0, 10.0)
        source.paused = False

    heard = record(tmp_path, 8.0, live, move)[0]
    assert np.abs(np.diff(heard)).max() < 0.1 + 1e-6  # the file's own beginning; fades are gentler
    is_silent = heard == 0.0
    edges = np.flatnonzero(np.diff(is_silent.astype(int)))
    pieces = [heard[a + 1 : b + 1] for a, b in zip(edges[::2], edges[1::2], strict=False)]
    pieces.append(heard[edges[len(pieces) * 2] + 1 :])
    fade = round(0.005 * RATE) + 2
    starts = [seconds_of(piece[fade]) for piece in pieces]
    ends = [seconds_of(piece[-fade]) for piece in pieces[:-1]]
    assert starts[0] < 0.02
    assert ends[0] > 0.3
    assert 15.0 <= starts[1] < 15.05
    assert ends[1] > 15.3
    assert starts[2] == pytest.approx(ends[1], abs=3 * fade / RATE)


def test_the_command_ends_with_its_file(jack_server, tmp_path):
    jack_server(RATE, PERIOD)
    path = write(tmp_path / "song.wav", music(1.5))
    done = run("--preset", "classic", "--source", path, "--start", "0.5", "--json")
    assert done.returncode == 0, done.stderr
    events = read_events(done.stdout)
    assert [event["event"] for event in events].count("source_ended") == 1
    assert events[-1]["event"] == "ended"
    assert events[-1]["played_s"] > 1.0
    status = next(event for event in events if event["event"] == "status" and event["source"])
    assert status["source"]["duration_s"] == pytest.approx(1.5)
    assert status["source"]["path"] == path


def read_events(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_goes_on_where_it_was_when_the_server_returns(jack_server, tmp_path):
    server = jack_server(RATE, PERIOD)
    path = write(tmp_path / "song.wav", music(60.0))
    with LiveSession("classic", mode="inline", source=path) as live:
        live.source.seek(20.0)
        wait_until(lambda: live.source.position_s > 20.5, 10.0)
        server.kill()
        wait_until(lambda: live.status().state == "waiting", 5.0)
        before_s = live.source.position_s
        server.start()
        wait_until(lambda: live.status().state == "playing", 10.0)
        wait_until(lambda: live.source.position_s > before_s + 0.5, 10.0)
        assert before_s <= live.source.position_s < before_s + 10.0


@pytest.mark.parametrize("period", [256, thorough(1024)])
def test_two_streams_keep_time_and_are_as_late_as_declared(jack_server, tmp_path, period):
    jack_server(RATE, period)
    n = 10 * RATE
    song = 0.1 * np.random.default_rng(0).standard_normal((2, n)).astype(np.float32)
    t = np.arange(8 * RATE) / RATE
    song[:, 2 * RATE :] = (0.3 * np.sin(2 * np.pi * 1000.0 * t)).astype(np.float32)
    live = LiveSession("classic", mode="inline", input="player", output="recorder", split=True)
    live.bypass = True
    statuses = []
    live.listen(lambda event: event["event"] == "playing" and statuses.append(event))
    heard, first, _ = play_and_record(tmp_path, song, 2, 11.0, live)
    assert statuses[0]["intake_ms"] > 0.0
    declared = statuses[0]["latency_samples"] + statuses[0]["intake_ms"] * RATE / 1000.0
    late = find(song[0, : 2 * RATE], heard[0]) - first
    assert late == pytest.approx(declared, abs=RATE / 1000)
    tone = heard[0, first + 5 * RATE : first + 9 * RATE]
    assert purity_db(tone, 1000.0) > 60.0
    assert live.status().gaps == 0


def purity_db(x, frequency):
    """Power within 20 Hz of a tone against all other."""
    spectrum = np.abs(np.fft.rfft(x * np.kaiser(len(x), 20.0))) ** 2
    is_tone = abs(np.fft.rfftfreq(len(x), 1.0 / RATE) - frequency) < 20.0
    return 10.0 * np.log10(spectrum[is_tone].sum() / spectrum[~is_tone].sum())


def test_a_seek_does_not_wait_for_a_model_that_is_prepared(jack_server, tmp_path):
    jack_server(RATE, PERIOD)
    path = write(tmp_path / "song.wav", music(60.0))
    with LiveSession("classic", mode="inline", source=path) as live:
        changing = threading.Thread(target=live.change, kwargs={"profile": "tight"})
        changing.start()
        live.source.seek(30.0)
        wait_until(lambda: live.source.position_s > 30.1, 30.0)
        changing.join()
        status = live.status()
    assert status.facts["profile"] == "tight"
    assert status.gaps == 0
