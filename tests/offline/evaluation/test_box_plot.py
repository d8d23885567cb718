import math

import pytest

from streamsep.errors import AudioFileError
from streamsep_offline.evaluation.box_plot import draw_box_plot, save_box_plot
from streamsep_offline.evaluation.results import Run, SongResult, StemResult


@pytest.fixture
def runs():
    """Two runs of five songs; the bass never sounds, and titles hold what matplotlib reads as maths."""
    found = []
    for title in ("A $x^", "B_{"):
        songs = [
            SongResult(
                f"song {k}",
                "",
                9.0,
                (
                    StemResult("vocals", {"sdr_db": float(k), "bss_sdr_db": k / 2}),
                    StemResult("bass", {"sdr_db": math.nan, "bss_sdr_db": math.nan}),
                ),
            )
            for k in range(5)
        ]
        found.append(Run(title, {}, ("bsseval",), tuple(songs)))
    return found


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")]
)
def test_pictures_are_what_they_are_called(runs, tmp_path, name, start):
    save_box_plot(tmp_path / name, runs)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_the_picture_shows_what_was_found(runs):
    one, both = draw_box_plot(runs[:1], "svg"), draw_box_plot(runs, "svg")
    assert b"BSS SDR in dB" in one
    assert b"SI-SDR" not in one
    assert len(both) > len(one)


def test_a_format_that_there_is_not(runs, tmp_path):
    with pytest.raises(AudioFileError, match=r"a\.xyz cannot be written"):
        save_box_plot(tmp_path / "a.xyz", runs)
