"""Blocks, seams and sums, with networks so small that the rest of the pipeline is what is tested."""

import numpy as np
import pytest

from signals import music
from streamsep.errors import ParameterError, SampleRateError, ShapeError
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.separation.stft import Stft

RATE = 8000


def _separation(estimator, **settings):
    return Separation(SeparationSettings(**{"block_s": 1.0, **settings}), estimator)


def _db(error, reference):
    return 10 * np.log10(np.sum(np.square(error, dtype=float)) / np.sum(np.square(reference)))


def _whole_song(network, audio):
    """The song in one piece: silence beyond its ends, every frame at once, the mixture's phase."""
    import torch

    n_fft, hop, n = network.n_fft, network.hop, audio.shape[1]
    stft = Stft(n_fft, hop)
    spectra = stft.spectra(np.pad(audio, ((0, 0), (n_fft, 2 * n_fft))))
    # Frame 0 ends where the song begins; the last that touches it begins before its end.
    touching = slice(1, -(-(n + n_fft) // hop))
    magnitudes = np.zeros((len(network.targets), *spectra.shape), np.float32)
    seen = torch.from_numpy(np.ascontiguousarray(spectra[None, ..., touching]))
    magnitudes[..., touching] = network.magnitudes(seen)[0].numpy()
    estimates = magnitudes * np.exp(1j * np.angle(spectra))
    return stft.signal(estimates.astype(np.complex64))[..., n_fft : n_fft + n]


def test_blocks_are_the_whole_song_within_60_db(network, separate_all):
    audio = music(9.3, RATE)
    expected = _whole_song(network, audio)
    got = separate_all(_separation(network, niter=0), audio)
    errors = [_db(got[j] - expected[j], expected[j]) for j in (0, 1)]
    assert max(errors) < -60
    # Not only on average: nowhere, the ends and the borders of blocks included, does it stand out.
    error = np.abs(got[:2] - expected[:2]).reshape(4, -1)
    assert error.max() < 1e-3 * np.abs(expected[:2]).max()


def test_a_context_too_short_would_be_heard(make_network, separate_all):
    audio = music(9.3, RATE)
    short = make_network(context_frames=0)
    expected = _whole_song(short, audio)[0]
    got = separate_all(_separation(short, niter=0), audio)[0]
    assert _db(got - expected, expected) > -60


@pytest.mark.parametrize("niter", [0, 1])
def test_a_full_set_sums_to_the_mixture_at_every_level(network, separate_all, niter):
    audio = music(3.3, RATE)
    for level_db in (0, -40, -60, -80):
        quiet = audio * np.float32(10 ** (level_db / 20))
        stems = separate_all(_separation(network, niter=niter), quiet)
        assert np.abs(stems.sum(0) - quiet).max() < 1e-5 * np.abs(quiet).max()


@pytest.mark.parametrize("softmask", [False, True])
@pytest.mark.parametrize("context", ["block", "song"])
def test_the_filter_knows_no_level(mask, separate_all, softmask, context):
    audio = music(2.5, RATE)
    separation = _separation(mask, niter=1, softmask=softmask, wiener_context=context)
    loud = separate_all(separation, audio)
    quiet = separate_all(separation, audio * np.float32(1e-4))
    assert np.abs(quiet * 1e4 - loud).max() < 1e-4 * np.abs(loud).max()


@pytest.mark.parametrize(
    ("rate", "settings"),
    [
        (8000, {}),
        (8000, {"wiener_context": "song"}),
        (11025, {"shifts": 2}),
        (22050, {"wiener_context": "song", "niter": 2}),
    ],
)
def test_a_late_start_and_a_second_run_give_the_same_bits(network, separate_all, rate, settings):
    audio = music(4.7, rate)
    separation = _separation(network, **settings)
    core = separation.block_samples(rate)
    whole = separate_all(separation, audio, rate)
    assert np.array_equal(separate_all(separation, audio, rate, piece=1777), whole)
    for block in (1, 4):
        late = separate_all(separation, audio, rate, first_sample=block * core)
        assert np.array_equal(late, whole[..., block * core :])


def test_blocks_go_through_the_network_together(network, separate_all):
    separate_all(_separation(network), music(6.7, RATE))
    assert [shape[0] for shape in network.batches] == [2, 2, 2, 1]
    assert len({shape[1:] for shape in network.batches}) == 1


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_rate_and_layout_keeps_its_format_and_its_sum(mask, separate_all, rate, channels):
    audio = np.concatenate([music(1.4, rate, seed=s) for s in range(3)])[:channels]
    stems = separate_all(_separation(mask), audio, rate, piece=rate // 3)
    assert stems.shape == (3, *audio.shape)
    assert stems.dtype == np.float32
    assert np.abs(stems.sum(0) - audio).max() < 1e-5


def test_a_mask_is_a_mask_at_any_rate(make_mask, separate_all):
    # A third of everything, with the band that an 8 kHz model hears: resampled there and back in blocks.
    mask = make_mask()
    mask.shares[:] = 1 / 3
    audio = music(3.4, 12000)
    spectrum = np.fft.rfft(audio)
    spectrum[:, int(3000 * 3.4) :] = 0
    audio = np.fft.irfft(spectrum, audio.shape[1]).astype(np.float32)
    inner = slice(1200, -1200)  # the song's ends are steps, which no band-limited copy follows
    stems = separate_all(_separation(mask, niter=0), audio, 12000)
    assert _db((stems[0] - audio / 3)[:, inner], audio[:, inner]) < -80


def test_pairs_of_channels_are_separated_for_themselves(network, separate_all):
    front, back = music(2.2, RATE, seed=1), music(2.2, RATE, seed=2)
    quad = separate_all(_separation(network), np.concatenate([front, back]))
    np.testing.assert_allclose(quad[:, :2], separate_all(_separation(network), front), atol=1e-5)
    np.testing.assert_allclose(quad[:, 2:], separate_all(_separation(network), back), atol=1e-5)


def test_mono_is_one_channel_of_dual_mono(network, separate_all):
    mono = music(2.2, RATE, channels=1)
    single = separate_all(_separation(network, niter=0), mono)
    double = separate_all(_separation(network, niter=0), np.repeat(mono, 2, axis=0))
    np.testing.assert_allclose(single[:, 0], double.mean(1), atol=1e-6)


def test_a_network_of_one_channel_serves_stereo(make_network, separate_all):
    audio = music(2.2, RATE)
    stems = separate_all(_separation(make_network(channels=1)), audio)
    assert stems.shape == (3, *audio.shape)
    np.testing.assert_allclose(stems.sum(0), audio, atol=1e-6)
    assert np.abs(stems[0]).max() > 0.01


@pytest.mark.parametrize("n", [1, 2, 100, 7999, 8000, 8001, 9000])
def test_every_length_comes_back(network, separate_all, n):
    audio = music(1.2, RATE)[:, :n]
    stems = separate_all(_separation(network), audio)
    assert stems.shape == (3, *audio.shape)
    np.testing.assert_allclose(stems.sum(0), audio, atol=1e-6)


@pytest.mark.parametrize("settings", [{"niter": 0}, {"niter": 2}, {"softmask": True}])
def test_digital_silence_stays_digital_silence(network, separate_all, settings):
    silence = np.zeros((2, 3 * RATE), np.float32)
    assert not separate_all(_separation(network, **settings), silence).any()
    assert not separate_all(_separation(network, **settings), silence, 11025).any()


def test_broken_samples_count_as_silence_and_stay_local(network, separate_all):
    audio = music(5.0, RATE)
    audio[0, 20000:20010] = 0.0
    broken = audio.copy()
    broken[0, 20000:20010] = [np.nan, np.inf, -np.inf, np.nan, 0, 0, np.nan, 0, 0, np.nan]
    got = separate_all(_separation(network), broken)
    assert np.array_equal(got, separate_all(_separation(network), audio))
    assert np.isnan(broken[0, 20000])  # the argument is as it was


def test_one_target_is_filtered_against_what_it_leaves(make_mask, separate_all):
    mask = make_mask(targets=("vocals",))
    mask.shares[:] = 0.5
    mask.shares[:, :, 100:] = 0.0
    audio = music(3.0, RATE)
    alone = separate_all(_separation(mask, niter=1), audio)
    both = separate_all(_separation(mask, niter=1, residual="rest"), audio)
    assert np.array_equal(alone[0], both[0])
    np.testing.assert_allclose(both.sum(0), audio, atol=1e-6)
    # Without a target for the rest the filter would give the whole mixture to the only one.
    assert 0.05 < np.sum(alone**2) / np.sum(audio**2) < 0.9


@pytest.mark.parametrize("settings", [{"niter": 0}, {}, {"wiener_context": "song"}])
def test_tensors_on_a_device_take_the_same_way(network, separate_all, settings):
    audio = music(2.5, 11025)
    options = {"targets": ("vocals", "drums"), "residual": "rest", **settings}
    arrays = separate_all(_separation(network, **options), audio, 11025)
    network.device = "cpu:0"  # any name but "cpu" stands for a device with memory of its own
    tensors = separate_all(_separation(network, **options), audio, 11025)
    np.testing.assert_allclose(tensors, arrays, atol=1e-5)


def test_norbert_filters_in_the_same_place(network, separate_all):
    pytest.importorskip("norbert")
    audio = music(2.5, RATE)
    ours = separate_all(_separation(network), audio)
    theirs = separate_all(_separation(network, wiener_filter="norbert"), audio)
    assert _db(theirs - ours, ours) < -20
    np.testing.assert_allclose(theirs.sum(0), audio, atol=1e-6)


def test_stems_are_named_as_asked(network):
    assert _separation(network).stems == ("vocals", "drums", "other")
    assert _separation(network, two_stems="drums").stems == ("drums", "no_drums")
    named = _separation(network, aggregate={"band": ("drums", "other")}, residual="rest")
    assert named.stems == ("band", "rest")


def test_shifts_are_averaged_and_depend_on_their_seed(network, separate_all):
    audio = music(2.5, RATE)
    plain = separate_all(_separation(network), audio)
    shifted = separate_all(_separation(network, shifts=2, seed=1), audio)
    assert not np.array_equal(plain, shifted)
    assert not np.array_equal(shifted, separate_all(_separation(network, shifts=2, seed=2), audio))
    assert _db(shifted[0] - plain[0], plain[0]) < -10  # the same sound, framed differently
    np.testing.assert_allclose(shifted.sum(0), audio, atol=1e-6)


def test_shifts_of_a_mask_change_next_to_nothing(mask, separate_all):
    audio = music(2.5, RATE)
    plain = separate_all(_separation(mask, niter=0), audio)
    shifted = separate_all(_separation(mask, niter=0, shifts=3), audio)
    assert _db(shifted - plain, plain) < -25


@pytest.mark.parametrize(("context", "passes"), [("block", 1), ("song", 2)])
def test_progress_rises_to_the_length_of_the_song(network, separate_all, context, passes):
    audio, told = music(4.5, RATE), []
    separation = _separation(network, wiener_context=context)
    separate_all(separation, audio, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(4.5)
    assert len(told) >= 4 + passes


def test_progress_may_cancel(network, separate_all):
    def cancel(seconds):
        if seconds > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        separate_all(_separation(network), music(4.5, RATE), progress=cancel)


def test_an_empty_song_is_refused(network, separate_all):
    with pytest.raises(ShapeError, match="song is empty"):
        list(_separation(network).run(lambda: iter(()), RATE, 2))
    with pytest.raises(ShapeError, match="song is empty"):
        list(_separation(network).run(lambda: iter([np.zeros((2, 0), np.float32)]), RATE, 2))


def test_nothing_is_done_where_all_is_done(network):
    def untouched():
        raise AssertionError("the song was opened")

    separation = _separation(network)
    core = separation.block_samples(RATE)
    assert list(separation.run(untouched, RATE, 2, n_frames=core, first_sample=core)) == []


def test_wrong_requests_are_refused_at_once(network):
    separation = _separation(network)
    song = [np.zeros((2, 100), np.float32)]
    with pytest.raises(ParameterError, match="multiple of a block, 8000 samples"):
        separation.run(lambda: iter(song), RATE, 2, first_sample=100)
    with pytest.raises(SampleRateError):
        separation.run(lambda: iter(song), 4000, 2)
    with pytest.raises(ShapeError, match="at least one"):
        separation.run(lambda: iter(song), RATE, 0)
    with pytest.raises(ShapeError, match="the song has 3"):
        list(separation.run(lambda: iter(song), RATE, 3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"niter": -1}, "niter=-1"),
        ({"niter": 1.5}, "niter=1.5"),
        ({"shifts": 1000}, "shifts=1000"),
        ({"wiener_context": "album"}, "block, song"),
        ({"wiener_filter": "magic"}, "streamsep, norbert"),
        ({"wiener_filter": "norbert", "wiener_context": "song"}, "norbert"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ParameterError, match=message):
        SeparationSettings(**settings)
