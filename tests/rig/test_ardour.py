"""A real Ardour plays a song into the bridge and records its stems; faders of both move together."""

import contextlib
import re
import subprocess

import numpy as np
import pytest
import soundfile

from rig import ardour
from rig.ardour import WAIT_S, Ardour, Surface, wait_until
from rig.jack import is_thorough
from rig.programs import Program
from rig.test_live_command import LIVE
from signals import music
from streamsep.commands.main import main
from streamsep.separator import Separator
from streamsep_bridge import LiveSession
from streamsep_bridge.daw.beside import DawBeside
from streamsep_bridge.daw.libjack import open_jack

STEMS = ("vocals", "drums", "bass", "other")

CASES = [("stage", 44100, 256)]
if is_thorough():
    CASES += [("tight", 48000, 1024), ("instant", 44100, 64), ("studio", 48000, 512)]


@pytest.fixture
def studio(jack_server, tmp_path, monkeypatch):
    """Opens a session with a song in Ardour beside a server: `studio(song, profile, rate, period)`."""
    if ardour.missing():
        pytest.skip(ardour.missing())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with contextlib.ExitStack() as stack:

        def enter(song, profile="stage", rate=44100, period=256):
            jack_server(rate, period)
            soundfile.write(tmp_path / "song.wav", song.T, rate, subtype="FLOAT")
            options = ["--session", str(tmp_path / "song"), "--song", str(tmp_path / "song.wav")]
            assert (
                main(["daw", "ardour", *options, "--preset", "classic", "--profile", profile]) == 0
            )
            opened = stack.enter_context(Ardour(tmp_path / "song", tmp_path))
            return opened, stack.enter_context(contextlib.closing(Surface()))

        yield enter


def live_session(profile="stage", has_stem_outputs=True):
    return LiveSession(
        "classic",
        profile=profile,
        mode="inline",
        input="ardour",
        output="ardour",
        stem_outputs=has_stem_outputs,
    )


def stand_still(link):
    """Ardour without a window begins to roll when it opens; it is stopped once it does, at the start."""
    wait_until(lambda: link.playhead.is_rolling, "never rolled")
    wait_until(lambda: (link.playhead.position_s or 0.0) > 0.5, "does not get on")
    link.roll(False)
    wait_until(lambda: not link.playhead.is_rolling, "does not stop")
    jumps = link.n_jumps
    link.locate(0.0)
    wait_until(lambda: link.n_jumps > jumps and link.playhead.position_s == 0.0, "does not locate")


@pytest.mark.parametrize(("profile", "rate", "period"), CASES)
def test_takes_are_the_offline_stems_in_their_place(studio, tmp_path, profile, rate, period):
    song = music(2.0, rate)
    opened, surface = studio(song, profile, rate, period)
    live = live_session(profile)
    changed = []
    live.listen(lambda event: changed.append(event["event"]))
    with DawBeside(live, tmp_path / "song") as beside, live:
        link = beside.link
        wait_until(lambda: link.is_connected and link.armed == set(STEMS), "no armed tracks")
        wait_until(lambda: is_patched("ardour:Other/audio_in 2"), "not patched")
        stand_still(link)
        surface.move("/strip/monitor_input", "Vocals", 1.0)
        wait_until(lambda: "changed" in changed, "the model did not begin anew after a jump")
        link.record(True)
        wait_until(lambda: link.is_recording, "not armed")
        link.roll(True)
        wait_until(lambda: link.playhead.position_s > 0.4, "does not roll")
        live.stems["vocals"].gain_db = -6.0
        wait_until(lambda: near(surface.look("/strip/gain", "Vocals"), -6.0), "fader unmoved")
        surface.move("/strip/gain", "Drums", -12.0)
        wait_until(lambda: near(live.stems["drums"].gain_db, -12.0), "session unmoved")
        with Program(
            "jack_client.py", "record", "strip", 1, tmp_path / "strip.npy", "--seconds", 0.5
        ) as strip:
            with open_jack() as jack:
                jack.connect("ardour:Vocals/audio_out 1", "strip:in_0")
            strip.tell()
            strip.result()
            strip.result()
        wait_until(lambda: link.playhead.position_s > 2.3, "does not roll on")
        link.roll(False)
        wait_until(lambda: not link.playhead.is_rolling, "does not stop")
        opened.save(surface)
    takes = [read_take(tmp_path, stem, song.shape[1]) for stem in STEMS]
    assert [opened.position(stem.title()) for stem in STEMS] == [0] * 4
    assert is_whole_song(np.stack(takes), song, beside.setup)
    # What leaves the strip has passed the gain once: neither twice nor, in the take, at all.
    strip = np.load(tmp_path / "strip.npy")[0]
    assert gain_of(strip, takes[0][0]) == pytest.approx(10 ** (-6 / 20), rel=1e-3)


def record_to(link, end_s):
    """A take from the start."""
    link.locate(0.0)
    wait_until(lambda: link.playhead.position_s == 0.0, "does not locate")
    wait_until(lambda: link.is_recording or link.record(True), "not armed")
    link.roll(True)
    wait_until(lambda: link.playhead.is_rolling and link.playhead.position_s > end_s, "stands")
    link.roll(False)
    wait_until(lambda: not link.playhead.is_rolling, "does not stop")


def near(value, wanted):
    return value is not None and abs(value - wanted) < 0.05


def is_patched(port):
    with open_jack() as jack:
        return any(other.startswith("PortAudio") for other in jack.connected(port))


