import itertools

import pytest

from streamsep.errors import ParameterError
from streamsep_offline.maker import basses, drums, guitars, leads, organs, pianos
from streamsep_offline.maker.kits import ACOUSTIC_KITS
from streamsep_offline.maker.splits import SPLITS, check_split, split_of
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.voices.album import SONGS
from streamsep_offline.maker.voices.sampled import CHOIRS
from streamsep_offline.maker.voices.singers import SINGERS
from streamsep_offline.maker.voices.speech import ESPEAK_VARIANTS, FLITE_VOICES


def test_album_songs_are_where_they_must_be():
    assert {song: split_of("album-song", song) for song in SONGS} == {
        "caesium": "train",
        "francium": "train",
        "potassium": "train",
        "hydrogen": "select",
        "rubidium": "report",
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("kit", ACOUSTIC_KITS),
        ("bass", basses.REAL_BASSES),
        ("guitar", guitars.ELECTRIC),
        ("singer", SINGERS),
        ("speaker", (*ESPEAK_VARIANTS, *FLITE_VOICES)),
        ("gm-kit", drums.GM_KITS),
        ("gm-program", basses.GM_BASSES),
        ("gm-program", pianos._PROGRAMS),
        ("gm-program", [str(program) for program in organs._PROGRAMS]),
        ("gm-program", [str(program) for program in leads._SAXES]),
        ("snare", [f"{size}_basic" for size in range(10, 30)]),
        ("drummer", [f"drummer{k}" for k in range(1, 11)]),
    ],
)
def test_every_list_has_something_to_play_on(kind, names):
    shares = [Studio(None, split).allowed(kind, list(names)) for split in SPLITS]
    assert all(shares)
    assert not any(set(a) & set(b) for a, b in itertools.combinations(shares, 2))
    assert set().union(*shares) == set(names)
    assert len(shares[0]) > max(len(shares[1]), len(shares[2]))  # variety is for training


@pytest.mark.parametrize("split", SPLITS)
def test_one_person_is_in_one_list(split):
    # the Berklee soloists and vocobox's singer come both as notes and as WORLD voices
    people = {
        "berklee-female": "berklee-woman",
        "berklee-male": "berklee-man",
        "vocobox": "vocobox",
    }
    for singer, notes in people.items():
        assert notes in CHOIRS
        assert split_of("singer", singer) == split_of("sung-notes", notes)
    pair = ("shinyguitar-mic", "shinyguitar-pickup")  # one guitar, recorded twice
    assert len({split_of("guitar", name) for name in pair}) == 1
    assert Studio(None, split).split == split


def test_unknown_split_is_refused():
    with pytest.raises(ParameterError, match="'test'; use one of train, select, report"):
        check_split("test")
