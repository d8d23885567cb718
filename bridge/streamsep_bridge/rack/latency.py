"""The latency that pedalboard hides, measured."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from streamsep_bridge.rack.parameters import ChainError


class Streamed(Protocol):
    """What is called as a `Pedalboard`."""

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = ..., reset: bool = ...
    ) -> np.ndarray:
        """[channels, n] -> [channels, <= n]"""

    def reset(self) -> None:
        """Forget all sound."""


def measure_latency(
    board: Streamed, sample_rate: float, channels: int, block_size: int, longest_s: float = 4.0
) -> int:
    """Samples by which a streamed chain lags behind: the most that it holds back.

    pedalboard hides latency: what comes out of a stream is aligned with its input, but fewer samples come
    at first. So the delay that a host has to declare is the largest number of samples that are owed at any
    time. Chains that stretch time (PitchShift) owe more now and then; they get that much again for reserve.

    Args:
        board: Called as a `Pedalboard`; reset before and after.
        sample_rate: In Hz.
        channels: Of the sound.
        block_size: In blocks of so many samples.
        longest_s: Of sound that is tried.

    Returns:
        0 to longest_s in samples.

    Raises:
        ChainError: It returned nothing at all.
    """
    rng = np.random.default_rng(0)
    owed: list[int] = []
    board.reset()
    came_at = None
    while len(owed) * block_size < longest_s * sample_rate:
        noise = 0.1 * rng.standard_normal((channels, block_size)).astype(np.float32)
        returned = board(noise, sample_rate, buffer_size=block_size, reset=False)
        owed.append((owed[-1] if owed else 0) + block_size - returned.shape[-1])
        if returned.shape[-1] and came_at is None:
            came_at = len(owed)
        is_steady = came_at is not None and len(set(owed[came_at:])) <= 1
        if is_steady and len(owed) >= 2 * came_at + math.ceil(0.1 * sample_rate / block_size):
            break
    board.reset()
    if came_at is None:
        raise ChainError(
            f"the chain returned no sound within {longest_s:g} s of music; leave out the plug-in "
            "that stops it"
        )
    settled = owed[came_at:] or owed
    return max(owed) + max(settled) - min(settled)
