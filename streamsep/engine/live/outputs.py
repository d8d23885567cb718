"""Where a piece of the live path goes: the callback's output, the meters, the ring of the recorder."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.machine import load_acquire, store_release
from streamsep.engine.live.memory import (
    ACTIVE,
    DROPPED,
    IS_RECORDING,
    MAX_TARGETS,
    NEXT,
    RECORD_READ,
    RECORD_WRITTEN,
)


@kernel
def put(path, outputs, m):
    """What is heard, or every stem at unity, to the callback's output; other channels are silent.

    Args:
        path: `LivePath`.
        outputs: Written. [m, outputs]
        m: Samples of the piece.

    Latency: 0. Thread: audio. Allocates: no. In place: outputs.
    """
    if path.has_stem_outputs:
        index, following = path.counts[ACTIVE], path.counts[NEXT]
        _put_stems(path.stems[index], path.n_targets[index], outputs, m)
        if following >= 0 and path.n_targets[following] != path.n_targets[index]:
            stems, n_stems = path.stems[following], path.n_targets[following]
            _fade_in_stems(stems, n_stems, path.shares, outputs, m)
        return
    for out in range(outputs.shape[1]):
        for k in range(m):
            outputs[k, out] = np.float32(path.heard[out, k]) if out < path.heard.shape[0] else 0.0


@kernel
def _put_stems(stems, n_stems, outputs, m):
    channels = stems.shape[1]
    for out in range(outputs.shape[1]):
        is_stem = out < n_stems * channels
        stem = stems[min(out // channels, n_stems - 1), out % channels]
        for k in range(m):
            outputs[k, out] = stem[k] if is_stem else np.float32(0.0)


@kernel
def _fade_in_stems(stems, n_stems, shares, outputs, m):
    """Every output goes over to the stem of the same place in the slot that comes."""
    channels = stems.shape[1]
    for out in range(outputs.shape[1]):
        is_stem = out < n_stems * channels
        stem = stems[min(out // channels, n_stems - 1), out % channels]
        for k in range(m):
            wanted = stem[k] if is_stem else np.float32(0.0)
            outputs[k, out] += np.float32(shares[k]) * (wanted - outputs[k, out])


@kernel
def measure_and_record(path, m):
    """Levels, and frames for the recorder: input (as late as the stems), stems, mix.

    Latency: 0. Thread: audio. Allocates: no. In place: path.
    """
    index = path.counts[ACTIVE]
    stems, n_stems = path.stems[index], path.n_targets[index]
    fall, weight = path.fall[m - 1], path.power_weight
    aligned = path.aligned[index]
    for c in range(aligned.shape[0]):
        _measure(aligned[c], m, fall, weight, path.peaks[:, c], path.powers[:, c], 0)
        for j in range(n_stems):
            _measure(stems[j, c], m, fall, weight, path.peaks[:, c], path.powers[:, c], j + 1)
        for k in range(m):
            path.out[c, k] = path.heard[c, k]
        _measure(path.out[c], m, fall, weight, path.peaks[:, c], path.powers[:, c], MAX_TARGETS + 1)
    if not load_acquire(path.counts, IS_RECORDING):
        return
    size, written = path.record.shape[0], path.counts[RECORD_WRITTEN]
    if written + m - load_acquire(path.counts, RECORD_READ) > size:
        store_release(path.counts, DROPPED, path.counts[DROPPED] + m)
        return
    _write_rows(path.record, written, 0, aligned, m)
    for j in range(n_stems):
        _write_rows(path.record, written, j + 1, stems[j], m)
    _write_rows(path.record, written, MAX_TARGETS + 1, path.out, m)
    store_release(path.counts, RECORD_WRITTEN, written + m)


@kernel
def _measure(x, m, fall, weight, peaks, powers, source):
    """Peak, which falls, and mean power of m samples."""
    largest, total = np.float32(0.0), np.float32(0.0)
    for k in range(m):
        largest = max(largest, abs(x[k]))
        total += x[k] * x[k]
    peaks[source] = max(peaks[source] * fall, largest)
    # One step for the piece: weight m instead of the exact 1 - (1 - weight)^m.
    powers[source] += min(weight * m, 1.0) * (total / m - powers[source])


@kernel
def _write_rows(record, written, source, samples, m):
    """Channels of one source into their places in the frames of the recorder's ring."""
    size, channels = record.shape[0], samples.shape[0]
    for k in range(m):
        for c in range(channels):
            record[(written + k) % size, source * channels + c] = samples[c, k]
