"""Features of bins, compiled: the equations of `streamsep.features.cues`, one frame at a time.

Every loop writes one row and reads at most four, so that each becomes vector instructions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.cue_plan import BOTH, CROSS, LEFT, MID, RIGHT, SIDE
from streamsep.engine.compiled.cue_rows import (
    add_square,
    centre,
    contrast,
    contrast_to_largest_of_three,
    contrast_to_mean,
    follow,
    mean_around,
    persistence,
    rising,
)

# As in `streamsep.features.cues`; repeated here because that module imports torch.
FLOOR = np.float32(1e-5)
LOG_FLOOR = np.float32(-5.756463)
SILENCE = np.float32(1e-13)
OUTBURST = np.float32(1000.0)
EPS = np.float32(1e-9)
_FLUSH = np.float32(1e-20)
_ZERO, _HALF, _ONE, _TWO = (np.float32(x) for x in (0.0, 0.5, 1.0, 2.0))
_LARGEST = np.float32(1e4)
# 80 dB below all that is added to powers; products of what is left are normal numbers.
_SMALLEST = np.float32(1e-15)


class Spectrum(NamedTuple):
    """A frame of the mixture, for callers that have no frame of the engine.

    Machine code that is cached names the types it was made for, so they have to live where it lives.

    Attributes:
        re: [channels, bins]
        im: [channels, bins]
    """

    re: np.ndarray
    im: np.ndarray


@kernel
def find_cues(frame, plan, state):
    """Features of the bins of a frame; all that `state` remembers of it goes to its other half.

    Args:
        frame: `re` and `im` of the mixture. [channels, bins]
        plan: `CuePlan`.
        state: `features`, `products` and the other half of the memory are written.

    Returns:
        Whether the frame shall leave a trace in the memory.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    half = int(state.half[0])
    usable, gain = _find_level(frame, plan, state.level[half], state.level[1 - half])
    _normalise(frame, gain, plan.n_bins, state)
    _multiply(plan, state)
    _smooth(plan, state.smooth[half], state.smooth[1 - half], state.products)
    _compare_levels(plan, half, state)
    _compare_products(plan, state.smooth[1 - half], state)
    _find_onsets(plan, state.held[half], state.held[1 - half], state)
    return usable


@kernel
def remember(usable, state):
    """Make the frame at hand a part of the past, if it shall leave a trace.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    if usable:
        state.half[0] = _ONE - state.half[0]
        state.slot[0] = np.float32((int(state.slot[0]) + 1) % state.mid.shape[0])
    else:  # the count of loud frames goes on, or an outburst that lasts would never be believed
        half = int(state.half[0])
        state.level[half, 2] = state.level[1 - half, 2]


@kernel
def _find_level(frame, plan, old, new):
    """Whether the frame is usable, and 1 / sqrt(running level)."""
    channels, bins = frame.re.shape
    total = _ZERO
    for c in range(channels):
        total += add_square(frame.re[c]) + add_square(frame.im[c])
    # One channel is both sides.
    power = min(total * np.float32(2 // channels) / np.float32(bins), np.float32(1e20))
    power = power if power > SILENCE else _ZERO
    before = old[0] / max(old[1], np.float32(1e-9))
    is_warm = old[1] > np.float32(0.033)
    is_loud = is_warm and power > OUTBURST * before
    new[2] = old[2] + _ONE if is_loud else _ZERO
    is_believed = not is_loud or new[2] > np.float32(plan.n_patience)
    bounded = min(power, np.float32(100.0) * before) if is_warm else power
    is_low = is_warm and power < np.float32(0.01) * before
    weight = plan.level[1] if is_low else plan.level[0]
    new[0] = old[0] + weight * (bounded - old[0])
    new[1] = old[1] + weight * (_ONE - old[1])
    gain = _ONE / np.sqrt(max(new[0] / new[1], SILENCE))
    return is_believed and power > _ZERO, gain


@kernel
def _normalise(frame, gain, bins, state):
    """Spectrum over the running level, bounded; the frame's row of both rings."""
    last, slot = frame.re.shape[0] - 1, int(state.slot[0])
    for side in range(2):
        # One channel is both sides.
        c = min(side, last)
        _scale(frame.re[c], gain, state.re[side])
        _scale(frame.im[c], gain, state.im[side])
    for part in range(2):
        spectrum, mid = (state.im if part else state.re), state.mid[slot, part]
        left, right = spectrum[0], spectrum[1]
        for k in range(bins):
            mid[k] = left[k] + right[k]


@kernel
def _scale(x, gain, scaled):
    for k in range(x.shape[0]):
        value = min(max(x[k] * gain, -_LARGEST), _LARGEST)
        scaled[k] = value if abs(value) >= _SMALLEST else _ZERO


