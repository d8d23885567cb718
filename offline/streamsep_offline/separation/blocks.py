"""A song as blocks on a fixed grid, each with what lies around it; and their outputs, cross-faded.

Block b is about the samples [b core, (b + 1) core) of the song. What it is given depends on the song and
on b alone, never on how the song arrived or where a run started, so a run that starts late gives the same
bits. What it returns reaches `overlap` samples into the next block, over which the two are cross-faded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Segment:
    """A block with what lies before and after it; zeros beyond the ends of the song.

    Attributes:
        index: b, the block's place on the grid.
        samples: [..., before + core + after]
        n_valid: Samples of the core that belong to the song, 1 to core.
        n_song: Samples of the song, where it ends within this segment; otherwise None.
    """

    index: int
    samples: np.ndarray
    n_valid: int
    n_song: int | None


def segments(
    pieces: Iterable[np.ndarray], core: int, before: int, after: int, first_block: int = 0
) -> Iterator[Segment]:
    """Cut a song that comes in pieces into overlapping segments.

    Args:
        pieces: [..., n], any n, from the song's start. Not modified, but kept: hand over fresh arrays.
        core: Samples of a block.
        before: Samples in front of the block.
        after: Samples behind it.
        first_block: Where to start; earlier samples are read and dropped.

    Yields:
        Segments in order, as many as have a sample of the song in their core.
    """
    index, n_read = first_block, 0
    held: list[np.ndarray] = []  # from sample max(0, index core - before) of the song to n_read
    for piece in pieces:
        wanted = piece[..., max(0, index * core - before - n_read) :]
        n_read += piece.shape[-1]
        if wanted.shape[-1]:
            held.append(wanted)
        while n_read >= (index + 1) * core + after:
            joined = np.concatenate(held, axis=-1)
            yield _segment(joined, index, core, before, after, None)
            index += 1
            held = [joined[..., max(0, joined.shape[-1] - (n_read - index * core + before)) :]]
    while index * core < n_read:
        joined = np.concatenate(held, axis=-1)
        yield _segment(joined, index, core, before, after, n_read)
        index += 1
        held = [joined[..., max(0, joined.shape[-1] - (n_read - index * core + before)) :]]


def _segment(
    held: np.ndarray, index: int, core: int, before: int, after: int, n_song: int | None
) -> Segment:
    """The segment of a block from the samples held, which begin at max(0, index core - before)."""
    n = before + core + after
    samples = np.zeros((*held.shape[:-1], n), held.dtype)
    at = max(0, before - index * core)
    given = min(held.shape[-1], n - at)
    samples[..., at : at + given] = held[..., :given]
    n_valid = core if n_song is None else min(core, n_song - index * core)
    return Segment(index, samples, n_valid, n_song)


class CrossFade:
    """Joins blocks that overlap: the end of one fades into the start of the next, linearly.

    The two estimate the same sound, so their amplitudes add up to 1.

    Args:
        overlap: Samples by which a block reaches into the next one; at most its core.
    """

    def __init__(self, overlap: int) -> None:
        self._rise = ((np.arange(overlap) + 0.5) / overlap).astype(np.float32)
        self._tail: np.ndarray | None = None

    def push(self, block: np.ndarray) -> np.ndarray:
        """The finished core of a block.

        Args:
            block: The block and what reaches into the next one. Not modified. [..., core + overlap]

        Returns:
            A new array, [..., core].
        """
        overlap = len(self._rise)
        core = block.shape[-1] - overlap
        out = block[..., :core].copy()
        if self._tail is not None:
            head = out[..., :overlap]
            head *= self._rise
            head += self._tail * self._rise[::-1]
        self._tail = block[..., core:].copy()
        return out
