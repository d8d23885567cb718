"""Recursive multichannel Wiener filter, compiled: the equations of `streamsep.recursive_wiener`.

Every loop writes one row of bins, so that it becomes vector instructions. A stream without the filter has
arrays of one axis in place of the filter's, so the machine code of its hop does not contain the filter.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.spec import StreamSpec

# As in `streamsep.wiener_settings`; repeated here because machine code holds them, and a change outside
# this folder would not reach what is cached.
BACKGROUND, SPREAD = np.float32(0.05), np.float32(0.05)
SILENCE, FLUSH = np.float32(1e-30), np.float32(1e-20)
_ZERO, _HALF, _ONE, _TWO = (np.float32(x) for x in (0.0, 0.5, 1.0, 2.0))
_SILENT_SUM = _TWO * SILENCE

# Rows of work space: left's share of the power, weight of the frame, products of the mixture, sum over
# stems of v R, and u = (sum_i v_i R_i)^-1 x as left and right, real and imaginary.
_BALANCE, _WEIGHT, _PRODUCTS, _TOTAL, _U, _N_ROWS = 0, 1, 2, 6, 10, 14


def wiener_shapes(spec: StreamSpec) -> dict[str, tuple[int, ...]]:
    """Shapes of the filter's memory and work space in `FrameState`; one channel has no places."""
    if not spec.has_wiener or spec.channels == 1:
        return dict.fromkeys(("places", "weighted", "rows", "filtered"), (0,))
    n_targets, bins = len(spec.targets), spec.profile.n_bins
    return {
        "places": (n_targets, 4, bins),
        "weighted": (n_targets, 4, bins),
        "rows": (_N_ROWS, bins),
        "filtered": (n_targets - 1, 2, 2, bins),
    }


@kernel
def filter_stems(places, memory, state):
    """Spectrum and masks of a frame to the filtered spectra of all stems but the residual.

    Args:
        places: Memory of all stems, written; one axis where there is no filter. [targets, 4, bins]
        memory: Weight of the frame in the memory.
        state: `FrameState`; `re`, `im` and `masks` are read, `filtered` is written.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    if places.ndim == 1:
        return
    rows, masks = state.rows, state.masks
    balance, weight, products = rows[_BALANCE], rows[_WEIGHT], rows[_PRODUCTS:_TOTAL]
    total, u = rows[_TOTAL:_U], rows[_U:_N_ROWS]
    _multiply(state.re, state.im, memory, balance, weight, products)
    for i in range(4):
        _fill(_ZERO, total[i])
    for j in range(masks.shape[0]):
        left, right, place, weighted = masks[j, 0], masks[j, 1], places[j], state.weighted[j]
        for i in range(4):
            first, second = (right if i == 1 else left), (left if i == 0 else right)
            _remember(first, second, products[i], weight, place[i])
        share = u[0]  # not in use yet
        _average(left, right, balance, share)
        _weigh(share, place, weighted)
        for i in range(4):
            _add(weighted[i], total[i])
    _solve(total, state.re, state.im, u)
    for j in range(state.filtered.shape[0]):
        _apply(state.weighted[j], u, state.filtered[j])


@kernel
def _multiply(re, im, memory, balance, weight, products):
    """|L|^2, |R|^2, Re and Im of L R* over the mean power, times the weight: 0 in silent bins."""
    left_re, left_im, right_re, right_im = re[0], im[0], re[1], im[1]
    power, left = products[1], products[0]
    for k in range(balance.shape[0]):
        left[k] = left_re[k] * left_re[k] + left_im[k] * left_im[k]
    for k in range(balance.shape[0]):
        power[k] = left[k] + right_re[k] * right_re[k] + right_im[k] * right_im[k]
    for k in range(balance.shape[0]):
        weight[k] = memory if power[k] > _SILENT_SUM else _ZERO
    for k in range(balance.shape[0]):
        balance[k] = left[k] / power[k] if power[k] > _SILENT_SUM else _HALF
    scale = left
    for k in range(balance.shape[0]):
        scale[k] = _TWO * weight[k] / max(power[k], _SILENT_SUM)
    cross_re, cross_im = products[2], products[3]
    for k in range(balance.shape[0]):
        cross_re[k] = scale[k] * (left_re[k] * right_re[k] + left_im[k] * right_im[k])
    for k in range(balance.shape[0]):
        cross_im[k] = scale[k] * (left_im[k] * right_re[k] - left_re[k] * right_im[k])
    for k in range(balance.shape[0]):
        products[0, k] = _TWO * weight[k] * balance[k]
    for k in range(balance.shape[0]):
        products[1, k] = _TWO * weight[k] * (_ONE - balance[k])


@kernel
def _fill(value, row):
    for k in range(row.shape[0]):
        row[k] = value


@kernel
def _remember(first, second, product, weight, place):
    """One row of G moves towards what is seen now; what falls below the flush is 0."""
    for k in range(place.shape[0]):
        seen = (first[k] * second[k] + BACKGROUND) * product[k]
        value = (_ONE - weight[k]) * place[k] + seen
        place[k] = value if abs(value) >= FLUSH else _ZERO


@kernel
def _average(left, right, balance, share):
    """Share of a stem in the mixture's power, from its masks in both channels."""
    for k in range(share.shape[0]):
        share[k] = right[k] + balance[k] * (left[k] - right[k])


