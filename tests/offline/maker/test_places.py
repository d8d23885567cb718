"""Time, scale and sections as voices and instruments see them."""

from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.harmony import roman
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.others import _WEIGHTS, PARTS
from streamsep_offline.maker.places import in_full, is_full, scale_steps, tones_at


def test_bars_are_found_again(make_take):
    plan = make_take("pop", 20.0).plan
    for bar in range(plan.n_bars):
        start_s = plan.time_s(bar)
        assert plan.bar_at(start_s) == bar
        assert plan.bar_at(start_s + 0.6 * (plan.time_s(bar + 1) - start_s)) == bar
    late = [Note(plan.time_s(bar), 0.1, 60.0, 1.0) for bar in range(plan.n_bars)]
    assert len(in_full(plan, late)) == sum(is_full(plan, bar) for bar in range(plan.n_bars))


def test_second_voices_stay_in_the_scale(make_take):
    plan = make_take("pop", 20.0).plan
    plan = replace(plan, scale_name="major", progressions=(((roman("I"),),),) * 3)
    tones = tones_at(plan, 0)
    for pitch in tones[20:40]:
        third, sixth = scale_steps(plan, 0, pitch, 2), scale_steps(plan, 0, pitch, -5)
        assert third in tones
        assert sixth in tones
        assert third - pitch in (3, 4)
        assert pitch - sixth in (8, 9)
        assert scale_steps(plan, 0, pitch, 7) == pitch + 12
    assert scale_steps(plan, 0, tones[20] + 0.3, 2) == pytest.approx(tones[22] + 0.3)


def test_second_voices_give_way_to_the_chord(make_take):
    """Over the dominant of a minor key the seventh is raised, and thirds stay thirds."""
    plan = make_take("pop", 20.0).plan
    plan = replace(plan, scale_name="minor", progressions=(((roman("V7"),),),) * 3)
    tonic = plan.key_at(0)
    assert scale_steps(plan, 0, tonic + 7, 2) == tonic + 11
    for above in (2, 3, 5, 7, 8):
        assert scale_steps(plan, 0, tonic + above, 2) - tonic - above in (3, 4)


def test_every_kind_of_music_has_its_instruments():
    for genre in GENRES:
        assert genre.style in _WEIGHTS, genre.name
    for kind, weights in _WEIGHTS.items():
        assert set(weights) <= set(PARTS), kind
        assert np.sum(list(weights.values())) > 50
    assert set().union(*_WEIGHTS.values()) == set(PARTS)
