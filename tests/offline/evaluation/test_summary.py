import math

import pytest

from streamsep_offline.evaluation.results import SongResult, StemResult
from streamsep_offline.evaluation.summary import all_stems, by_kind, by_stem

NAN = math.nan


def stem(name, nothing=NAN, sdr=NAN, ideal=NAN, **more):
    return StemResult(name, {"nothing_db": nothing, "sdr_db": sdr, "ideal_db": ideal, **more})


def song(name, *stems, kind=""):
    return SongResult(name, kind, 10.0, stems)


def test_share_closed_is_of_means_over_songs_then_the_mean_over_stems():
    songs = [
        song("a", stem("vocals", 0.0, 1.0, 10.0), stem("drums", 0.0, 5.0, 10.0)),
        song("b", stem("vocals", 1.0, 3.0, 5.0)),
    ]
    vocals, drums = by_stem(songs)
    assert vocals.figures == {"nothing_db": 0.5, "sdr_db": 2.0, "ideal_db": 7.5}
    assert vocals.share_closed == pytest.approx(1.5 / 7.0)
    assert (vocals.n_songs, drums.n_songs) == (2, 1)
    assert all_stems([vocals, drums]).share_closed == pytest.approx((1.5 / 7.0 + 0.5) / 2)


def test_bsseval_takes_the_median_over_songs_the_others_the_mean():
    songs = [
        song(str(x), stem("bass", si_sdr_db=x, bss_sdr_db=x, leakage_db=-x))
        for x in (1.0, 2.0, 9.0, NAN)
    ]
    figures = by_stem(songs)[0].figures
    assert (figures["bss_sdr_db"], figures["si_sdr_db"], figures["leakage_db"]) == (2.0, 4.0, -4.0)


def test_what_is_not_defined_is_left_out_and_the_scale_stays_whole():
    songs = [
        song("a", stem("bass", 0.0, 4.0, 8.0)),
        song("silent", stem("bass", 3.0, NAN, 3.0, leakage_db=-20.0)),
    ]
    (bass,) = by_stem(songs)
    assert bass.figures["nothing_db"] == 0.0
    assert bass.share_closed == 0.5
    assert bass.figures["leakage_db"] == -20.0
    assert bass.n_songs == 2


def test_kinds_are_apart():
    songs = [
        song("a", stem("bass", sdr=1.0), kind="rock"),
        song("b", stem("bass", sdr=3.0), kind="pop"),
        song("c", stem("bass", sdr=5.0), kind="pop"),
    ]
    kinds = by_kind(songs)
    assert {kind: rows[0].figures["sdr_db"] for kind, rows in kinds.items()} == {
        "pop": 4.0,
        "rock": 1.0,
    }
