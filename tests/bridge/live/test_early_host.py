"""An audio process that was started early is the next one, and ends by itself where nobody comes."""

from streamsep_bridge.live.early_host import start_early, start_process


def test_the_early_process_is_the_next_one_and_ends_with_its_input():
    start_early()
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
