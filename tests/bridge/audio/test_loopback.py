"""What needs no sound: the figures of a measurement. The measurement itself: tests/rig/test_latency.py."""

from dataclasses import replace

import pytest

from streamsep.errors import ParameterError
from streamsep_bridge.audio.loopback import LoopMeasurement, measure_loop

MEASURED = LoopMeasurement(
    input="Scarlett",
    output="Scarlett",
    api="ALSA",
    sample_rate=48000,
    block_size=256,
    channel=2,
    level_db=-20.0,
    delays=(700, 700, 700),
    declared_ms=12.0,
    is_inverted=False,
    is_clipped=False,
    n_repeated=0,
)


def test_declared_and_measured_are_comparable():
    assert (MEASURED.median_samples, MEASURED.declared_samples) == (700, 576)
    assert MEASURED.to_ms(576) == 12.0
    assert replace(MEASURED, declared_ms=None).declared_samples is None
    assert replace(MEASURED, delays=(900, 700)).median_samples == 700  # a run's, not a mean


def test_what_is_wrong_is_one_line_each_with_the_remedy():
    assert MEASURED.remedies == ()
    (clipped,) = replace(MEASURED, is_clipped=True).remedies
    assert "clipped on input 2: lower --level (-20 dB now)" in clipped
    (odd,) = replace(MEASURED, delays=(700, 700, 956)).remedies
    assert "disagree by 256 samples" in odd
    assert "larger --block" in odd


@pytest.mark.parametrize(
    "wrong", [{"channel": 0}, {"level_db": 3.0}, {"level_db": float("nan")}, {"runs": 0}]
)
def test_wrong_parameters_are_refused_before_anything_is_heard(wrong):
    with pytest.raises(ParameterError, match=f"{next(iter(wrong))}=.* is outside"):
        measure_loop(**wrong)
