"""Which devices are one stream, and which are two."""

from dataclasses import replace

from streamsep_bridge.audio.devices import Device
from streamsep_bridge.live.inlet import have_two_clocks

CARD = Device(0, "card", "ALSA", 2, 2, 48000, True, True)


def test_one_device_is_one_stream_whatever_it_says():
    assert not have_two_clocks(CARD, CARD)


def test_devices_of_one_api_and_rate_may_be_one_stream():
    assert not have_two_clocks(replace(CARD, index=1), CARD)


def test_another_api_or_rate_is_another_clock():
    assert have_two_clocks(replace(CARD, index=1, api="JACK"), CARD)
    assert have_two_clocks(replace(CARD, index=1, sample_rate=44100), CARD)
