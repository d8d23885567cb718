import numpy as np
import pytest

from signals import music
from streamsep import Separator
from streamsep_offline.evaluation.estimates import EstimatesMethod
from streamsep_offline.evaluation.live import LiveMethod, hear_live, score_live
from streamsep_offline.evaluation.offline import OfflineMethod
from streamsep_offline.evaluation.score import SongAudio, score_stems
from streamsep_offline.separation.settings import SeparationSettings

RATE = 44100
NAMES = ("vocals", "drums", "bass", "other")


@pytest.fixture(scope="module")
def song():
    """Four parts of four seconds."""
    parts = np.stack([0.3 * music(4.0, seed=k) * gain for k, gain in enumerate((1, 0.6, 1.2, 0.9))])
    return SongAudio("track", NAMES, parts.astype(np.float32), RATE)


def scores(song, method):
    names, stems = method.open()(song)
    return [s.figures for s in score_stems(song, names, stems, ("share", "si-sdr"))]


def test_the_evaluated_score_is_that_of_what_a_stream_leaves(song, tmp_path, write_stems):
    separator = Separator.from_preset("classic")
    heard, at = [], 0
    for n in np.random.default_rng(0).integers(1, 3000, 10_000):
        heard.append(separator.process(song.mixture[:, at : at + n]))
        at += n
        if at >= song.mixture.shape[1]:
            break
    streamed = np.concatenate([*heard, separator.flush()], -1)[..., separator.latency_samples :]
    write_stems(tmp_path / "track", NAMES, streamed, RATE)
    by_files = scores(song, EstimatesMethod(str(tmp_path)))
    evaluated = scores(song, LiveMethod("classic"))
    for one, two in zip(by_files, evaluated, strict=True):
        assert one == pytest.approx(two, abs=0.01)


def test_it_is_aligned_at_any_rate(song):
    for rate in (44100, 32000):
        separator = Separator.from_preset("classic", sample_rate=rate)
        stems = hear_live(separator, song.mixture)
        assert stems.shape == song.references.shape
        error = stems.sum(axis=0) - song.mixture
        assert np.abs(error).max() < 1e-4


def test_the_offline_path_is_streamsep_separate(song):
    from streamsep_offline.separation.api import separate

    method = OfflineMethod(SeparationSettings(model="classic", niter=1))
    names, stems = method.open()(song)
    by_hand = separate(song.mixture, RATE, "classic", niter=1)
    assert names == tuple(by_hand)
    assert np.array_equal(stems, np.stack(list(by_hand.values())))


def test_a_song_is_scored_on_the_scale_of_share_closed(song, made_song):
    made = made_song("track", NAMES, song.references, RATE, kind="made")
    result = score_live(Separator.from_preset("classic"), made, 0.5, 3.2)
    assert (result.song, result.kind, result.seconds) == ("track", "made", pytest.approx(3.2))
    for stem in result.stems:
        assert stem.figures["nothing_db"] < stem.figures["ideal_db"]
    assert not score_live(Separator.from_preset("classic"), made, 0.0, 2.0).stems, "too short"
