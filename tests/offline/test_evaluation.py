import json

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep import Separator
from streamsep.errors import AudioFileError
from streamsep.scores import StemScore
from streamsep_offline.commands.evaluate import command
from streamsep_offline.data.song import find_songs
from streamsep_offline.evaluation import (
    SongScore,
    evaluate_song,
    gather,
    mean_by_stem,
    share_closed,
)


def _write(folder, **stems):
    folder.mkdir(parents=True)
    for name, audio in stems.items():
        soundfile.write(folder / f"{name}.wav", audio.T, 44100, subtype="FLOAT")


@pytest.fixture
def songs(tmp_path):
    """A song of four stems and one of two, four seconds each."""
    parts = {
        n: 0.3 * music(4.0, seed=k) for k, n in enumerate(("vocals", "drums", "bass", "other"))
    }
    _write(tmp_path / "a" / "four", **parts)
    _write(tmp_path / "two", vocals=parts["vocals"], accompaniment=parts["drums"][:1])
    return tmp_path


def test_songs_are_found_read_and_mono_is_doubled(songs):
    four, two = find_songs(songs)
    assert (four.name, four.stems) == ("four", ("vocals", "drums", "bass", "other"))
    stems, rate = two.read(1.0, 2.0)
    assert (stems.shape, rate) == ((2, 2, 88200), 44100)
    assert np.array_equal(stems[1, 0], stems[1, 1])


def test_an_empty_folder_says_what_was_expected(tmp_path):
    with pytest.raises(AudioFileError, match="expected folders with two or more of vocals"):
        list(find_songs(tmp_path))


def test_what_the_references_lump_together_is_summed():
    names = ("vocals", "drums", "bass", "piano", "other")
    stems = np.arange(5.0)[:, None, None] * np.ones((5, 1, 3))
    assert gather(names, stems, "accompaniment", ("vocals", "accompaniment"))[0, 0] == 10
    assert gather(names, stems, "vocals", ("vocals", "accompaniment"))[0, 0] == 0
    four = ("vocals", "drums", "bass", "other")
    assert gather(names, stems, "other", four)[0, 0] == 7
    assert gather(names, stems, "bass", four)[0, 0] == 2


def test_scores_run_from_nothing_to_the_ideal_mask(songs):
    score = evaluate_song(Separator.from_preset("classic"), next(iter(find_songs(songs))))
    assert {s.stem for s in score.stems} == {"vocals", "drums", "bass", "other"}
    assert all(s.nothing_db < s.ideal_db for s in score.stems)


def test_means_are_over_songs_first_then_over_stems():
    scores = [
        SongScore("a", (StemScore("vocals", 0.0, 1.0, 10.0), StemScore("drums", 0.0, 5.0, 10.0))),
        SongScore("b", (StemScore("vocals", 0.0, 3.0, 10.0),)),
    ]
    vocals, drums = mean_by_stem(scores)
    assert (vocals.estimate_db, drums.estimate_db) == (2.0, 5.0)
    assert share_closed([vocals, drums]) == pytest.approx(0.35)


def test_command_prints_a_table_and_writes_json(songs, tmp_path, capsys):
    import argparse

    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    report = tmp_path / "scores.json"
    assert command.run(parser.parse_args([str(songs), "--json", str(report)])) == 0
    assert "share closed" in capsys.readouterr().out
    assert len(json.loads(report.read_text())["scores"]) == 6
