import dataclasses

import numpy as np
import pytest
import torch

from streamsep.errors import AudioFileError
from streamsep.features.cues import Cues
from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.training.examples import Varying, draw_spectra, draw_stems
from streamsep_offline.training.shards import N_CHOSEN, N_LOW, make_shard, open_shard
from streamsep_offline.training.songs import SAMPLE_RATE, STEMS, find_songs, open_song

STAGE = PROFILES["stage"]


def test_songs_are_found_and_a_missing_stem_is_named(songs_folder, tmp_path):
    assert [song.name for song in find_songs(songs_folder)] == ["song-0", "song-1", "song-2"]
    (tmp_path / "song").mkdir()
    with pytest.raises(AudioFileError, match="vocals"):
        open_song(tmp_path / "song")


def test_the_same_seed_gives_the_same_example(songs):
    a, b, c = (draw_stems(np.random.default_rng(seed), songs, Varying()) for seed in (0, 0, 1))
    assert a.shape == (4, 2, 5 * SAMPLE_RATE)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_mono_mixes_are_mono_and_others_are_not(songs):
    def side(varying):
        stems = draw_stems(np.random.default_rng(0), songs, varying)
        return np.abs(stems[3, 0] - stems[3, 1]).max()

    assert side(Varying(mono=1.0)) < 1e-6
    assert side(Varying(mono=0.0, narrow=0.0)) > 1e-3


def test_coherent_examples_keep_stems_of_one_song(songs):
    """Without changes of level the bass of a coherent example is one of the songs' own."""
    varying = Varying(coherent=1.0, coherent_db=0.0, mono=0.0, narrow=0.0, quiet_vocals=0.0)
    found = set()
    for seed in range(6):
        stems = draw_stems(np.random.default_rng(seed), songs, varying)
        pitches = [np.abs(np.fft.rfft(x.sum(axis=0))).argmax() for x in (stems[0], stems[2])]
        found.add(tuple(int(p) for p in pitches))
    assert (
        1 < len(found) <= 3 + 3
    )  # a song each; a dropped stem lies 60 dB lower but keeps its pitch


def test_filters_change_the_colour_of_stems_but_not_their_sum(songs):
    rng = np.random.default_rng(0)
    spectra = draw_spectra(rng, songs, dataclasses.replace(Varying(), curve_db=12.0), STAGE)
    assert spectra.shape == (4, 2, 1025, 5 * SAMPLE_RATE // 512)
    assert torch.all(torch.isfinite(spectra.abs()))


def test_a_shard_holds_what_the_model_will_see(songs, tmp_path):
    """Stored features are those of the stream, at the stored bins; powers are those of the mix."""
    folder = tmp_path / "shard"
    make_shard(folder, songs, 2, (5, 0), STAGE, Varying())
    examples = open_shard(folder)
    assert examples.bins.shape == (2, N_LOW + N_CHOSEN)
    assert np.array_equal(examples.bins[:, :N_LOW], [np.arange(N_LOW)] * 2)
    assert np.all(np.diff(examples.bins, axis=1) > 0)
    rng = np.random.default_rng((5, 0))
    spectra = draw_spectra(rng, songs, Varying(), STAGE)
    mixture, bins = spectra.sum(dim=0), torch.from_numpy(examples.bins[0].astype(np.int64))
    cues = Cues(StreamSpec(STAGE, SAMPLE_RATE, 2, STEMS))
    part = mixture[None, ..., :60]
    with torch.inference_mode():
        features = cues.offline(part).bins[0][:, bins].permute(2, 1, 0)
    stored = torch.from_numpy(np.array(examples.features[0, :60])).float()
    assert float((features - stored).abs().max()) < 4e-3
    scale = 1.0 / mixture.abs().square().mean()
    power = (scale * mixture[:, bins].abs().square().sum(dim=0)).T
    stored = torch.from_numpy(np.array(examples.mixture[0])).float() ** 2
    assert float((power - stored).abs().max() / power.max()) < 2e-3
    # The stems' cross powers sum to the mixture's power.
    cross = torch.from_numpy(np.array(examples.cross[0])).float()
    total = (cross.sign() * cross**2).sum(dim=1)
    assert float((total - power).abs().max() / power.max()) < 5e-3


def test_a_shard_that_exists_is_left_alone(songs, tmp_path):
    folder = tmp_path / "shard"
    folder.mkdir()
    make_shard(folder, songs, 2, (5, 0), STAGE, Varying())
    assert not any(folder.iterdir())
