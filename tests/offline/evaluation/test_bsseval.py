"""Equal to museval wherever museval has a number, and a number where only another stem is silent."""

import sys

import numpy as np
import pytest

from signals import noise_stems
from streamsep.errors import MissingExtraError
from streamsep_offline.evaluation.bsseval import bsseval, museval_folder

RATE = 8000


def spoilt(references, seed=1, gain=0.2):
    """Estimates with something of the others and some noise."""
    rng = np.random.default_rng(seed)
    noise = 0.01 * rng.standard_normal(references.shape)
    return (references + gain * np.roll(references, 1, axis=0) + noise).astype(np.float32)


def test_scores_are_those_of_museval_evaluate(by_hand):
    references = noise_stems(2, 3.4)
    estimates = spoilt(references)
    ours = bsseval(references, estimates, RATE)
    assert ours.shape == (4, 2, 3)
    assert np.array_equal(ours, by_hand(references, estimates))


def test_channels_all_alike_score_as_museval_scores_mono(by_hand):
    references = noise_stems(3, 2.0, channels=1)
    estimates = spoilt(references)
    doubled = (np.repeat(x, 2, axis=1) for x in (references, estimates))
    assert np.array_equal(bsseval(*doubled, RATE), by_hand(references, estimates))


def test_a_silent_second_of_one_reference_leaves_the_other_stems_their_scores(by_hand):
    references = noise_stems(3, 3.0, channels=1)
    references[0, :, RATE : 2 * RATE] = 0.0
    estimates = spoilt(references)
    museval, ours = by_hand(references, estimates), bsseval(references, estimates, RATE)
    assert np.isnan(museval[:, :, 1]).all(), "museval gives nobody a number in that second"
    assert np.isnan(ours[:, 0, 1]).all()
    assert np.isfinite(ours[:, 1:, 1]).all()
    assert np.allclose(ours[..., [0, 2]], museval[..., [0, 2]], rtol=0, atol=1e-4)
    # What SDR is: the stem's power over that of all that is not the stem.
    second = np.s_[1, 0, RATE : 2 * RATE]
    error = (estimates - references)[second].astype(np.float64)
    sdr = 10 * np.log10(np.sum(references[second].astype(np.float64) ** 2) / np.sum(error**2))
    assert ours[0, 1, 1] == pytest.approx(sdr, abs=1e-4)


def test_a_silent_song_of_one_stem_is_as_if_the_stem_were_not_there(by_hand):
    references = noise_stems(3, 2.0, channels=1)
    references[1] = 0.0
    estimates = spoilt(references)
    ours, others = bsseval(references, estimates, RATE), [0, 2]
    assert np.isnan(ours[:, 1]).all()
    assert np.array_equal(ours[:, others], by_hand(references[others], estimates[others]))


def test_a_silent_estimate_has_the_sdr_of_silence_and_spoils_nothing(by_hand):
    references = noise_stems(3, 2.0, channels=1)
    estimates = spoilt(references)
    whole = by_hand(references, estimates)
    estimates[2] = 0.0
    ours = bsseval(references, estimates, RATE)
    assert np.array_equal(ours[:, :2], whole[:, :2])
    assert np.array_equal(ours[0, 2], [0.0, 0.0])
    assert np.allclose(ours[1, 2], 0.0, atol=1e-6)
    assert np.isnan(ours[2:, 2]).all()


def test_sound_of_opposite_phase_is_not_silence():
    references = noise_stems(2, 2.0)
    references[0, 1] = -references[0, 0]  # museval takes a sum of channels of 0 for silence
    assert np.isfinite(bsseval(references, spoilt(references), RATE)[0]).all()


def test_a_stem_alone_has_no_interference():
    references = noise_stems(2, 2.0, channels=1)
    references[1] = 0.0
    scores = bsseval(references, references + 0.01 * noise_stems(2, 2.0, channels=1, seed=5), RATE)
    assert np.isfinite(scores[0, 0]).all()
    assert np.isnan(scores[2, 0]).all()


def test_all_silent_and_perfect_estimates_have_finite_or_no_scores():
    references = noise_stems(2, 2.0, channels=1)
    assert np.isnan(bsseval(0 * references, references, RATE)).all()
    perfect = bsseval(references, references, RATE)
    assert (perfect[0] > 90.0).all()
    assert np.isfinite(perfect).all()


def test_references_that_are_copies_of_each_other_have_scores():
    references = noise_stems(2, 2.0, channels=1)
    references[1] = references[0]
    assert np.isfinite(bsseval(references, spoilt(references), RATE)[0]).all()


def lossy(stems):
    """Nothing above a quarter of the band, as decoders leave it."""
    spectra = np.fft.rfft(stems.astype(np.float64))
    spectra[..., spectra.shape[-1] // 4 :] = 0.0
    return np.fft.irfft(spectra, stems.shape[-1])


def test_references_with_an_empty_band_score_as_16_bit_files(by_hand):
    references = lossy(noise_stems(3, 3.0, channels=1))
    estimates = references + 0.2 * np.roll(references, 1, axis=0)
    estimates += 1e-3 * noise_stems(3, 3.0, channels=1, seed=9)
    ours = bsseval(references, estimates, RATE)
    rounded = np.round(references * 32768) / 32768
    assert np.array_equal(ours, by_hand(rounded, estimates))
    assert np.array_equal(bsseval(rounded, estimates, RATE), ours), "files are left as they are"
    # What is wrong with the estimates is a fifth of another stem: interference and nothing else.
    assert np.allclose(ours[2], ours[0], atol=1.0)
    assert by_hand(references, estimates)[2].max() < -10.0, "museval has mended it: so can we"


def test_without_museval_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "museval", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'streamsep\[train\]'"):
        museval_folder()
