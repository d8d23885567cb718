import itertools

import numpy as np
import pytest

from streamsep_offline.maker.tempo import (
    METRES,
    human_drift,
    steady_map,
    tempo_map,
    with_ritardando,
)


def test_steady_map_is_a_multiplication_also_outside():
    tempo = steady_map(0.5, 8)
    for quarters in (-2.0, 0.0, 0.25, 3.0, 7.75, 40.0):
        assert tempo.time_s(quarters) == pytest.approx(0.5 * quarters)


def test_place_of_a_time_is_the_inverse(rng):
    tempo = tempo_map(0.4, human_drift(rng, 60, 0.05))
    for quarters in rng.uniform(-3.0, 70.0, 50):
        assert tempo.quarter_at(tempo.time_s(quarters)) == pytest.approx(quarters)


def test_drift_is_slow_and_small(rng):
    drift = np.concatenate([human_drift(rng, 400, 0.01) for _ in range(5)])
    assert 0.005 < np.std(np.log(drift)) < 0.02
    assert np.abs(np.diff(np.log(drift))).max() < 0.025
    assert abs(np.mean(drift) - 1.0) < 0.01


def test_ritardando_slows_evenly_and_only_at_the_end():
    speeds = with_ritardando(np.ones(20), 4, 16, 0.7)
    np.testing.assert_array_equal(speeds[:12], 1.0)
    assert (np.diff(speeds[12:17]) < 0).all()
    np.testing.assert_allclose(speeds[16:], 0.7)
    times = tempo_map(0.5, speeds).quarters_s
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("metre", METRES.values(), ids=lambda metre: metre.name)
def test_pulses_lie_in_the_bar(metre):
    beats, unit = (int(number) for number in metre.name.split("/"))
    assert metre.steps == beats * 16 // unit
    assert metre.pulses[0] == 0
    assert metre.pulses[-1] < metre.steps
