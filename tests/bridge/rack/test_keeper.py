"""A real rack process beside a live path: aligned, steered, exchanged, killed, hung, restarted."""

import os
import platform
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
import soundfile

from signals import music
from streamsep.engine.live.desk import Desk, n_bytes
from streamsep.engine.live.engine import LiveEngine, LiveFormat
from streamsep.engine.live.inserts import AT_WORK, IS_ON, RACK_BLOCK, READY, SUM_LANE, rack_reserve
from streamsep.engine.live.presence import FADE
from streamsep.engine.live.program import make_program
from streamsep.engine.live.slot import RING, make_slot
from streamsep.separator import Separator
from streamsep_bridge.live.memory_file import create_memory
from streamsep_bridge.rack.keeper import RackKeeper
from streamsep_bridge.rack.order import RackOrder
from streamsep_bridge.rack.parameters import ChainError

pytest.importorskip("pedalboard")

BLOCK, RATE = 256, 44100
MUSIC = music(2.0)[:, : 2 * RATE // 512 * 512]
LATE = [{"effect": "BrickwallLimiter", "ceiling_db": 0.0}]
GAIN = [{"effect": "Gain", "gain_db": 0.0}]


def late(samples, n):
    return np.pad(samples, ((0, 0), (n, 0)))[:, : samples.shape[1]]


def jump(samples):
    return float(np.abs(np.diff(samples, axis=-1)).max())


class Stage:
    """A live path with racks, played by hand at the pace of the rack process."""

    def __init__(self, chains, **order):
        path, memory = create_memory(n_bytes(2, 0, RING))
        self.desk, self.said = Desk(2, 0, memoryview(memory), RING), []
        self.keeper = RackKeeper(
            RackOrder(chains, rack_frames=RING, **order),
            self.desk,
            path,
            {"channels": 2, "record_frames": 0},
            lambda event, **facts: self.said.append({"event": event, **facts}),
        )
        path.unlink()  # who needs it has it open
        self.at = 0

    def __enter__(self):
        separator = Separator.from_preset("classic", sample_rate=RATE, block_size=BLOCK)
        self.stems = separator.stems
        self.delays = self.keeper.open(RATE, BLOCK)
        slot = make_slot(make_program(separator.engine), RATE, 2, BLOCK)
        unity = np.tile(np.eye(2), (4, 1, 1))
        self.engine = LiveEngine(slot, unity, LiveFormat(RATE), self.desk, delays=self.delays)
        self.keeper.use_stems(0, list(self.stems))
        self.racks = self.keeper.go()
        return self

    def __exit__(self, *problem):
        self.keeper.close()

    def play(self, n_blocks, lane=None):
        """Blocks of the song, over and over; each when the rack of a lane has done the last."""
        played = np.zeros((n_blocks, BLOCK, 2), np.float32)
        for block in played:
            end = time.monotonic() + 5.0
            while lane is not None and not self._has_done(lane):
                assert time.monotonic() < end, "the rack does not keep up"
                time.sleep(0.0002)
            place = self.at % MUSIC.shape[1]
            song = np.ascontiguousarray(MUSIC[:, place : place + BLOCK].T)
            self.engine.play_block(song, block)
            self.at += BLOCK
        return played.reshape(-1, 2).T

    def _has_done(self, lane):
        owed = max(self.delays) - rack_reserve(BLOCK) + RACK_BLOCK
        row = self.desk.rack_lanes[lane]
        return self.at <= owed or (row[IS_ON] and row[READY] >= self.at - owed)

    def wait_for(self, condition, seconds=20.0):
        """Play on meanwhile, as a sound card does."""
        end, played = time.monotonic() + seconds, []
        while not condition():
            assert time.monotonic() < end, self.said
            played.append(self.play(1))
            time.sleep(BLOCK / RATE)
        return np.concatenate(played, axis=1) if played else np.zeros((2, 0))

    def pid(self):
        """Of the rack process."""
        children = psutil.Process().children()
        pids = [p.pid for p in children if any("rack_process" in word for word in p.cmdline())]
        assert len(pids) == 1
        return pids[0]

    def dry(self):
        """The song, as late as the mix is; as long as was played."""
        n_times = self.at // MUSIC.shape[1] + 1
        return late(np.tile(MUSIC, n_times)[:, : self.at], self.engine.latency_samples)

    def has_said(self, **facts):
        return any(facts.items() <= said.items() for said in self.said)


def test_a_latent_chain_on_a_stem_and_one_on_the_sum_leave_all_aligned():
    with Stage({"vocals": LATE, "mix": GAIN}) as stage:
        assert stage.racks["vocals"]["latency_samples"] == 220
        assert stage.delays == (rack_reserve(BLOCK) + 220, rack_reserve(BLOCK))
        played = stage.play(len(MUSIC[0]) // BLOCK, lane=0)
        start = stage.engine.latency_samples + FADE
        assert np.abs(played - stage.dry())[:, start:].max() < 1e-6
        assert all(stage.desk.rack_lanes[lane, IS_ON] for lane in (0, SUM_LANE))


def test_a_real_latent_plug_in_leaves_all_aligned(latent_plugin):
    with Stage({"other": [{"plugin": latent_plugin}]}) as stage:
        assert stage.racks["other"]["latency_samples"] == 480
        assert "threshold_db" in stage.racks["other"]["parameters"]["za_maxim_x2"]
        played = stage.play(len(MUSIC[0]) // BLOCK, lane=3)
        assert np.abs(played - stage.dry())[:, 4096:].max() < 1e-6


def test_parameters_bypass_and_exchange_while_it_plays():
    with Stage({"mix": GAIN}) as stage:
        stage.play(40, SUM_LANE)
        stage.keeper.obey("set", chain="mix", slot="gain", parameter="gain_db", value=-20.0)
        stage.wait_for(lambda: np.abs(stage.play(8, SUM_LANE)).max() < 0.11 * np.abs(MUSIC).max())
        stage.keeper.obey("bypass", chain="mix", is_on=True)
        stage.wait_for(lambda: not stage.desk.rack_lanes[SUM_LANE, IS_ON])
        n = stage.at
        played = stage.play(40)
        assert np.abs(played - stage.dry()[:, n:])[:, FADE:].max() < 1e-6
        stage.keeper.obey("bypass", chain="mix", is_on=False)
        stage.wait_for(lambda: stage.desk.rack_lanes[SUM_LANE, IS_ON])
        before = stage.pid()
        loud = [{"effect": "Invert"}]
        stage.keeper.obey("load", chain="mix", data=loud, number=7)
        stage.wait_for(lambda: stage.has_said(event="loaded", number=7))
        assert stage.pid() != before
        stage.play(20, SUM_LANE)
        n = stage.at
        played = stage.play(40, SUM_LANE)
        assert np.abs(played + stage.dry()[:, n:]).max() < 1e-6


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (LATE, "is 220 samples late, and this session waits for 0"),
        ([{"effect": "Resample", "target_sample_rate": 1000.0}], "samples late|ms late"),
        ([{"plugin": __file__}], "cannot be loaded"),
    ],
)
def test_a_chain_that_does_not_fit_is_refused_and_the_old_one_plays_on(data, reason):
    with Stage({"mix": GAIN}) as stage:
        stage.play(20, SUM_LANE)
        before = stage.pid()
        stage.keeper.obey("load", chain="mix", data=data, number=1)
        stage.wait_for(lambda: stage.has_said(event="refused", number=1))
        assert any(part in stage.said[-1]["reason"] for part in reason.split("|"))
        assert stage.pid() == before
        stage.play(20, SUM_LANE)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGSTOP])
