"""Properties of the filter on norbert's own grid of shapes (its distribution carries no tests), and more."""

import numpy as np
import pytest
import torch

from streamsep.errors import ParameterError, ShapeError
from streamsep_offline.filters import wiener

SHAPES = [
    (n_targets, n_channels, n_bins, n_frames)
    for n_targets in (1, 2, 4)
    for n_channels in (1, 2, 3)
    for n_bins in (8, 11, 33)
    for n_frames in (8, 11, 33)
]
SUM = {np.complex64: 1e-5, np.complex128: 1e-12}
LEVELS_DB = (0, -40, -60, -80)


def relative(difference, reference):
    return np.abs(difference).max() / np.abs(reference).max()


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_grid(spectra, shape, dtype):
    mixture = spectra.complex(*shape[1:], dtype=dtype)
    magnitudes = spectra.magnitudes(*shape, dtype=mixture.real.dtype.type)
    before = mixture.copy(), magnitudes.copy()
    for softmask in (False, True):
        for iterations in (0, 1, 2):
            estimates = wiener(magnitudes, mixture, iterations, softmask)
            assert estimates.shape == shape
            assert estimates.dtype == dtype
            if iterations > 0 or softmask:
                assert relative(estimates.sum(0) - mixture, mixture) < SUM[dtype]
    assert np.array_equal(mixture, before[0])
    assert np.array_equal(magnitudes, before[1])
    # Silent targets stay silent beside one that sounds.
    magnitudes[1:] = 0.0
    estimates = wiener(magnitudes, mixture)
    assert relative(estimates[0] - mixture, mixture) < SUM[dtype]
    assert shape[0] == 1 or relative(estimates[1:], mixture) < SUM[dtype]


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("level_db", LEVELS_DB)
@pytest.mark.parametrize("kind", ["noise", "dual mono", "panned", "nearly alike", "left only"])
@pytest.mark.parametrize("n_frames", [1, 2, 40])
def test_stems_sum_to_the_mixture_at_every_level(spectra, kind, level_db, dtype, n_frames):
    gain = 10.0 ** (level_db / 20.0)
    gains = spectra.rng.standard_normal((4, 2))
    if kind == "dual mono":
        gains = np.ones((4, 2))
    elif kind == "nearly alike":  # directions that float32 hardly tells apart
        gains = 1.0 + 1e-4 * gains
    elif kind == "left only":
        gains[:, 1] = 0.0
    stems = gain * spectra.panned(gains, 60, n_frames)
    mixture = stems.sum(0).astype(dtype)
    if kind == "noise":
        mixture = (gain * spectra.complex(2, 60, n_frames)).astype(dtype)
    magnitudes = np.abs(stems).astype(mixture.real.dtype)
    for iterations in (1, 2, 3):
        for v in (magnitudes, magnitudes[:, :1]):
            estimates = wiener(v, mixture, iterations)
            assert np.isfinite(estimates).all()
            assert relative(estimates.sum(0) - mixture, mixture) < 1e-5
    # In each point, too, not only where it is loud.
    error = np.abs(estimates.sum(0) - mixture)
    assert (error <= 1e-5 * np.abs(estimates).sum((0, 1))).all()


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("softmask", [False, True])
def test_scale_equivariance(spectra, n_channels, softmask):
    mixture = spectra.complex(n_channels, 20, 50, dtype=np.complex64)
    magnitudes = spectra.magnitudes(3, n_channels, 20, 50, dtype=np.float32)
    for iterations in (0, 1, 2):
        loud = wiener(magnitudes, mixture, iterations, softmask)
        quiet = wiener(
            np.float32(1e-4) * magnitudes, np.float32(1e-4) * mixture, iterations, softmask
        )
        assert np.allclose(1e4 * quiet, loud, rtol=1e-4, atol=1e-6)


def test_each_channel_may_have_its_own_gain_and_phase(spectra):
    # Turning the phase of a channel, or swapping the channels, does the same to the estimates.
    mixture = spectra.complex(2, 20, 50)
    magnitudes = spectra.magnitudes(3, 2, 20, 50)
    estimates = wiener(magnitudes, mixture, 2)
    turn = np.exp(np.array([0.3j, -1.1j]))[:, None, None]
    assert np.allclose(wiener(magnitudes, turn * mixture, 2), turn * estimates)
    swapped = wiener(magnitudes[:, ::-1], mixture[::-1], 2)
    assert np.allclose(swapped, estimates[:, ::-1])


def test_order_of_targets_and_bins_does_not_matter(spectra):
    mixture = spectra.complex(2, 20, 50)
    magnitudes = spectra.magnitudes(5, 2, 20, 50)
    estimates = wiener(magnitudes, mixture, 2)
    assert np.allclose(wiener(magnitudes[::-1], mixture, 2), estimates[::-1])
    assert np.array_equal(wiener(magnitudes[:, :, 7:8], mixture[:, 7:8], 2), estimates[:, :, 7:8])