@kernel
def _weigh(share, place, weighted):
    """v R."""
    left, right, scale = place[0], place[1], weighted[3]
    for k in range(share.shape[0]):
        trace = _HALF * (left[k] + right[k])
        scale[k] = (_ONE - SPREAD) * share[k] / trace if trace > _ZERO else _ZERO
    for i in range(4):  # the last row is the scale itself
        known, row = place[i], weighted[i]
        for k in range(share.shape[0]):
            row[k] = scale[k] * known[k]
    for i in range(2):
        row = weighted[i]
        for k in range(share.shape[0]):
            row[k] += SPREAD * share[k]


@kernel
def _add(x, total):
    for k in range(total.shape[0]):
        total[k] += x[k]


@kernel
def _solve(total, re, im, u):
    """u = (sum_i v_i R_i)^-1 x, the inverse of a Hermitian 2x2 matrix written out."""
    left, right, cross_re, cross_im = total[0], total[1], total[2], total[3]
    bins = left.shape[0]
    # One over the determinant goes into the rows themselves.
    factor = u[0]
    for k in range(bins):
        cross = cross_re[k] * cross_re[k] + cross_im[k] * cross_im[k]
        factor[k] = _ONE / (left[k] * right[k] - cross)
    for i in range(4):
        row = total[i]
        for k in range(bins):
            row[k] *= factor[k]
    _turn(right, cross_re, cross_im, -_ONE, re[0], im[0], re[1], im[1], u[0], u[1])
    _turn(left, cross_re, cross_im, _ONE, re[1], im[1], re[0], im[0], u[2], u[3])


@kernel
def _turn(gain, cross_re, cross_im, sign, x_re, x_im, y_re, y_im, re, im):
    """gain x - (cross_re - sign i cross_im) y."""
    for k in range(re.shape[0]):
        turned = cross_re[k] * y_re[k] + sign * cross_im[k] * y_im[k]
        re[k] = gain[k] * x_re[k] - turned
    for k in range(im.shape[0]):
        turned = cross_re[k] * y_im[k] - sign * cross_im[k] * y_re[k]
        im[k] = gain[k] * x_im[k] - turned


@kernel
def _apply(weighted, u, filtered):
    """v R u, left and right; `weighted` is spent."""
    left, right, cross_re, cross_im = weighted[0], weighted[1], weighted[2], weighted[3]
    for k in range(cross_re.shape[0]):  # `_turn` subtracts what here is to be added
        cross_re[k] = -cross_re[k]
    _turn(left, cross_re, cross_im, _ONE, u[0], u[1], u[2], u[3], filtered[0, 0], filtered[0, 1])
    _turn(right, cross_re, cross_im, -_ONE, u[2], u[3], u[0], u[1], filtered[1, 0], filtered[1, 1])
