import math

import numpy as np
import pytest

from cue_models import both_ways_model
from streamsep.model import save_model
from streamsep.presets import find_preset
from streamsep.scores import sdr_db
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.training.lists import SongList
from streamsep_offline.training.score import (
    TABLE_HEAD,
    list_excerpts,
    log_look,
    score_files,
    score_model,
    table_lines,
)


def test_a_list_names_made_songs_and_excerpts_of_recorded_ones(songs_folder):
    songs = SongList(made=2, folders=("song-2",), excerpts_s=((0.0, 3.0), (2.0, 3.0)))
    kinds = list_excerpts(songs, songs_folder, songs_folder)
    assert [song.name for song, _, _ in kinds["made"]] == ["song-0", "song-1"]
    assert [(start, length) for _, start, length in kinds["song-2"]] == [(0.0, 3.0), (2.0, 3.0)]


def test_scores_of_a_model_fill_a_table(songs_folder):
    kinds = list_excerpts(SongList(made=2), songs_folder, songs_folder)
    scores = score_model(find_preset("classic").load(), kinds["made"], "compiled")
    assert len(scores) == 2
    lines = table_lines("classic", "made", scores)
    assert len(lines) == 5
    assert all(line.count("|") == TABLE_HEAD[0].count("|") for line in lines)
    means = [float(line.split("|")[-2]) for line in lines]
    assert math.isclose(means[-1], sum(means[:-1]) / 4, abs_tol=0.1)
    bass = lines[2].split("|")
    assert bass[3].strip() == "bass"
    nothing, estimate, ideal = (float(x) for x in bass[4:7])
    assert nothing < estimate < ideal, "a held bass is what the separator without weights does best"


def test_looks_at_the_report_list_are_appended(tmp_path):
    for digest in ("a1", "b2"):
        log_look(tmp_path / "looks.log", "4stems-stage", digest)
    lines = (tmp_path / "looks.log").read_text().splitlines()
    assert [line.split()[1:] for line in lines] == [["4stems-stage", "a1"], ["4stems-stage", "b2"]]
    assert all(line.split("T")[0].count("-") == 2 for line in lines)


def test_a_model_that_hears_the_future_is_scored_as_files_are_separated(songs_folder, tmp_path):
    save_model(both_ways_model(), tmp_path)
    excerpts = list_excerpts(SongList(made=1), songs_folder, songs_folder)["made"]
    (result,) = score_files(tmp_path, excerpts)
    assert {stem.stem for stem in result.stems} == {"vocals", "drums", "bass", "other"}
    separation = Separation(SeparationSettings(str(tmp_path)))
    song = excerpts[0][0]
    mixture = song.read_mixture(0, 6 * 44100)
    stems = np.concatenate(list(separation.run(lambda: iter([mixture]), 44100, 2)), -1)
    bass = song.read_stem("bass", 0, 6 * 44100)
    (found,) = (stem for stem in result.stems if stem.stem == "bass")
    assert found.figures["sdr_db"] == pytest.approx(sdr_db(bass, stems[2], 44100), abs=0.01)
