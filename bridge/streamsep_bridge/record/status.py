"""How a recorder is, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Trouble:
    """What went wrong.

    Attributes:
        kind: "lost": the disk was too slow for a while; "failed": the take has ended.
        reason: For people.
        n_frames: Frames lost since the last report; 0 where the take has ended.
    """

    kind: str
    reason: str
    n_frames: int


@dataclass(frozen=True)
class RecorderStatus:
    """One look at a recorder.

    Attributes:
        state: "stopped", "recording", "paused" or "failed".
        reason: Why it failed.
        paths: Files of the take, the last one when it has ended, by name: input, stems, mix.
        n_frames: Samples per channel written.
        n_lost: Frames of them that are silent because the disk was too slow.
        n_silent: Frames of them that are silent because the audio process was away.
        n_clipped: Samples beyond full scale that 16 or 24 bits could not hold.
    """

    state: str
    reason: str = ""
    paths: dict[str, Path] | None = None
    n_frames: int = 0
    n_lost: int = 0
    n_silent: int = 0
    n_clipped: int = 0
