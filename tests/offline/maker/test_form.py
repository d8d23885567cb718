import numpy as np
import pytest

from streamsep_offline.maker.form import KINDS, PARTS, STEM_PARTS, make_sections
from streamsep_offline.maker.genres import GENRES

GENRE = {genre.name: genre for genre in GENRES}


def test_stems_share_out_the_parts():
    assert sorted(part for parts in STEM_PARTS.values() for part in parts) == sorted(PARTS)


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_everybody_plays_together_somewhere(genre, rng):
    for _ in range(5):
        sections = make_sections(rng, genre, 16)
        assert sum(section.n_bars for section in sections) == 16
        full = [s for s in sections if s.playing >= set(PARTS) - {"kick"}]
        assert sum(section.n_bars for section in full) >= 4
        for section in sections:
            assert section.playing
            assert section.kind == KINDS[section.name]
            assert 0.0 <= section.energy <= 1.0
            assert section.feel in ("normal", "half", "double")


def test_choruses_are_fuller_than_verses_and_breaks(rng):
    energies = {name: [] for name in KINDS}
    sizes = {name: [] for name in KINDS}
    for _ in range(60):
        for section in make_sections(rng, GENRE["pop"], 40):
            energies[section.name].append(section.energy)
            sizes[section.name].append(len(section.playing))
    mean = {name: np.mean(values) for name, values in energies.items() if values}
    assert mean["break"] < mean["verse"] < mean["pre-chorus"] < mean["chorus"]
    assert np.mean(sizes["break"]) < np.mean(sizes["verse"]) < np.mean(sizes["chorus"])


def test_some_last_choruses_go_up_and_stay_there(rng):
    lifted = 0
    for _ in range(100):
        sections = make_sections(rng, GENRE["ballad"], 40)
        lifts = [section.transpose for section in sections]
        assert lifts == sorted(lifts)
        assert max(lifts) <= 3
        lifted += lifts[-1] > 0
    assert 5 <= lifted <= 40
