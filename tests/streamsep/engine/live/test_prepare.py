"""Where a model runs, and engines that are not machine code."""

import os
import threading
import time

import numpy as np
import pytest

from cue_models import both_ways_model
from signals import music
from streamsep.engine.live.desk import Desk
from streamsep.engine.live.engine import LiveEngine, LiveFormat
from streamsep.engine.live.memory import LATE
from streamsep.engine.live.prepare import prepare_slot
from streamsep.engine.live.priority import (
    WORKER_PRIORITY,
    collect_threads,
    is_real_time,
    raise_priority,
    thread_ids,
)
from streamsep.engine.live.slot import READY
from streamsep.errors import EngineError, ParameterError
from streamsep.mixer import StemMixer
from streamsep.model import save_model
from streamsep.presets import find_preset
from streamsep.separator import Separator

BLOCK = 512


def play(prepared, mixture):
    """Through a live path, block by block, each as soon as the worker is done with the one before."""
    audio = LiveFormat(44100)
    desk = Desk(2)
    unity = np.tile(np.eye(2), (len(prepared.stems), 1, 1))
    engine = LiveEngine(prepared.held, unity, audio, desk)
    played = np.zeros((mixture.shape[1], 2), np.float32)
    slot, hop = prepared.held.slot, prepared.held.program.spec.profile.hop
    prepared.start()
    try:
        for start in range(0, mixture.shape[1], BLOCK):
            block = np.ascontiguousarray(mixture[:, start : start + BLOCK].T)
            engine.play_block(block, played[start : start + BLOCK])
            deadline = time.monotonic() + 20.0
            n_hops = min(start + BLOCK, mixture.shape[1]) // hop - slot.n_early
            while slot.counts[READY] < slot.latency + n_hops * hop:
                assert time.monotonic() < deadline
                time.sleep(0.0002)
    finally:
        prepared.stop()
    return played.T, engine, desk


def test_the_torch_engine_runs_in_a_worker_and_is_as_late_as_it_says():
    pytest.importorskip("torch")
    preset = find_preset("classic")
    prepared = prepare_slot(preset, LiveFormat(44100), BLOCK, engine="torch")
    assert not prepared.is_inline
    assert prepared.hop_ms > 0.0
    mixture = music(0.6)
    played, engine, desk = play(prepared, mixture)
    separator = Separator.from_preset("classic", engine="torch", block_size=BLOCK)
    mixed = StemMixer(separator.stems, 44100).mix(separator.separate(mixture))
    late = engine.latency_samples
    assert late > separator.latency_samples
    assert desk.counts[LATE] == 0
    # A worker takes denormal numbers for 0.
    assert np.abs(played[:, late:] - mixed[:, : -late or None]).max() < 1e-6


def test_an_engine_that_fails_leaves_the_whole_mixture_to_the_residual(capfd, monkeypatch):
    pytest.importorskip("torch")
    from streamsep.engine.torch_engine import TorchEngine

    def fail(self, hop, state):
        raise RuntimeError("out of memory, say")

    monkeypatch.setattr(TorchEngine, "step", fail)
    prepared = prepare_slot(find_preset("classic"), LiveFormat(44100), BLOCK, engine="torch")
    mixture = music(0.4)
    played, engine, _ = play(prepared, mixture)
    late = engine.latency_samples
    assert np.abs(played[:, late:] - mixture[:, :-late]).max() < 1e-6
    assert "engine torch failed" in capfd.readouterr().err


def test_what_cannot_run_in_the_callback_is_refused_there():
    pytest.importorskip("torch")
    with pytest.raises(EngineError, match="mode 'worker' or engine 'compiled'"):
        prepare_slot(find_preset("classic"), LiveFormat(44100), BLOCK, "float32", "inline", "torch")
    with pytest.raises(ParameterError, match="auto, inline, worker"):
        prepare_slot(find_preset("classic"), LiveFormat(44100), BLOCK, mode="sideways")
    with pytest.raises(EngineError, match="unknown"):
        prepare_slot(find_preset("classic"), LiveFormat(44100), BLOCK, engine="steam")


def test_what_hears_the_future_is_refused_with_what_runs_it(tmp_path):
    save_model(both_ways_model(), tmp_path)
    with pytest.raises(EngineError, match="use: streamsep separate SONG --model"):
        prepare_slot(find_preset(str(tmp_path)), LiveFormat(44100), BLOCK)


def test_a_small_model_runs_in_the_callback_and_in_a_worker_if_told_to():
    prepared = prepare_slot(find_preset("classic"), LiveFormat(44100), 4096)
    assert prepared.is_inline
    told = prepare_slot(find_preset("classic"), LiveFormat(44100), 4096, mode="worker")
    assert not told.is_inline
    assert told.held.slot.latency > prepared.held.slot.latency
    told.start()
    worker = told._thread.native_id
    assert worker in thread_ids()
    assert told.has_priority == is_real_time(worker)
    told.stop()


def test_priority_is_raised_where_the_system_allows_it_and_told():
    assert not raise_priority([], WORKER_PRIORITY)
    assert not raise_priority([2**22 + 1], WORKER_PRIORITY)  # no such thread
    found, end = set(), threading.Event()
    with collect_threads(found):
        thread = threading.Thread(target=end.wait)
        thread.start()
    assert found <= {thread.native_id}
    assert raise_priority(found, WORKER_PRIORITY) == any(is_real_time(t) for t in found)
    end.set()
    thread.join()
    assert not is_real_time(os.getpid())
