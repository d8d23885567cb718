"""Time, scale and sections as voices and instruments see them."""

import numpy as np
import pytest

from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.others import _WEIGHTS, PARTS
from streamsep_offline.maker.places import (
    bar_at,
    flavour,
    in_full,
    is_full,
    is_machine_made,
    scale_steps,
    time_s,
    tones_at,
)
from streamsep_offline.maker.plan import GENRES


def test_bars_are_found_again(make_take):
    plan = make_take("pop", 20.0).plan
    for bar in range(plan.n_bars):
        start_s = time_s(plan, bar)
        assert bar_at(plan, start_s) == bar
        assert bar_at(plan, start_s + 0.6 * (time_s(plan, bar + 1) - start_s)) == bar
    late = [Note(time_s(plan, bar), 0.1, 60.0, 1.0) for bar in range(plan.n_bars)]
    assert len(in_full(plan, late)) == sum(is_full(plan, bar) for bar in range(plan.n_bars))


def test_seconds_voices_stay_in_the_scale(make_take):
    plan = make_take("pop", 20.0).plan
    tones = tones_at(plan, 0)
    for pitch in tones[20:40]:
        third, sixth = scale_steps(plan, 0, pitch, 2), scale_steps(plan, 0, pitch, -5)
        assert third in tones
        assert sixth in tones
        assert third - pitch in (3, 4)
        assert pitch - sixth in (8, 9)
        assert scale_steps(plan, 0, pitch, 7) == pitch + 12
    assert scale_steps(plan, 0, tones[20] + 0.3, 2) == pytest.approx(tones[22] + 0.3)


def test_every_kind_of_music_has_its_instruments(make_take):
    for genre in GENRES:
        kind = flavour(make_take(genre.name, 5.0).plan)
        assert kind in _WEIGHTS, genre.name
        assert isinstance(is_machine_made(make_take(genre.name, 5.0).plan), bool)
    for kind, weights in _WEIGHTS.items():
        assert set(weights) <= set(PARTS), kind
        assert np.sum(list(weights.values())) > 50
    assert set().union(*_WEIGHTS.values()) == set(PARTS)
