"""What happens to samples beyond full scale, which integer formats cannot hold.

`rescale` turns all stems of a song down by one factor, so that they keep their balance and still add up to
the (quieter) mixture; `clamp` clips each sample; `none` leaves the samples to the format.
"""

from __future__ import annotations

import numpy as np

from streamsep.errors import ParameterError

STRATEGIES = ("none", "rescale", "clamp")

_LOSSY_TOP = 0.98
"""An encoder's quantisation noise goes a little beyond the peak of what it was given."""


def check_strategy(strategy: str | None) -> None:
    """Refuse what is none of `STRATEGIES`; None lets the format decide.

    Raises:
        ParameterError: It is unknown.
    """
    if strategy is not None and strategy not in STRATEGIES:
        raise ParameterError(
            f"--clip {strategy} is unknown; choose one of: {', '.join(STRATEGIES)}"
        )


def choose_strategy(strategy: str | None, bits: int | None) -> str:
    """The strategy asked for, else `rescale`, and `none` for float, which holds any level."""
    return strategy or ("none" if bits == 32 else "rescale")


def rescale_gain(peak: float, bits: int | None) -> float:
    """Linear gain, at most 1, that brings a peak within what a format holds.

    Args:
        peak: Linear, of all stems of a song.
        bits: Depth; None for lossy formats, 32 for float.
    """
    top = _LOSSY_TOP if bits is None else 1.0 if bits == 32 else 1.0 - 2.0 ** (1 - bits)
    # A lossless file may use its last step, a lossy one is only turned down when it would clip.
    return top / peak if peak > (1.0 if bits is None else top) else 1.0


def clamp(samples: np.ndarray) -> tuple[np.ndarray, int]:
    """Samples within -1 to 1, and how many were not."""
    return np.clip(samples, -1.0, 1.0), int(np.count_nonzero(np.abs(samples) > 1.0))
