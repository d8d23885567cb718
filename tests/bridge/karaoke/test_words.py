"""The line that is sung is the one that is heard: as late as the sound, a little early to be read."""

import pytest

from streamsep_bridge.karaoke.lyrics import parse_lyrics
from streamsep_bridge.karaoke.words import EARLY_S, Words
from streamsep_bridge.live.status import Status

WORDS = Words(parse_lyrics("[00:01.00]one\n[00:02.00]two\n[00:03.00]three"))


def status(position_s, latency_ms=0.0, buffer_ms=0.0):
    source = {"position_s": position_s}
    return Status("playing", "", {}, latency_ms=latency_ms, buffer_ms=buffer_ms, source=source)


@pytest.mark.parametrize(
    ("position_s", "lines"),
    [
        (0.0, ("", "", "one")),
        (1.0 - EARLY_S, ("", "one", "two")),
        (2.5, ("one", "two", "three")),
        (9.0, ("two", "three", "")),
    ],
)
def test_before_now_after(position_s, lines):
    assert WORDS.at(status(position_s)) == lines


def test_as_late_as_the_sound():
    assert WORDS.at(status(2.0 - EARLY_S, 100.0, 50.0))[1] == "one"
    assert WORDS.at(status(2.15 - EARLY_S, 100.0, 50.0))[1] == "two"
    assert WORDS.at(Status("playing", "", {})) == ("", "", "")
