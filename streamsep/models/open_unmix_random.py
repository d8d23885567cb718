"""Causal Open-Unmix with random weights: the load of a trained model, for tests and benchmarks."""

from __future__ import annotations

import numpy as np

from streamsep.model import Model
from streamsep.models.open_unmix_weights import network_shapes
from streamsep.spec import Profile

BANDWIDTH_HZ = 16000.0
"""Highest frequency that networks see by default, the original's."""


def max_bin_of(profile: Profile, sample_rate: int, bandwidth_hz: float = BANDWIDTH_HZ) -> int:
    """Count of bins at or below a bandwidth: 1487 for n_fft 4096 at 44.1 kHz."""
    return min(int(bandwidth_hz * profile.n_fft / sample_rate) + 1, profile.n_bins)


def typical_magnitude(profile: Profile) -> np.ndarray:
    """Magnitude that music at -20 dBFS has in each bin, roughly: flat, above 200 Hz falling as 1 / f.

    Returns:
        float64 [bins]
    """
    frequency_hz = np.arange(profile.n_bins) * 44100 / profile.n_fft
    return 0.01 * profile.n_fft / (1.0 + frequency_hz / 200.0)


def random_model(
    profile: Profile,
    targets: tuple[str, ...],
    hidden_size: int = 512,
    seed: int = 0,
    *,
    channels: int = 2,
    nb_layers: int = 3,
    residual_network: bool = True,
    mask: str = "ratio",
    exponent: float = 2.0,
) -> Model:
    """A causal Open-Unmix with random weights: the load of a trained one, for tests and benchmarks.

    Weights are drawn so that every layer works in its usual range for music: normalised input and
    hidden units of order 1, gains around 0.5, hardly any cut to zero by the ReLU.
    """
    rng = np.random.default_rng(seed)
    networks = targets if residual_network else targets[:-1]
    max_bin = max_bin_of(profile, 44100)
    shapes = network_shapes(profile.n_bins, channels, hidden_size, nb_layers, max_bin)
    weights = {
        f"{t}.{key}": _draw(rng, key, shape) for t in networks for key, shape in shapes.items()
    }
    typical = typical_magnitude(profile)[:max_bin].astype(np.float32)
    for target in networks:
        weights[f"{target}.input_mean"] *= typical
        weights[f"{target}.input_scale"] /= typical
    settings = {
        "hidden_size": hidden_size,
        "nb_layers": nb_layers,
        "max_bin": max_bin,
        "networks": list(networks),
        "mask": mask,
        "exponent": exponent,
    }
    return Model("open_unmix", profile, targets, channels, settings=settings, weights=weights)


def _draw(rng: np.random.Generator, key: str, shape: tuple[int, ...]) -> np.ndarray:
    if key.endswith("num_batches_tracked"):
        return np.zeros(shape, np.int64)
    if key == "input_mean":
        drawn = -rng.uniform(0.2, 0.8, shape)
    elif key in ("input_scale", "bn1.running_var", "bn2.running_var", "bn3.running_var"):
        drawn = rng.uniform(0.5, 1.5, shape)
    elif key == "output_scale":
        drawn = rng.uniform(0.15, 0.45, shape)
    elif key == "output_mean":
        drawn = rng.uniform(0.4, 0.6, shape)
    elif key.endswith(("bn1.weight", "bn2.weight", "bn3.weight")):
        drawn = rng.uniform(0.8, 1.2, shape)
    elif len(shape) == 2:
        drawn = rng.standard_normal(shape) / np.sqrt(shape[1])
    else:  # biases and running means
        drawn = 0.1 * rng.standard_normal(shape)
    return drawn.astype(np.float32)
