"""A microphone's controls are checked; the real thing is in tests/rig."""

import math

import pytest

from streamsep.errors import ParameterError
from streamsep_bridge.karaoke.microphone import Microphone


def test_controls_and_their_ranges():
    microphone = Microphone("mic", gain_db=-6.0)
    assert microphone.gain_db == pytest.approx(-6.0)
    microphone.gain_db, microphone.room = -math.inf, 0.5
    assert (microphone.gain_db, microphone.room) == (-math.inf, 0.5)
    for wrong in (25.0, math.nan, math.inf):
        with pytest.raises(ParameterError, match="outside"):
            microphone.gain_db = wrong
    with pytest.raises(ParameterError, match="outside 0 to 1"):
        microphone.room = 1.5
    assert microphone.state == "stopped"