def test_a_process_that_crashes_or_hangs_is_replaced_and_the_sound_goes_on(number):
    with Stage({"vocals": LATE, "mix": GAIN}) as stage:
        first = stage.play(40, SUM_LANE)
        os.kill(stage.pid(), number)
        meanwhile = stage.wait_for(lambda: stage.has_said(event="rack", state="restarted"))
        after = [stage.play(8)]
        stage.wait_for(lambda: stage.desk.rack_lanes[SUM_LANE, IS_ON])
        assert np.abs(meanwhile).max() > 0.1
        played = np.concatenate([first, meanwhile, *after], axis=1)
        dry = stage.dry()[:, : played.shape[1]]
        assert (
            np.abs(played - dry)[:, 4096:].max() < 1e-6
        )  # at unity nobody hears that they were gone
        stage.play(20)
        stage.play(40, SUM_LANE)  # keeps up again


def test_a_chain_that_ends_two_processes_is_left_out():
    with Stage({"vocals": LATE, "mix": GAIN}) as stage:
        for _ in range(2):
            stage.wait_for(lambda: stage.desk.rack_lanes[SUM_LANE, IS_ON])
            os.kill(stage.pid(), signal.SIGSTOP)
            stage.desk.rack_counts[AT_WORK] = 0  # as if it hung in the first chain
            n = len(stage.said)
            stage.wait_for(lambda n=n: len(stage.said) > n)
        stage.wait_for(lambda: stage.has_said(chain="vocals", state="left out"))
        stage.wait_for(lambda: stage.desk.rack_lanes[SUM_LANE, IS_ON])
        stage.play(40, SUM_LANE)
        assert not stage.desk.rack_lanes[0, IS_ON]


