import numpy as np
import torch

from streamsep.features.cues import Cues
from streamsep.models.cue_lstm import CueLstm
from streamsep.stft import Analysis
from streamsep_offline.training.cues.kept_bins import KEPT_BINS, N_LOW
from streamsep_offline.training.cues.prepare import ShardOrder, make_shards
from streamsep_offline.training.cues.shards import ONE_WAY, make_shard, open_shard


def test_a_shard_holds_what_the_model_will_see(shard, cue_excerpts, spec):
    examples, n_frames = open_shard(shard), int(2.5 * 44100) // 512
    kept = sum(KEPT_BINS)
    assert len(examples) == 4
    assert examples.features.shape[:3] == (4, n_frames, kept)
    assert examples.cross.shape == (4, n_frames, 4, kept)
    assert np.array_equal(examples.bins[:, :N_LOW], np.tile(np.arange(N_LOW), (4, 1)))
    stems = torch.from_numpy(cue_excerpts.read(0, 1).stems[..., : n_frames * 512].copy())
    spectra = Analysis(spec.profile, 2).offline(stems)
    mixture, bins = spectra.sum(dim=0), torch.from_numpy(examples.bins[1].astype(np.int64))
    scale = 1.0 / mixture.abs().square().mean()
    power = (scale * mixture.abs().square().sum(dim=0))[bins].T.sqrt()
    assert np.allclose(examples.mixture[1], power, rtol=2e-3, atol=1e-3)
    # Where float16 rounds and only there do stored cross powers of the stems not sum to the mixture's.
    signed = np.sign(examples.cross[1]) * examples.cross[1].astype(np.float64) ** 2
    assert np.allclose(signed.sum(axis=1), power.numpy() ** 2, rtol=2e-2, atol=2e-2)
    with torch.inference_mode():
        features = Cues(spec).offline(mixture[None]).bins[0][:, bins].permute(2, 1, 0)
    assert np.abs(examples.features[1] - features.numpy()).max() < 5e-3


def test_shards_go_on_through_the_epochs_and_are_made_once(cue_excerpts, spec, tmp_path):
    orders = [ShardOrder(tmp_path / str(i), cue_excerpts, 2 * i, 2) for i in (0, 4)]
    heard = []
    make_shards(orders, spec, 1, lambda done, total: heard.append((done, total)))
    assert heard == [(0, 2), (1, 2), (2, 2)]
    first, again = (open_shard(order.folder) for order in orders)  # epochs 0 and 1 of eight
    assert not np.array_equal(first.mixture, again.mixture)
    before = (tmp_path / "0").stat().st_mtime_ns
    make_shards(orders, spec, 2, lambda done, total: None)
    assert (tmp_path / "0").stat().st_mtime_ns == before


def test_processes_make_the_same_shards(cue_excerpts, spec, shard, tmp_path):
    orders = [ShardOrder(tmp_path / str(i), cue_excerpts, 4 * i, 4) for i in (0, 1)]
    make_shards(orders, spec, 2, lambda done, total: None)
    a, b = open_shard(shard), open_shard(tmp_path / "0")
    assert np.array_equal(a.features, b.features)
    assert np.array_equal(a.bins, b.bins)


def test_two_that_make_the_same_shard_do_not_quarrel(spec, tmp_path):
    folder = tmp_path / "0"
    one = np.ones((4, 2, spec.profile.n_bins, 90), np.complex64)

    def spectra():
        make_shard(folder, iter([torch.from_numpy(one)]), 1, (1,), spec)  # the other is faster
        yield torch.from_numpy(one)

    make_shard(folder, spectra(), 1, (1,), spec)
    assert [path.name for path in tmp_path.iterdir()] == ["0"]
    assert len(open_shard(folder)) == 1


def test_what_is_heard_backwards_is_that_of_the_song_played_backwards(
    both_ways_shard, cue_excerpts, studio
):
    examples, hop = open_shard(both_ways_shard), studio.profile.hop
    stems = cue_excerpts.read(0, 1).stems
    n = stems.shape[-1] // hop * hop
    spectrum = Analysis(studio.profile, 2).offline(
        torch.from_numpy(stems[..., :n].sum(0, keepdims=True))
    )
    bins = torch.from_numpy(examples.bins[1].astype(np.int64))
    with torch.inference_mode():
        heard = Cues(studio).offline(spectrum.flip(-1))
    features = heard.bins[0][:, bins].permute(2, 1, 0).numpy()
    assert np.abs(examples.reversed_features[1] - features).max() < 5e-3
    bands = heard.bands[0].permute(2, 1, 0).numpy()
    assert np.abs(examples.reversed_bands[1] - bands).max() < 1e-2
    assert np.abs(examples.features[1][::-1] - features).mean() > 0.1
    read = CueLstm(studio, 1, 1, fine=True).read_fine(heard.bins[0].permute(2, 1, 0))
    assert np.abs(examples.reversed_fine[1] - read.numpy()).max() < 5e-3


def test_a_model_that_hears_forwards_finds_its_examples_among_those(
    both_ways_shard, cue_excerpts, studio, tmp_path
):
    order = ShardOrder(tmp_path / "one-way", cue_excerpts, 0, 4)
    make_shards([order], studio, 1, lambda done, total: None)
    one, both = open_shard(order.folder), open_shard(both_ways_shard)
    assert (one.fine, one.reversed_features, one.reversed_fine) == (None, None, None)
    assert both.fine.shape == both.reversed_fine.shape
    assert both.reversed_features.shape == both.features.shape
    assert both.reversed_bands.shape == both.bands.shape
    for name in ONE_WAY:
        assert np.array_equal(getattr(one, name), getattr(both, name))
