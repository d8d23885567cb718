import json

import numpy as np

from signals import noise_stems
from streamsep_offline.evaluation.museval_file import write_museval
from streamsep_offline.evaluation.results import SongResult
from streamsep_offline.evaluation.score import SongAudio, score_stems

RATE = 8000
NAMES = ("vocals", "drums", "bass")


def test_museval_reads_what_is_written_as_its_own(museval, tmp_path):
    references = noise_stems(3, 3.0, channels=1)
    references[1] = 0.0
    references[0, :, :RATE] = 0.0
    estimates = references + 0.02 * noise_stems(3, 3.0, channels=1, seed=5)
    audio = SongAudio("a/b", NAMES, references, RATE)
    stems = score_stems(audio, NAMES, estimates, ("bsseval",))
    path = write_museval(tmp_path, "test", SongResult("a/b", "", 3.0, stems))
    assert path == tmp_path / "test" / "a_b.json"
    store = museval.EvalStore()
    store.add_eval_dir(tmp_path)
    medians = store.agg_frames_scores()
    assert set(medians.index.get_level_values("target")) == {"vocals", "bass"}
    for stem in (stems[0], stems[2]):
        for name in ("SDR", "ISR", "SIR", "SAR"):
            ours = stem.figures[f"bss_{name.lower()}_db"]
            assert abs(medians["a_b", stem.stem, name] - ours) < 1e-4
    frames = json.loads(path.read_text())["targets"][0]["frames"]
    assert [(frame["time"], frame["duration"]) for frame in frames] == [(0, 1), (1, 1), (2, 1)]
    assert np.isnan(frames[0]["metrics"]["SDR"])


def test_it_validates_against_musevals_schema(museval, tmp_path):
    references = noise_stems(2, 2.0, channels=1)
    audio = SongAudio("song", NAMES[:2], references, RATE)
    stems = score_stems(audio, NAMES[:2], 0.9 * references, ("bsseval",))
    path = write_museval(tmp_path, "test", SongResult("song", "", 2.0, stems))
    store = museval.TrackStore("song")
    store.scores = json.loads(path.read_text())
    store.validate()
    assert store.df["score"].notna().all()