@pytest.fixture
def crashing_plugin(tmp_path):
    """A bundle whose machine code ends the process that loads it."""
    if sys.platform != "linux" or shutil.which("cc") is None:
        pytest.skip("needs Linux and a C compiler")
    folder = tmp_path / "crash.vst3" / "Contents" / f"{platform.machine()}-linux"
    folder.mkdir(parents=True)
    code = tmp_path / "crash.c"
    code.write_text(
        "#include <signal.h>\n__attribute__((constructor)) static void f(void) { raise(SIGSEGV); }"
    )
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "crash.so", code], check=True)
    return [{"plugin": str(tmp_path / "crash.vst3")}]


def test_a_plug_in_that_crashes_while_it_is_loaded_is_left_out(crashing_plugin):
    with Stage({"vocals": crashing_plugin, "mix": GAIN}) as stage:
        assert stage.has_said(chain="vocals", state="left out")
        assert any("SIGSEGV" in said.get("reason", "") for said in stage.said)
        stage.play(20, SUM_LANE)


def test_a_plug_in_that_crashes_while_it_is_exchanged_is_refused(crashing_plugin):
    with Stage({"vocals": GAIN, "mix": GAIN}) as stage:
        before = stage.pid()
        stage.keeper.obey("load", chain="vocals", data=crashing_plugin, number=3)
        stage.wait_for(lambda: stage.has_said(event="refused", number=3))
        assert "vocals was ended by SIGSEGV while it was loaded" in stage.said[-1]["reason"]
        assert not stage.has_said(event="rack")
        assert stage.pid() == before
        stage.play(20, 0)


def test_sound_that_is_no_number_leaves_its_stem_dry_and_is_reported(tmp_path):
    response = np.zeros(64, np.float32)
    response[0], response[40] = 1.0, np.nan
    soundfile.write(tmp_path / "nan.wav", response, RATE, subtype="FLOAT")
    broken = [{"effect": "Convolution", "impulse_response": str(tmp_path / "nan.wav"), "mix": 1.0}]
    with Stage({"drums": broken, "mix": GAIN}) as stage:
        stage.wait_for(lambda: stage.has_said(chain="drums", state="bypassed"))
        played = stage.wait_for(lambda: stage.at > 40 * BLOCK)
        assert np.isfinite(played).all()
        n = stage.at
        assert np.abs(stage.play(40, SUM_LANE) - stage.dry()[:, n:]).max() < 1e-6


def test_a_chain_beyond_50_ms_is_refused_unless_allowed():
    slow = [{"effect": "MP3Compressor"}]
    with pytest.raises(ChainError, match=r"81\.8 ms late, more than 50 ms.*--allow-latency"):
        Stage({"mix": slow}).__enter__()
    with Stage({"mix": slow}, allows_latency=True) as stage:
        assert stage.delays == (0, rack_reserve(BLOCK) + 3609)
        stage.play(60, SUM_LANE)
