import math

import numpy as np
import pytest
import torch

from streamsep_offline.losses.level_aligned import LevelAligned, mask_loss


def _signals(rng, batch=2, frames=12, targets=3, bins=5):
    s = rng.standard_normal((batch, frames, targets, bins)) + 1j * rng.standard_normal(
        (batch, frames, targets, bins)
    )
    s *= rng.uniform(0.1, 2.0, (batch, 1, targets, 1))
    return s, s.sum(axis=2)


def _loss(s, x, masks, weights, pieces):
    tensor = lambda a: torch.tensor(a, dtype=torch.float64)  # noqa: E731
    cross = (x[:, :, None].conj() * s).real
    powers = np.abs(x) ** 2, cross, np.abs(s) ** 2
    return float(mask_loss(tensor(masks), *map(tensor, powers), tensor(weights), pieces))


def test_equals_the_formula_on_error_signals():
    """The same from |m X - S|^2 itself, summed with plain loops."""
    rng = np.random.default_rng(0)
    s, x = _signals(rng)
    masks = rng.uniform(0, 1, s.shape)
    weights = rng.uniform(1, 3, (2, 5))
    total = norm = 0.0
    for b in range(2):
        wholes = []
        for piece in (1, 2):  # the first of three pieces does not count
            t = slice(4 * piece, 4 * piece + 4)
            wholes.append((np.abs(x[b, t]) ** 2 * weights[b]).sum())
        for piece, whole in zip((1, 2), wholes, strict=True):
            t = slice(4 * piece, 4 * piece + 4)
            for j in range(3):
                error = (np.abs(masks[b, t, j] * x[b, t] - s[b, t, j]) ** 2 * weights[b]).sum()
                stem = (np.abs(s[b, t, j]) ** 2 * weights[b]).sum()
                importance = min(max(stem / (0.02 * whole), 0.1), 1.0)
                total += importance * 10 * math.log10(error / whole + 0.01)
                norm += importance
    assert _loss(s, x, masks, weights, 4) == pytest.approx(total / norm, rel=1e-4)


def test_level_changes_nothing():
    rng = np.random.default_rng(1)
    s, x = _signals(rng)
    masks, weights = rng.uniform(0, 1, s.shape), np.ones((2, 5))
    assert _loss(s, x, masks, weights, 4) == pytest.approx(
        _loss(100 * s, 100 * x, masks, weights, 4), abs=1e-3
    )


def test_true_shares_are_best_and_reach_the_floor():
    """Stems that are multiples of one signal are recovered: -20 dB, the floor."""
    rng = np.random.default_rng(2)
    _, x = _signals(rng)
    shares = np.array([0.5, 0.3, 0.2])[None, None, :, None]
    s = shares * x[:, :, None]
    true = np.broadcast_to(shares, s.shape)
    weights = np.ones((2, 5))
    assert _loss(s, x, true, weights, 4) == pytest.approx(-20.0, abs=1e-3)
    assert _loss(s, x, np.full(s.shape, 1 / 3), weights, 4) > -19.0


def test_a_pause_counts_for_nothing():
    rng = np.random.default_rng(3)
    s, x = _signals(rng)
    masks, weights = rng.uniform(0, 1, s.shape), np.ones((2, 5))
    quiet = s.copy()
    quiet[:, 8:] *= 1e-3
    other = masks.copy()
    other[:, 8:] = 0.9
    x = quiet.sum(axis=2)
    a, b = _loss(quiet, x, masks, weights, 4), _loss(quiet, x, other, weights, 4)
    assert a == pytest.approx(b, abs=1e-9)


def test_whole_spectra_give_what_masks_and_powers_give(hear):
    """The estimates of masks, once as spectra and once as powers; channels are bins of one spectrum."""
    rng = np.random.default_rng(4)
    masks = torch.from_numpy(rng.uniform(0, 1, hear().references.shape))
    heard = hear(lambda y: masks * y.sum(dim=1, keepdim=True))
    x = heard.mixture[:, None]
    scale = 1.0 / heard.level[:, None, None, None, None] ** 2

    def flat(power):
        return power.flatten(-3, -2).movedim(-1, 1)

    powers = [
        flat(scale * p)
        for p in (x.abs() ** 2, (x.conj() * heard.references).real, heard.references.abs() ** 2)
    ]
    powers[0] = powers[0][:, :, 0]
    weights = torch.ones(2, powers[0].shape[-1], dtype=torch.float64)
    wanted = mask_loss(flat(masks), *powers, weights, 12)
    loss = LevelAligned(piece_s=12 * 64 / 8000)(heard)
    assert float(loss) == pytest.approx(float(wanted), abs=1e-6)
    assert float(LevelAligned(piece_s=0.1, skip=0)(hear())) == pytest.approx(-20.0, abs=0.01)
