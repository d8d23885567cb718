"""Controls, profiles, presets and engines change while music plays: nothing clicks.

What is played has nothing above 5 kHz, so all that is heard above 9 kHz was made on the way: a click is
heard there, a moving fader is not. That the detector hears clicks is shown first.
"""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import butter, firwin, oaconvolve, sosfilt

from rig.jack import is_thorough, may_have_priority, thorough
from rig.programs import Program
from signals import music
from streamsep.engine.live.engine import LiveFormat
from streamsep.engine.live.prepare import prepare_slot
from streamsep_bridge import LiveSession
from streamsep_bridge.live.settings import ModelChoice

CLIENT = "jack_client.py"
RATE = 44100
SECONDS = 240.0 if is_thorough() else 14.0
N_CHANGES = 100 if is_thorough() else 4
CHANGES_PER_S = 1000
CLICK_DB = -60.0
"""Peak above 9 kHz that counts as a click, relative to full scale. The smallest step heard is shown below."""

CHOICES = (
    {"profile": "tight"},
    {"profile": "instant"},
    {"preset": "4stems-stage", "profile": "stage"},
    {"precision": "int8"},
    {"preset": "classic", "engine": "torch", "precision": "float32"},
    {"profile": "studio"},
    {"engine": "compiled", "stem_set": "2stems"},
    {"profile": "stage", "stem_set": "4stems", "mode": "worker"},
    {"mode": "auto"},
)


def tone(seconds):
    """Two steady tones, left and right. float32 [2, n]"""
    t = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2.0 * np.pi * np.array([[440.0], [1234.5]]) * t)).astype(np.float32)


def dull_music(seconds):
    """Music without anything above 5 kHz. float32 [2, n]"""
    low = firwin(801, 4500.0, fs=RATE, window=("kaiser", 12.0))
    part = oaconvolve(music(20.0), low[None], mode="same", axes=1)
    n = round(seconds * RATE)
    fade = np.minimum(1.0, np.arange(part.shape[1]) / 4410.0)
    part = 0.7 * part / np.abs(part).max() * fade * fade[::-1]
    return np.tile(part, (1, -(-n // part.shape[1])))[:, :n].astype(np.float32)


def loudest_click_db(heard):
    """Peak above 9 kHz in dBFS, without the first half second, where the sound begins. [channels, n]"""
    high = butter(8, 9000.0, "highpass", fs=RATE, output="sos")
    peak = np.abs(sosfilt(high, heard.astype(np.float64), axis=-1)[:, RATE // 2 :]).max()
    return 20.0 * np.log10(max(peak, 1e-12))


@pytest.mark.parametrize("make", [tone, dull_music])
@pytest.mark.parametrize("step", [0.02, 0.1, 1.0])
def test_the_detector_hears_a_fader_that_jumps(make, step):
    heard = make(3.0)
    assert loudest_click_db(heard) < CLICK_DB - 20.0
    loudest = RATE + int(np.argmax(np.abs(heard[0, RATE : 2 * RATE])))
    heard[:, loudest:] *= 1.0 - step
    assert loudest_click_db(heard) > CLICK_DB


def move_faders(live, is_over):
    """A thousand changes a second, of all controls of all stems."""
    rng = np.random.default_rng(0)
    n, began = 0, time.monotonic()
    while not is_over.is_set():
        due = int((time.monotonic() - began) * CHANGES_PER_S)
        while n < due:
            n += 1
            names = tuple(live.stems)
            name = names[rng.integers(len(names))]
            try:
                fader = live.stems[name]
            except Exception:
                continue  # the stem has just gone with its model
            what = rng.integers(5)
            if what == 0:
                fader.mute = rng.random() < 0.3
            elif what == 1:
                fader.pan = rng.uniform(-1.0, 1.0)
            elif what == 2:
                fader.solo = rng.random() < 0.1
            else:
                fader.gain_db = rng.uniform(-40.0, 0.0)
        time.sleep(0.001)
    return n


@pytest.fixture(scope="module")
def machine_code_of_choices(machine_code):
    """Translated before the clock runs."""
    model = ModelChoice("classic")
    for choice in CHOICES[:N_CHANGES]:
        model = replace(model, **choice)
        audio = LiveFormat(RATE)
        prepare_slot(model.find(), audio, 256, model.precision, model.mode, model.engine)


@pytest.mark.parametrize("make", [tone, thorough(dull_music)])
def test_nothing_clicks_while_everything_changes(
    jack_server, machine_code_of_choices, tmp_path, record_property, make
):
    jack_server(RATE, 256, is_real_time=may_have_priority())
    np.save(tmp_path / "song.npy", make(SECONDS))
    playing = ("play", "player", 2, tmp_path / "song.npy")
    recording = ("record", "recorder", 2, tmp_path / "heard.npy", "--seconds", SECONDS - 2.0)
    is_over, moves, n_changes = threading.Event(), [], 0
    live = LiveSession("classic", input="player", output="recorder")
    with Program(CLIENT, *playing) as player, Program(CLIENT, *recording) as recorder, live:
        player.tell()
        player.result()
        recorder.tell()
        recorder.result()
        moving = threading.Thread(
            target=lambda: moves.append(move_faders(live, is_over)), daemon=True
        )
        moving.start()
        began = time.monotonic()
        while n_changes < N_CHANGES:
            live.change(**CHOICES[n_changes % len(CHOICES)])
            n_changes += 1
            live.bypass = n_changes % 3 == 0
            assert live.status().state == "playing"
        changed_in = time.monotonic() - began
        recorder.result()
        is_over.set()
        moving.join()
        assert live.status().restarts == 0
    heard = np.load(tmp_path / "heard.npy")
    assert changed_in < SECONDS - 2.0  # all of it was recorded
    assert moves[0] > 0.5 * CHANGES_PER_S * changed_in
    assert np.abs(heard[:, RATE:]).max() > 0.05
    click_db = loudest_click_db(heard)
    for fact in (("changes", n_changes), ("moves", moves[0]), ("dB above 9 kHz", float(click_db))):
        record_property(*fact)
    assert click_db < CLICK_DB