def read_take(folder, stem, n):
    """What was recorded. [2, n]"""
    files = folder / "song" / "interchange" / "song" / "audiofiles"
    found = {path.name: path for path in files.glob(f"Take*_{stem.title()}-*")}
    sides = [path for side in "LR" for name, path in found.items() if name.endswith(f"%{side}.wav")]
    assert len(sides) == 2, sorted(found)
    return np.stack([soundfile.read(path, dtype="float32")[0][:n] for path in sides])


def is_whole_song(takes, song, setup):
    """Whether takes are what `Separator` gives.

    The song left so much early that it does not begin with a block of the server, and the bridge's hops began
    before it by any number of blocks.
    """
    separator = Separator.from_preset(
        "classic", profile=setup.profile, sample_rate=setup.sample_rate
    )
    first, block = -setup.delay_samples % setup.block_size, setup.block_size
    found = []
    for shift in range(first, first + max(separator.spec.profile.hop, block), block):
        silence = np.zeros((2, shift), np.float32)
        stems = separator.separate(np.concatenate([silence, song], axis=1))[..., shift:]
        found.append(np.abs(takes - stems).max())
    # Of silence before the song a memory may keep 1e-28; everything else has the same bits.
    return min(found) < 1e-20


def gain_of(heard, take):
    """By how much a stretch of a take was heard."""
    stretch = heard[len(heard) // 2 :]
    n = 1 << (len(take) + len(stretch)).bit_length()
    match = np.fft.irfft(np.fft.rfft(take, n) * np.conj(np.fft.rfft(stretch, n)), n)
    at = int(np.argmax(match[: len(take)]))
    same = take[at : at + len(stretch)]
    return float(stretch[: len(same)] @ same / (same @ same))


def test_the_bridges_own_mix_goes_past_the_strips_and_a_loop_is_noticed(studio, tmp_path):
    _, surface = studio(music(0.5))
    live = live_session(has_stem_outputs=False)
    live.stems["bass"].gain_db = -20.0
    told = []
    with (
        DawBeside(live, tmp_path / "song", has_stem_outputs=False, tell=told.append) as beside,
        live,
    ):
        wait_until(lambda: is_patched("ardour:Master/audio_in 2"), "not patched")
        with open_jack() as jack:
            ports = [port for port in jack.ports("ardour", is_input=True) if "Master" not in port]
            assert not any("PortAudio" in other for port in ports for other in jack.connected(port))
            out = [port for port in jack.ports("ardour", is_input=False) if "Mixture/" in port]
            heard = [jack.connected(port) for port in out]
            assert [len(others) for others in heard] == [1, 1]
            assert heard[0][0].startswith("PortAudio:in_")
            assert heard[0] != heard[1]
        wait_until(lambda: near(surface.look("/strip/gain", "Bass"), -20.0), "fader unmoved")
        surface.move("/strip/gain", "Vocals", -9.0)
        wait_until(lambda: near(live.stems["vocals"].gain_db, -9.0), "session unmoved")
        surface.move("/strip/mute", "Other", 1.0)
        surface.move("/strip/solo", "Drums", 1.0)
        wait_until(lambda: live.stems["other"].mute and live.stems["drums"].solo, "switches")
        live.stems["drums"].solo = False
        wait_until(lambda: surface.look("/strip/solo", "Drums") == 0.0, "solo stays")
        stand_still(beside.link)
        jumps = beside.link.n_jumps
        surface.send("/loop_location", 0, 22050)
        surface.send("/loop_toggle")
        beside.link.roll(True)
        wait_until(lambda: beside.link.n_jumps >= jumps + 3, "rounds of a loop are not noticed")
        beside.link.roll(False)
        assert beside.link.n_refused == 0
        live.change(profile="tight")
        wait_until(
            lambda: any("1056 samples and this session needs 544" in line for line in told), ""
        )


def test_another_delay_is_refused_and_made_good_by_the_command(studio, tmp_path):
    studio(music(0.5))
    options = ["--daw", str(tmp_path / "song"), "--profile", "tight", "--json"]
    done = subprocess.run([*LIVE, *options], capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "the project makes good 1056 samples and this session needs 544" in done.stderr
    assert main(["daw", "ardour", "--session", str(tmp_path / "song")]) == 0
    assert delay_of(tmp_path) == 544


@pytest.mark.skipif(not is_thorough(), reason="takes half a minute; RIG=long")
def test_takes_lie_right_after_both_were_opened_anew(studio, tmp_path):
    song = music(1.0)
    opened, surface = studio(song)
    for n in range(3):
        live = live_session()
        with DawBeside(live, tmp_path / "song") as beside, live:
            wait_until(lambda: is_patched("ardour:Other/audio_in 2"), "not patched")
            if n != 1:
                stand_still(beside.link)
            record_to(beside.link, 1.4)
            opened.save(surface)
        if n == 1:  # the session keeps connections with a bridge that has gone
            opened.__exit__()
            opened.__enter__()
            surface.greet()
    files = tmp_path / "song" / "interchange" / "song" / "audiofiles"
    for take in ("Take1", "Take2", "Take3"):
        found = [files / f"{take}_{stem.title()}-1%L.wav" for stem in STEMS]
        stems = [soundfile.read(path, dtype="float32")[0][: song.shape[1]] for path in found]
        assert np.abs(sum(stems) - song[0]).max() < 1e-6


def delay_of(folder):
    text = (folder / "song" / "song.ardour").read_text()
    return int(re.search(r'user-latency="([1-9]\d*)" use-user-latency="1"', text)[1])
