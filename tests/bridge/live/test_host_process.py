"""How the audio process is known to be alive."""

import time

from streamsep_bridge.live.host_process import HEARTBEAT_S, Heart


def test_a_stream_whose_count_stands_still_is_dead():
    heart = Heart()
    assert heart.beats(1)
    time.sleep(HEARTBEAT_S + 0.05)
    assert not heart.beats(1)
    assert heart.beats(2)
