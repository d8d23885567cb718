"""The streaming contract, proved in one place for every stage, model and engine.

`verify_stage` is for PyTorch stages ([batch, channels, ...], time last), `verify_separator` for what
users hold, whatever engine and model are inside. Both compare *values*, not shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

BLOCKS = (1, 64, 441, 512, 1000, 4096)
"""Block sizes in samples that every separator is driven with, besides random ones."""


def verify_stage(
    stage, init: Callable[[], object], x: torch.Tensor, unit: int = 1, tolerance: float = 1e-6
):
    """step = offline for any split, causal, argument untouched.

    Args:
        stage: Has `step` and `offline`.
        init: Makes a fresh state.
        x: Input, time last.
        unit: Splits fall on multiples of this.
        tolerance: Largest difference allowed, relative to the largest output.
    """
    before = x.clone()
    whole = stage.offline(x)
    assert torch.equal(x, before), "offline modified its argument"
    n_units = x.shape[-1] // unit
    per_unit = whole.shape[-1] // n_units
    scale = float(whole.abs().max())
    assert scale > 0
    for split in _splits(n_units):
        state, parts, start = init(), [], 0
        for size in split:
            y, state = stage.step(x[..., start * unit : (start + size) * unit], state)
            parts.append(y)
            start += size
        difference = float((torch.cat(parts, dim=-1) - whole).abs().max())
        assert difference <= tolerance * scale, f"split {split[:5]}: {difference}"
    assert torch.equal(x, before), "step modified its argument"
    half = n_units // 2
    changed = x.clone()
    changed[..., half * unit :] += 1.0
    past = slice(0, half * per_unit)
    assert torch.equal(stage.offline(changed)[..., past], whole[..., past]), (
        "the future changed the past"
    )
    assert not torch.equal(stage.offline(changed), whole)


def _splits(n: int) -> Sequence[list[int]]:
    rng = np.random.default_rng(n)
    irregular = []
    while sum(irregular) < n:
        irregular.append(int(min(rng.integers(1, 8), n - sum(irregular))))
    return ([1] * n, [n // 2, n - n // 2], irregular)


def stream(separator, mixture: np.ndarray, sizes) -> np.ndarray:
    """Drive a separator with blocks of the given sizes (an int, or a list that repeats) and flush it."""
    separator.reset()
    sizes = [sizes] if isinstance(sizes, int) else list(sizes)
    parts, start, k = [], 0, 0
    while start < mixture.shape[1]:
        size = sizes[k % len(sizes)]
        block = mixture[:, start : start + size]
        part = separator.process(block)
        assert part.shape == (len(separator.stems), *block.shape)
        assert part.dtype == np.float32
        parts.append(part)
        start, k = start + size, k + 1
    return np.concatenate([*parts, separator.flush()], axis=-1)


def verify_separator(
    make: Callable[[], object],
    mixture: np.ndarray,
    tolerance: float = 1e-5,
    recovered: float = 0.001,
):
    """All of DESIGN's contract for a separator at hand.

    Args:
        make: Builds a fresh separator without a promised block size.
        mixture: Music, float32 [channels, n].
        tolerance: Largest absolute difference between streamed and whole.
        recovered: Largest error 5 s after bad input, RMS relative to the mixture's.
    """
    separator = make()
    before = mixture.copy()
    whole = separator.separate(mixture)
    assert whole.shape == (len(separator.stems), *mixture.shape)
    latency = separator.latency_samples
    rng = np.random.default_rng(1)
    for sizes in (*BLOCKS, rng.integers(1, 3000, 40).tolist()):
        y = stream(separator, mixture[:, : 6000 if sizes == 1 else None], sizes)
        assert np.all(y[..., :latency] == 0), "the first samples are not zeros"
        aligned = y[..., latency:]
        # The tail sees silence where the whole recording goes on: compare what both have heard.
        n = aligned.shape[-1] - (latency if sizes == 1 else 0)
        assert np.abs(aligned[..., :n] - whole[..., :n]).max() <= tolerance, f"blocks of {sizes}"
    assert np.array_equal(mixture, before), "an argument was modified"
    _verify_sum(separator, mixture)
    _verify_causal(separator, mixture)
    _verify_silence(separator, mixture)
    _verify_hostile_input(separator, mixture, recovered)
    _verify_no_leak(make, mixture)


def _verify_sum(separator, mixture):
    for level_db in (0, -40, -80):
        x = (mixture / np.abs(mixture).max() * 10 ** (level_db / 20)).astype(np.float32)
        y = stream(separator, x, 441)[..., separator.latency_samples :]
        error = np.abs(y.sum(axis=0, dtype=np.float64) - x).max()
        assert error <= 1e-6 * np.abs(x).max(), f"stems do not sum at {level_db} dBFS: {error}"


def _verify_causal(separator, mixture):
    half = mixture.shape[1] // 2
    changed = mixture.copy()
    changed[:, half:] = changed[:, half:][:, ::-1]
    a, b = stream(separator, mixture, 512), stream(separator, changed, 512)
    known = slice(0, half // 512 * 512)
    assert np.array_equal(a[..., known], b[..., known]), "the future changed the past"
    assert not np.array_equal(a, b)


def _verify_silence(separator, mixture):
    silence = np.zeros_like(mixture)
    assert np.all(stream(separator, silence, 512) == 0), "digital silence did not stay silent"


def _verify_hostile_input(separator, mixture, recovered):
    """Bad samples in one block leave the output finite, and normal again within 5 s."""
    rate = separator.sample_rate
    long = np.tile(mixture, (1, 7 * rate // mixture.shape[1] + 1))[:, : 7 * rate]
    clean = stream(separator, long, 4096)
    loud = mixture / np.abs(mixture).max() * 100.0
    for name, value in (
        ("nan", np.nan),
        ("inf", -np.inf),
        ("denormal", 1e-40),
        ("+40 dBFS", None),
        ("1e30", 1e30),
    ):
        bad = long.copy()
        part = slice(rate, rate + 4096)
        bad[:, part] = loud[:, :4096] if value is None else value
        y = stream(separator, bad, 4096)
        assert np.all(np.isfinite(y)), name
        late = slice(6 * rate + 4096, None)
        # Memories of several seconds fade, they do not end: normal is what nobody can hear.
        error = np.sqrt(np.mean((y[..., late] - clean[..., late]) ** 2))
        level = np.sqrt(np.mean(long[:, late] ** 2))
        assert error <= recovered * level, f"not normal 5 s after {name}: {error / level:.4f}"


def _verify_no_leak(make, mixture):
    """Two streams that take turns give what each gives alone."""
    first, second = make(), make()
    other = np.ascontiguousarray(mixture[:, ::-1])
    alone = stream(first, mixture, 512), stream(second, other, 512)
    first.reset(), second.reset()
    turns = [
        (first.process(mixture[:, i : i + 512]), second.process(other[:, i : i + 512]))
        for i in range(0, mixture.shape[1], 512)
    ]
    for k in (0, 1):
        together = np.concatenate([turn[k] for turn in turns], axis=-1)
        assert np.array_equal(together, alone[k][..., : together.shape[-1]])