def test_directions_are_found(spectra):
    # Two sources that overlap everywhere but come from two directions: no mask can do this.
    stems = spectra.panned(np.array([[1.0, 0.3], [0.4, -1.0]]), 40, 400)
    mixture = stems.sum(0)
    magnitudes = np.abs(stems)
    masked = wiener(magnitudes, mixture, 0, softmask=True)
    filtered = wiener(magnitudes, mixture, 1)

    def sdr_db(estimates):
        return 10 * np.log10(np.sum(np.abs(stems) ** 2) / np.sum(np.abs(stems - estimates) ** 2))

    assert sdr_db(filtered) > sdr_db(masked) + 4.0


def test_more_channels_than_two_separate_more(spectra):
    gains = spectra.rng.standard_normal((4, 5))
    stems = spectra.panned(gains, 20, 300)
    errors = [
        np.sum(
            np.abs(wiener(np.abs(stems[:, :c]), stems[:, :c].sum(0), 2)[:, 0] - stems[:, 0]) ** 2
        )
        for c in (2, 3, 5)
    ]
    assert errors[0] > 2.0 * errors[1] > 2.0 * errors[2]


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("iterations", [0, 1, 2])
def test_a_broken_sample_stays_local(spectra, n_channels, bad, iterations):
    mixture = spectra.complex(n_channels, 9, 70, dtype=np.complex64)
    magnitudes = spectra.magnitudes(3, n_channels, 9, 70, dtype=np.float32)
    spoilt = mixture.copy()
    spoilt[0, 4, 5] = complex(1.0, bad)
    estimates = wiener(magnitudes, spoilt, iterations)
    assert np.isfinite(estimates).all()
    assert (estimates[:, 0, 4, 5] == 0).all()
    # Its bin is as if the frame had never been, the others as if nothing had been.
    without = wiener(np.delete(magnitudes, 5, -1), np.delete(mixture, 5, -1), iterations)
    assert np.allclose(np.delete(estimates, 5, -1)[:, :, 4], without[:, :, 4], atol=1e-5)
    clean = wiener(magnitudes, mixture, iterations)
    assert np.array_equal(np.delete(estimates, 4, 2), np.delete(clean, 4, 2))
    if iterations > 0:  # and the healthy channels still add up
        assert np.allclose(estimates.sum(0)[1:, 4, 5], mixture[1:, 4, 5], atol=1e-5)


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
@pytest.mark.parametrize("softmask", [False, True])
def test_a_broken_magnitude_counts_as_zero(spectra, n_channels, bad, softmask):
    mixture = spectra.complex(n_channels, 9, 70, dtype=np.complex64)
    magnitudes = spectra.magnitudes(3, n_channels, 9, 70, dtype=np.float32)
    magnitudes[1, :, 4, 5] = bad
    estimates = wiener(magnitudes, mixture, 1, softmask)
    magnitudes[1, :, 4, 5] = 0.0
    assert np.allclose(estimates, wiener(magnitudes, mixture, 1, softmask), atol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, 0.0])
def test_a_broken_or_silent_channel_leaves_the_other_one_alone(spectra, bad):
    mixture = spectra.complex(2, 9, 70, dtype=np.complex64)
    magnitudes = spectra.magnitudes(3, 2, 9, 70, dtype=np.float32)
    mono = wiener(magnitudes[:, :1], mixture[:1])
    mixture[1] = bad
    magnitudes[:, 1] = bad
    estimates = wiener(magnitudes, mixture)
    assert (estimates[:, 1] == 0).all()
    assert np.allclose(estimates[:, 0], mono[:, 0], atol=1e-5)


@pytest.mark.parametrize("axis", ["bin", "frame"])
@pytest.mark.parametrize("bad", [np.nan, 0.0])
def test_a_broken_or_silent_bin_or_frame_leaves_the_others_alone(spectra, axis, bad):
    mixture = spectra.complex(2, 9, 70, dtype=np.complex64)
    magnitudes = spectra.magnitudes(3, 2, 9, 70, dtype=np.float32)
    number, position = (-2, 4) if axis == "bin" else (-1, 60)
    where = (..., position, slice(None)) if axis == "bin" else (..., position)
    clean = wiener(np.delete(magnitudes, position, number), np.delete(mixture, position, number))
    mixture[where] = bad
    estimates = wiener(magnitudes, mixture)
    assert (estimates[where] == 0).all()
    rest = np.delete(estimates, position, number)
    assert np.allclose(rest, clean, atol=1e-5)


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("claim", [0.0, 1.0])
def test_silence_stays_silent_whatever_is_claimed(n_channels, claim):
    mixture = np.zeros((n_channels, 9, 70), np.complex64)
    magnitudes = np.full((3, n_channels, 9, 70), claim, np.float32)
    for softmask in (False, True):
        for iterations in (0, 1, 2):
            assert (wiener(magnitudes, mixture, iterations, softmask) == 0).all()


