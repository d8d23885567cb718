"""A whole separation side by side with open-unmix: the same networks, the same music, one run.

Four bidirectional networks of the published size with random weights, one iteration of the Wiener filter,
stereo, from samples to samples. Both get the threads that torch has; they take turns, and medians are
compared. The two differ where ours is meant to differ (overlapping blocks, real neighbours around them, a
filter that does not depend on the level), so what is compared of their results is how much, in dB.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.box import SIMPLE_HEAD
from rich.table import Table

from streamsep.bench.timing import Statistics, interleave
from streamsep.models.open_unmix import OpenUnmix
from streamsep.models.open_unmix_random import max_bin_of, typical_magnitude
from streamsep.spec import PROFILES, STEM_SETS
from streamsep_offline.bench.row import BenchRow
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.umx.estimator import UmxEstimator
from streamsep_offline.umx.folder import UmxFolder

FULL_HIDDEN_SIZE = 512
"""Hidden size of umx and umxhq."""

SONG_S = 60.0
"""Seconds of music."""

_RATE, _N_FFT, _HOP = 44100, 4096, 1024
_TARGETS = STEM_SETS["4stems"]
_OURS, _PEER = "streamsep", "open-unmix"

Separate = Callable[[np.ndarray], np.ndarray]
"""Samples [channels, n] to stems [targets, channels, n]."""


@dataclass(frozen=True)
class SeparationResult(BenchRow):
    """One row of the comparison.

    Attributes:
        times_real_time: Seconds of music per second, at the median; None without the package.
        times_peer: How many times as fast as open-unmix, at the medians; None without it.
        agreement_db: Energy of open-unmix's stems over that of the difference to them.
        remark: What people should know.
    """

    times_real_time: float | None
    times_peer: float | None
    agreement_db: float | None
    remark: str


def compare_separations(
    song_s: float = SONG_S,
    hidden_size: int = FULL_HIDDEN_SIZE,
    rounds: int = 3,
    on_round: Callable[[], None] = lambda: None,
) -> list[SeparationResult]:
    """Time both in turns; each also runs once untimed per turn, to warm the caches.

    Args:
        song_s: Seconds of music.
        hidden_size: Width of the networks.
        rounds: Timed runs of each.
        on_round: Called after each round.
    """
    networks, song = _networks(hidden_size), _song(song_s)
    separators = {_OURS: _ours(networks), _PEER: _peer(networks)}
    present = {name: s for name, s in separators.items() if s is not None}
    stems = {name: separate(song) for name, separate in present.items()}
    jobs = {name: lambda s=separate: s(song) for name, separate in present.items()}
    seconds = interleave(jobs, rounds, 1, on_round)
    medians = {name: float(np.median(durations)) for name, durations in seconds.items()}

    def row(name: str) -> SeparationResult:
        if name not in medians:
            remark = "not installed (pip install --no-deps openunmix)"
            return SeparationResult(name, None, None, None, None, remark)
        agreement = times = None
        if _PEER in medians and name != _PEER:
            times = medians[_PEER] / medians[name]
            agreement = _agreement_db(stems[name], stems[_PEER])
        return SeparationResult(
            name,
            seconds[name],
            song_s / medians[name],
            times,
            agreement,
            f"{torch.get_num_threads()} threads",
        )

    return [row(name) for name in separators]


def separation_table(results: list[SeparationResult], song_s: float) -> Table:
    """One row per separator."""
    title = f"Whole separation of {song_s:g} s of stereo, four networks, one iteration"
    table = Table(title=title, box=SIMPLE_HEAD)
    table.add_column("what")
    for heading in ("best s", "median s", "x real time", "x open-unmix", "agrees dB"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for r in results:
        s = None if r.seconds is None else Statistics.of(r.seconds)
        table.add_row(
            r.name,
            "" if s is None else f"{s.min_ms / 1000.0:.2f}",
            "" if s is None else f"{s.p50_ms / 1000.0:.2f}",
            "" if r.times_real_time is None else f"{r.times_real_time:.1f}",
            "" if r.times_peer is None else f"{r.times_peer:.2f}",
            "" if r.agreement_db is None else f"{r.agreement_db:.0f}",
            r.remark,
        )
    return table


def _networks(hidden_size: int) -> dict[str, OpenUnmix]:
    """Networks of the published shape, their input normalised as for music."""
    profile = PROFILES["studio"]
    typical, max_bin = typical_magnitude(profile), max_bin_of(profile, _RATE)
    networks = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for target in _TARGETS:
            network = OpenUnmix(
                profile.n_bins, 2, hidden_size, 3, False, typical, typical, max_bin=max_bin
            )
            networks[target] = network.requires_grad_(False).eval()
    return networks


def _song(song_s: float) -> np.ndarray:
    """Noise that swells and fades, different left and right. float32 [2, n]"""
    n = round(song_s * _RATE)
    rng = np.random.default_rng(0)
    common, sides = rng.standard_normal((1, n)), rng.standard_normal((2, n))
    swell = 0.1 + 0.1 * np.sin(2.0 * np.pi * np.arange(n) / _RATE)
    return ((common + 0.5 * sides) * swell).astype(np.float32)


def _ours(networks: Mapping[str, OpenUnmix]) -> Separate:
    folder = UmxFolder(Path(), _TARGETS, _RATE, _N_FFT, _HOP, 2, networks, None)
    separation = Separation(SeparationSettings(niter=1), UmxEstimator(folder, "random"))

    def separate(song: np.ndarray) -> np.ndarray:
        return np.concatenate(
            list(separation.run(lambda: iter([song]), _RATE, *song.shape)), axis=-1
        )

    return separate


def _peer(networks: Mapping[str, OpenUnmix]) -> Separate | None:
    openunmix = _import_openunmix()
    if openunmix is None:
        return None
    theirs = {}
    for target, network in networks.items():
        with torch.random.fork_rng(devices=[]):
            theirs[target] = openunmix.model.OpenUnmix(
                network.nb_output_bins, 2, network.hidden_size, max_bin=network.nb_bins
            )
        theirs[target].load_state_dict(network.state_dict())
    separator = openunmix.model.Separator(theirs, niter=1)
    separator.freeze()

    def separate(song: np.ndarray) -> np.ndarray:
        stems = openunmix.predict.separate(torch.from_numpy(song), rate=_RATE, separator=separator)
        return np.stack([stems[target][0].numpy() for target in _TARGETS])

    return separate


def _import_openunmix() -> types.ModuleType | None:
    """The peer; it imports torchaudio to read files, so where that is missing an empty module stands in."""
    if importlib.util.find_spec("openunmix") is None:
        return None
    stands_in = "torchaudio" not in sys.modules and importlib.util.find_spec("torchaudio") is None
    if stands_in:
        sys.modules["torchaudio"] = types.ModuleType("torchaudio")
    try:
        for module in ("openunmix.model", "openunmix.predict"):
            importlib.import_module(module)
    finally:
        if stands_in:
            del sys.modules["torchaudio"]
    return sys.modules["openunmix"]


def _agreement_db(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Of the stems between the first and the last second, where both hear the same music."""
    inner = slice(_RATE, -_RATE) if ours.shape[-1] > 3 * _RATE else slice(None)
    a, b = (stems[..., inner].astype(np.float64) for stems in (ours, theirs))
    return float(10.0 * np.log10(np.sum(b**2) / max(float(np.sum((a - b) ** 2)), 1e-30)))