@kernel
def _multiply(plan, state):
    """Products of left, right and mid with each other and with earlier frames; the log level."""
    bins, slot, n_slots = plan.n_bins, int(state.slot[0]), state.mid.shape[0]
    products, now = state.products, state.mid[slot]
    for i in range(3):
        # Left against right, then mid against both earlier ones: four rows each.
        past = state.mid[(slot - plan.lags[max(i - 1, 0)]) % n_slots]
        x_re, x_im = (state.re[0], state.im[0]) if i == 0 else (now[0], now[1])
        y_re, y_im = (state.re[1], state.im[1]) if i == 0 else (past[0], past[1])
        _cross(x_re, x_im, y_re, y_im, bins, products[4 * i : 4 * i + 4])
    left, right, both = products[LEFT], products[RIGHT], products[BOTH]
    for k in range(bins):
        both[k] = left[k] + right[k]
    cross, mid, side = products[CROSS], products[MID], products[SIDE]
    for k in range(bins):
        mid[k] = _HALF * (both[k] + _TWO * cross[k])
    for k in range(bins):
        side[k] = max(_HALF * (both[k] - _TWO * cross[k]), _ZERO)
    log_level = state.log_level[slot]
    for k in range(bins):
        log_level[k] = _HALF * np.log(both[k] + FLOOR) - LOG_FLOOR


@kernel
def _cross(x_re, x_im, y_re, y_im, bins, rows):
    """X Y*, real and imaginary, |x|^2, |y|^2."""
    re, im, x_power, y_power = rows[0], rows[1], rows[2], rows[3]
    for k in range(bins):
        re[k] = x_re[k] * y_re[k] + x_im[k] * y_im[k]
    for k in range(bins):
        im[k] = x_im[k] * y_re[k] - x_re[k] * y_im[k]
    for k in range(bins):
        x_power[k] = x_re[k] * x_re[k] + x_im[k] * x_im[k]
    for k in range(bins):
        y_power[k] = y_re[k] * y_re[k] + y_im[k] * y_im[k]


@kernel
def _smooth(plan, old, new, products):
    """Exponential means of the products; what falls below the flush is 0, never denormal."""
    for row in range(old.shape[0]):
        product = products[plan.product_of_row[row]]
        follow(old[row], product, plan.smoothing[row], _FLUSH, plan.n_bins, new[row])


@kernel
def _compare_levels(plan, half, state):
    """Peaks, novelties, flux and level."""
    bins, features, slot = plan.n_bins, state.features, int(state.slot[0])
    log_level, n_slots = state.log_level[slot], state.log_level.shape[0]
    for row, i in ((0, 0), (7, 1), (8, 2)):
        mean_around(log_level, plan.n_peak[i], bins, state.mean)
        contrast(log_level, state.mean, bins, features[row])
    for row, i in ((1, 0), (9, 1), (10, 2), (6, 3)):
        old, new, weight = state.log_mean[half, i], state.log_mean[1 - half, i], plan.novelty[i]
        follow(old, log_level, weight, _FLUSH, bins, new)
        before = state.log_weight[half, i]
        known = before + weight * (_ONE - before)
        state.log_weight[1 - half, i] = known
        contrast_to_mean(log_level, new, _ONE / known, bins, features[row])
    earlier = state.log_level[(slot - plan.lags[0]) % n_slots]
    contrast_to_largest_of_three(log_level, earlier, bins, features[2])
    contrast(log_level, state.log_level[(slot - plan.lags[1]) % n_slots], bins, features[11])
    level = features[14]
    for k in range(bins):
        bounded = min(max(log_level[k] + LOG_FLOOR, np.float32(-6.0)), np.float32(4.0))
        level[k] = bounded * np.float32(1 / 3)


@kernel
def _compare_products(plan, smooth, state):
    """Centre, coherence, panning and persistence of phase."""
    bins, features, products = plan.n_bins, state.features, state.products
    centre(products[CROSS], products[BOTH], EPS, bins, features[4])
    for i, row in ((0, 3), (2, 12)):
        centre(smooth[i], smooth[i + 1], EPS, bins, features[row])
    for i, row in ((4, 13), (8, 5), (12, 18)):
        persistence(smooth[i : i + 4], EPS, bins, features[row])
    left, right, panning = smooth[6], smooth[7], features[19]
    for k in range(bins):
        share = abs(left[k] - right[k]) / (left[k] + right[k] + EPS)
        panning[k] = _TWO * share - _ONE


@kernel
def _find_onsets(plan, old, new, state):
    """Mean flux around a bin, of all bins, and held."""
    bins, features = plan.n_bins, state.features
    wide, everywhere, held = features[15], features[16], features[17]
    rising(features[2], bins, everywhere)
    mean_around(everywhere, plan.n_onset, bins, wide)
    total = _ZERO
    for k in range(bins):
        total += everywhere[k]
    mean = np.float32(3.0) * total / np.float32(bins)
    for k in range(bins):
        everywhere[k] = mean
    for k in range(bins):
        kept = max(old[k] * plan.hold, wide[k])
        new[k] = kept if kept >= _FLUSH else _ZERO
    for k in range(bins):
        held[k] = np.float32(3.0) * new[k]
    for k in range(bins):
        wide[k] *= np.float32(3.0)
