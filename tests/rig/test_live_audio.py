"""What a JACK recorder hears of a live session is what `Separator` gives, to the sample."""

import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from rig.jack import is_thorough, may_have_priority
from rig.programs import Program
from signals import music
from streamsep.mixer import StemMixer
from streamsep.separator import Separator
from streamsep.spec import PROFILES
from streamsep_bridge import LiveSession
from streamsep_bridge.screen.wording import describe_place

STRICT = Path(__file__).parent / "programs" / "strict_sounddevice"
"""A folder whose `sitecustomize` has sounddevice refuse machine code."""


def play_and_record(folder, song, n_outputs, seconds, live):
    """Play a song into a session and record what comes out.

    Returns:
        Recording [outputs, n], the sample of it at which the song's first sample was played, and how many
        gaps the server reported.
    """
    np.save(folder / "song.npy", song)
    playing = ("play", "player", len(song), folder / "song.npy")
    recording = ("record", "recorder", n_outputs, folder / "heard.npy", "--seconds", seconds)
    with Program(CLIENT, *playing) as player, Program(CLIENT, *recording) as recorder, live:
        recorder.tell()
        recorder.result()  # it records before anything is played
        player.tell()
        player.result()
        started, recorded = player.result(), recorder.result()
    n_gaps = started["xruns"] + recorded["xruns"]
    return np.load(folder / "heard.npy"), started["start"] - recorded["start"], n_gaps


CLIENT = "jack_client.py"

CASES = [
    ("studio", 48000, 1024),
    ("stage", 44100, 256),
    ("tight", 48000, 512),
    ("instant", 44100, 64),
]
if is_thorough():
    CASES = list(itertools.product(PROFILES, (44100, 48000), (64, 128, 256, 512, 1024)))


@pytest.mark.parametrize(("profile", "rate", "period"), CASES)
def test_the_mix_is_the_separators_and_as_late_as_declared(
    jack_server, tmp_path, profile, rate, period
):
    jack_server(rate, period, is_real_time=may_have_priority())
    song = music(1.5, rate)
    live = LiveSession("classic", profile=profile, mode="inline", input="player", output="recorder")
    separator = Separator.from_preset("classic", profile=profile, sample_rate=rate)
    mixer = StemMixer(separator.stems, rate)
    for faders in (live.stems, mixer):
        faders["vocals"].gain_db, faders["drums"].mute, faders["other"].pan = -6.0, True, 0.5
    mixer.reset()
    heard, first, n_gaps = play_and_record(tmp_path, song, 2, 2.5, live)
    if n_gaps and not equals_whole(heard, first, song, separator, period, mixer.mix):
        # Seen once, on a busy machine, with a server that reports gaps: what it lost proves nothing.
        heard, first, n_gaps = play_and_record(tmp_path, song, 2, 2.5, live)
    assert equals_whole(heard, first, song, separator, period, mixer.mix)


def test_a_callback_in_python_gives_the_same_and_says_so(jack_server, tmp_path, monkeypatch):
    jack_server(44100, 512)
    path = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{STRICT}{os.pathsep}{path}" if path else str(STRICT))
    song, told = music(1.5, 44100), []
    live = LiveSession("classic", mode="inline", input="player", output="recorder")
    live.listen(told.append)
    separator = Separator.from_preset("classic", sample_rate=44100)
    heard, first, _ = play_and_record(tmp_path, song, 2, 2.5, live)
    assert equals_whole(heard, first, song, separator, 512, StemMixer(separator.stems, 44100).mix)
    playing = next(event for event in told if event["event"] == "playing")
    assert not playing["is_native"]
    assert "called from Python" in describe_place(playing)


def equals_whole(heard, first, song, separator, period, face):
    """Whether the recording holds, from the declared sample on, the whole song's stems by `face`.

    The session's hops began before the song did, by any number of periods: one such shift must fit.
    """
    first += separator.spec.profile.latency_samples(period)
    compared = heard[:, first : first + song.shape[1]]
    assert compared.shape[1] > 0.9 * song.shape[1]
    found = []
    for shift in range(0, max(separator.spec.profile.hop, period), period):
        silence = np.zeros((2, shift), np.float32)
        stems = separator.separate(np.concatenate([silence, song], axis=1))[..., shift:]
        difference = compared - face(stems)[:, : compared.shape[1]]
        found.append(np.abs(difference).max())
    # Of silence before the song a memory may keep 1e-28; everything else has the same bits.
    return min(found) < 1e-20


def test_every_stem_has_ports_of_its_own(jack_server, tmp_path):
    jack_server(44100, 256)
    song = music(1.5)
    live = LiveSession(
        "classic", mode="inline", input="player", output="recorder", stem_outputs=True
    )
    heard, first, _ = play_and_record(tmp_path, song, 8, 2.5, live)
    separator = Separator.from_preset("classic")
    assert equals_whole(heard, first, song, separator, 256, lambda stems: stems.reshape(8, -1))
