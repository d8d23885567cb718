"""An audio process that was started early is the next one; without anybody it ends."""

import pytest

from streamsep_bridge.live.early_host import host_started_early, start_process


def test_the_early_process_is_the_next_one_and_ends_with_its_input():
    with host_started_early():
        early, other = start_process(), start_process()
    try:
        assert early.pid != other.pid
        early.stdin.close()
        assert early.wait(240.0) == 0  # it may have to translate machine code first
        assert early.stdout.read() == ""
        assert early.stderr.read() == ""
    finally:
        for process in (early, other):
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                pipe.close()


def test_one_that_nobody_took_is_ended(monkeypatch):
    started = []
    start = start_process.__globals__["_start"]
    monkeypatch.setitem(
        start_process.__globals__, "_start", lambda: started.append(start()) or started[-1]
    )
    with pytest.raises(ValueError, match="bad option"), host_started_early():
        raise ValueError("bad option")
    assert started[0].poll() is not None
