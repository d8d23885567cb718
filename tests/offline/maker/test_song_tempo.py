import numpy as np
import pytest

from streamsep_offline.maker.form import PARTS, Section
from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.song_tempo import Feel, slowing_chance, song_tempo
from streamsep_offline.maker.tempo import METRES

GENRE = {genre.name: genre for genre in GENRES}
SECTIONS = tuple(Section(k, frozenset(PARTS), n_bars=4) for k in range(3))
ENDING = Section(1, frozenset(PARTS), "ending", 4)


def speeds(rng, genre, sections=SECTIONS, slowest=1.0, feel=None):
    """Tempo of every quarter note relative to the written one."""
    tempo = song_tempo(rng, GENRE[genre], feel, METRES["4/4"], 120.0, sections, 30.0, slowest)
    return 0.5 / np.diff(tempo.quarters_s)


def test_machines_and_performances_are_steady(rng):
    np.testing.assert_allclose(speeds(rng, "techno"), 1.0)
    np.testing.assert_allclose(speeds(rng, "folk", feel=Feel(120.0)), 1.0)
    assert slowing_chance(GENRE["techno"], None) == 0.0
    assert slowing_chance(GENRE["ballad"], Feel(80.0)) == 0.0


def test_half_of_the_bands_drift_a_little(rng):
    drifts = [np.std(speeds(rng, "ballad")[:40]) for _ in range(60)]
    assert 15 < sum(drift > 1e-3 for drift in drifts) < 45
    assert np.median([drift for drift in drifts if drift > 1e-3]) < 0.03


def test_few_bands_change_tempo_at_a_section(rng):
    jumps = [np.abs(np.diff(np.log(speeds(rng, "rock")))) for _ in range(200)]
    changed = [np.argmax(jump) + 1 for jump in jumps if jump.max() > 0.08]
    assert 2 <= len(changed) <= 25
    assert {int(quarter) for quarter in changed} <= {16, 32}


def test_a_ritardando_needs_an_ending(rng):
    slowed = speeds(rng, "ballad", (*SECTIONS, ENDING), 0.7)
    assert slowed[48:52].max() < 0.8
    assert slowed[:40].min() > 0.9
    assert speeds(np.random.default_rng(1), "ballad", SECTIONS, 0.7)[:48].min() == pytest.approx(
        1.0, abs=0.3
    )
