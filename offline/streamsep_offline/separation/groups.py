"""Which channels are separated together: pairs of left and right, and single ones.

Multichannel mixes of cinema carry a stereo pair in front, one behind and two channels that stand alone;
what a network of two channels has learned holds for the pairs. Layouts are those of WAVE files.
"""

from __future__ import annotations

from streamsep.errors import ShapeError

Group = tuple[int, ...]

_LAYOUTS: dict[int, tuple[Group, ...]] = {
    5: ((0, 1), (2,), (3, 4)),  # FL FR | FC | BL BR
    6: ((0, 1), (2,), (3,), (4, 5)),  # FL FR | FC | LFE | BL BR
    8: ((0, 1), (2,), (3,), (4, 5), (6, 7)),  # FL FR | FC | LFE | BL BR | SL SR
}


def channel_groups(channels: int) -> tuple[Group, ...]:
    """Groups of one or two channels that cover all, each channel once, in order.

    Known surround layouts (5.0, 5.1, 7.1) keep their pairs; any other count goes in pairs, a last one alone.

    Raises:
        ShapeError: There is no channel.
    """
    if channels < 1:
        raise ShapeError(f"{channels} channels: the audio needs at least one")
    if channels in _LAYOUTS:
        return _LAYOUTS[channels]
    return tuple(tuple(range(c, min(c + 2, channels))) for c in range(0, channels, 2))
