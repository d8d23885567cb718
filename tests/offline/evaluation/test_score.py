import math

import numpy as np
import pytest

from signals import noise_stems
from streamsep.errors import ShapeError
from streamsep_offline.evaluation.figures import METRICS
from streamsep_offline.evaluation.score import SongAudio, score_stems

RATE = 8000
NAMES = ("vocals", "drums", "bass")


@pytest.fixture
def song():
    return SongAudio("song", NAMES, noise_stems(3, 5.0), RATE)


def _sdr(reference, estimate):
    """Median of seconds, written anew."""
    values = []
    for t in range(reference.shape[1] // RATE):
        second = np.s_[:, t * RATE : (t + 1) * RATE]
        error = reference[second].astype(float) - estimate[second]
        values.append(
            10 * math.log10(np.sum(reference[second].astype(float) ** 2) / np.sum(error**2))
        )
    return np.median(values)


def _ratio_mask_stem(references, j):
    """By the ideal ratio mask at the windows of stage, frame by frame, written anew."""
    n_fft, length, hop = 2048, 1024, 512
    k = np.arange(n_fft)
    rise = n_fft - length // 2
    analysis = np.where(
        k < rise,
        np.sin(0.5 * np.pi * k / rise),
        np.cos(0.5 * np.pi * (k - rise) / (length // 2)),
    )
    hann = np.sin(np.pi * np.arange(length) / length) ** 2
    synthesis = hann / analysis[-length:] * 2 * hop / length
    n = references.shape[-1]
    padded = np.pad(references.astype(float), [(0, 0), (0, 0), (n_fft, n_fft)])
    out = np.zeros_like(padded[0])
    for end in range(hop, n + n_fft, hop):
        spectra = np.fft.rfft(padded[..., end : end + n_fft] * analysis)
        mask = np.abs(spectra[j]) / (np.abs(spectra).sum(axis=0) + 1e-10)
        frame = np.fft.irfft(mask * spectra.sum(axis=0))[..., -length:] * synthesis
        out[..., end + n_fft - length : end + n_fft] += frame
    return out[..., n_fft : n_fft + n]


def test_share_closed_is_that_of_its_formula(song):
    rng = np.random.default_rng(3)
    estimates = song.references + 0.05 * rng.standard_normal(song.references.shape)
    results = score_stems(song, NAMES, estimates.astype(np.float32), ("share",))
    for j, result in enumerate(results):
        nothing = _sdr(song.references[j], song.references.sum(axis=0) / 3)
        estimate = _sdr(song.references[j], estimates[j])
        ideal = _sdr(song.references[j], _ratio_mask_stem(song.references, j))
        share = (estimate - nothing) / (ideal - nothing)
        assert result.figures["nothing_db"] == pytest.approx(nothing, abs=1e-3)
        assert result.figures["ideal_db"] == pytest.approx(ideal, abs=1e-3)
        assert result.share_closed == pytest.approx(share, abs=1e-3)


def test_a_silent_stem_has_a_leakage_and_the_others_all_their_figures(song):
    references = song.references.copy()
    references[1] = 0.0
    silent = song._replace(references=references)
    estimates = (references + 0.1 * references.sum(axis=0)).astype(np.float32)
    vocals, drums, bass = score_stems(silent, NAMES, estimates, METRICS)
    assert drums.figures["leakage_db"] == pytest.approx(-20.0, abs=0.01)
    assert all(math.isnan(x) for key, x in drums.figures.items() if key != "leakage_db")
    for result in (vocals, bass):
        defined = [key for key, x in result.figures.items() if not math.isnan(x)]
        assert set(result.figures) - set(defined) == {"leakage_db"}, "it is never silent"
        assert result.share_closed > 0.0


def test_an_estimate_of_one_stem_is_scored_against_all_references(song):
    everything = score_stems(song, NAMES, 0.9 * song.references, METRICS)
    alone = score_stems(song, ("bass",), 0.9 * song.references[2:], METRICS)
    assert [result.stem for result in alone] == ["bass"]
    assert alone[0].figures == pytest.approx(everything[2].figures, nan_ok=True)


def test_only_what_is_asked_for_is_computed(song):
    (vocals, *_) = score_stems(song, NAMES, song.references, ())
    assert set(vocals.figures) == {"sdr_db"}
    assert not vocals.frames


def test_estimates_that_are_not_as_long_as_the_song_are_refused(song):
    with pytest.raises(ShapeError, match="do not fit references"):
        score_stems(song, NAMES, song.references[..., 1:], ())