@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_what_nobody_claims_is_shared_equally(spectra, n_channels):
    mixture = spectra.complex(n_channels, 9, 70)
    magnitudes = np.zeros((4, n_channels, 9, 70))
    for iterations, softmask in ((0, True), (1, True), (1, False), (2, False)):
        estimates = wiener(magnitudes, mixture, iterations, softmask)
        assert np.allclose(estimates, mixture / 4.0)


def test_start_has_magnitudes_of_the_targets_and_phase_of_the_mixture(spectra):
    mixture, magnitudes = spectra.complex(2, 9, 70), spectra.magnitudes(3, 2, 9, 70)
    start = wiener(magnitudes, mixture, 0)
    assert np.allclose(np.abs(start), magnitudes)
    assert np.allclose(np.angle(start / mixture), 0.0)
    soft = wiener(magnitudes, mixture, 0, softmask=True)
    assert np.allclose(soft, mixture * magnitudes / magnitudes.sum(0))


def test_mono_magnitudes_are_those_of_all_channels(spectra):
    mixture, magnitudes = spectra.complex(2, 9, 70), spectra.magnitudes(3, 1, 9, 70)
    both = np.repeat(magnitudes, 2, axis=1)
    assert np.allclose(wiener(magnitudes, mixture, 2), wiener(both, mixture, 2))


def test_any_layout_and_precision_of_magnitudes_will_do(spectra):
    mixture, magnitudes = spectra.complex(2, 9, 70), spectra.magnitudes(3, 2, 9, 70)
    estimates = wiener(magnitudes, mixture)
    backwards = np.ascontiguousarray(mixture.T).T, np.ascontiguousarray(magnitudes.T).T
    assert np.array_equal(wiener(backwards[1], backwards[0]), estimates)
    assert np.allclose(wiener(magnitudes.astype(np.float32), mixture), estimates, atol=1e-4)
    some = wiener(magnitudes[..., 10:30], mixture[..., 10:30])
    assert np.array_equal(some, wiener(magnitudes[..., 10:30].copy(), mixture[..., 10:30].copy()))


def test_threads_do_not_change_a_bit(spectra, monkeypatch):
    mixture = spectra.complex(2, 257, 300, dtype=np.complex64)
    magnitudes = spectra.magnitudes(3, 2, 257, 300, dtype=np.float32)
    results = []
    for n in ("1", "2", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", n)
        results.append(wiener(magnitudes, mixture))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


def test_no_frames_and_no_bins_give_nothing():
    assert wiener(np.zeros((3, 2, 9, 0)), np.zeros((2, 9, 0), complex)).shape == (3, 2, 9, 0)
    assert wiener(np.zeros((3, 2, 0, 9)), np.zeros((2, 0, 9), complex)).shape == (3, 2, 0, 9)
    assert wiener(np.zeros((3, 6, 9, 0)), np.zeros((6, 9, 0), complex)).shape == (3, 6, 9, 0)


@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_tensors_give_tensors(spectra, n_channels):
    mixture, magnitudes = (
        spectra.complex(n_channels, 9, 70),
        spectra.magnitudes(3, n_channels, 9, 70),
    )
    tensors = torch.from_numpy(magnitudes).requires_grad_(), torch.from_numpy(mixture)
    estimates = wiener(*tensors)
    assert isinstance(estimates, torch.Tensor)
    assert np.array_equal(estimates.numpy(), wiener(magnitudes, mixture))
    assert torch.equal(
        wiener(tensors[0], tensors[1].conj()), wiener(tensors[0], tensors[1].conj().resolve_conj())
    )


@pytest.mark.parametrize(
    ("magnitudes", "mixture", "part"),
    [
        (np.ones((3, 2, 9, 7)), np.ones((2, 9, 7)), "not complex"),
        (np.ones((3, 2, 9, 7)), np.ones((9, 7), complex), r"mixture\[None\]"),
        (np.ones((3, 2, 9, 8)), np.ones((2, 9, 7), complex), r"\[targets, 2 or 1, 9, 7\]"),
        (np.ones((3, 3, 9, 7)), np.ones((2, 9, 7), complex), "2 or 1"),
        (np.ones((2, 9, 7)), np.ones((2, 9, 7), complex), "not real"),
        (np.ones((3, 2, 9, 7), complex), np.ones((2, 9, 7), complex), "not real"),
        (torch.ones((3, 2, 9, 7)), np.ones((2, 9, 7), complex), "not both"),
        ([[1.0]], np.ones((2, 9, 7), complex), "not both"),
    ],
)
def test_wrong_shapes_are_refused(magnitudes, mixture, part):
    with pytest.raises(ShapeError, match=part):
        wiener(magnitudes, mixture)


def test_negative_iterations_are_refused():
    with pytest.raises(ParameterError, match="-1 iterations"):
        wiener(np.ones((3, 2, 9, 7)), np.ones((2, 9, 7), complex), -1)
