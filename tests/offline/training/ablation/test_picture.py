"""Curves: every point at its count, better upwards, a file that does not change by itself."""

import xml.etree.ElementTree as ElementTree

import pytest

from streamsep.errors import AudioFileError
from streamsep_offline.training.ablation.picture import save_curves
from streamsep_offline.training.ablation.results import Result


def _result(name, songs, weights, curves, loss):
    scores = {"loss_db": {"made": loss, "recorded": loss + 1}, "share_closed": {"made": -loss / 30}}
    other = {"loss_db": {"made": loss + 0.1}}
    return Result(name, "", curves, {}, songs, weights, {"1": scores, "2": other})


RESULTS = [
    _result("all", 450, 824_000, ("songs", "weights"), -9.5),
    _result("few", 50, 824_000, ("songs",), -8.5),
    _result("narrow", 450, 65_500, ("weights",), -8.9),
    _result("beside", 7, 3, (), -5.0),
]


def test_a_picture_has_both_curves_at_the_counts_of_their_points(tmp_path):
    save_curves(tmp_path / "a.svg", RESULTS)
    text = (tmp_path / "a.svg").read_text()
    ElementTree.fromstring(text)
    for words in (
        "made songs to learn from",
        "share closed, %",
        "upwards is better",
        "recorded songs",
    ):
        assert words in text
    for tick in ("50", "450", "65.5 k", "824 k"):
        assert f">{tick}</text>" in text
    assert ">7</text>" not in text
    assert len(text) < 60_000
    save_curves(tmp_path / "b.svg", list(reversed(RESULTS)))
    assert (tmp_path / "b.svg").read_text() == text


def test_a_picture_of_one_curve_and_one_score_as_png(tmp_path):
    only = [Result("x", "", ("songs",), {}, 100, 5, {"1": {"loss_db": {"made": -9.0}}})]
    save_curves(tmp_path / "a.png", only)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(AudioFileError, match="cannot be written"):
        save_curves(tmp_path / "nowhere" / "a.svg", only)
