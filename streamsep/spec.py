"""What a stream is made of: profiles (window pairs), stem sets, and the latency that follows.

Latency is *derived* here and nowhere typed. With S the synthesis length, frame t is computed when
(t + 1) hop samples have arrived, and completes all output before (t + 1) hop - (S - hop). So after m
samples, floor(m / hop) hop - (S - hop) samples can be handed out, and a caller who brings blocks of a
fixed size sees m only at multiples of g = gcd(block, hop): the worst of them leaves hop - g samples
waiting. The delay that always suffices is therefore (S - hop) + (hop - g) = S - g samples.

Conventions: counts are in samples at the engine's rate unless a name says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from streamsep.errors import ParameterError, PresetError

NATIVE_RATES = (44100, 48000)
"""Sample rates in Hz at which the engine runs without resampling."""

MIN_RATE, MAX_RATE = 8000, 192000
"""Sample rates in Hz that a host may have."""

STEM_SETS: dict[str, tuple[str, ...]] = {
    "2stems": ("vocals", "accompaniment"),
    "4stems": ("vocals", "drums", "bass", "other"),
    "5stems": ("vocals", "drums", "bass", "piano", "other"),
}
"""Order of the targets axis for each stem set. The last stem is the residual: input minus the others."""


@dataclass(frozen=True)
class Profile:
    """A window pair: the long analysis window sees the past, the short synthesis window sets the delay.

    Attributes:
        name: What users type, "stage".
        n_fft: Length of the analysis window and of the transform, a power of two.
        synthesis_length: Length S of the synthesis window, a power of two; it sets the delay.
        hop: Samples by which the engine advances: S / 2, or a smaller power of two for more overlap.
    """

    name: str
    n_fft: int
    synthesis_length: int
    hop: int

    def __post_init__(self) -> None:
        for label in ("n_fft", "synthesis_length", "hop"):
            value = getattr(self, label)
            if value < 2 or value & (value - 1):
                raise ParameterError(f"{label}={value} must be a power of two, at least 2")
        if self.synthesis_length > self.n_fft:
            raise ParameterError(
                f"synthesis_length={self.synthesis_length} must not exceed n_fft={self.n_fft}"
            )
        if 2 * self.hop > self.synthesis_length:
            raise ParameterError(
                f"hop={self.hop} must be at most half of synthesis_length={self.synthesis_length}"
            )

    @property
    def n_bins(self) -> int:
        """Frequency bins of a frame."""
        return self.n_fft // 2 + 1

    def latency_samples(self, block_size: int | None = None) -> int:
        """Algorithmic delay for a promised block size; None promises nothing (the worst case)."""
        return self.synthesis_length - math.gcd(1 if block_size is None else block_size, self.hop)


PROFILES: dict[str, Profile] = {
    p.name: p
    for p in (
        Profile("studio", 4096, 4096, 1024),
        Profile("stage", 2048, 1024, 512),
        Profile("tight", 2048, 512, 256),
        Profile("instant", 2048, 256, 128),
    )
}
"""The latency ladder, slowest first."""


@dataclass(frozen=True)
class StreamSpec:
    """What an engine needs to know besides the model: windows, rate, channels and stems.

    Attributes:
        profile: The window pair.
        sample_rate: Engine rate in Hz, one of `NATIVE_RATES` (reference models may differ).
        channels: Channels the engine sees, 1 or 2.
        targets: Names of the stems, order of the targets axis.
        has_wiener: Whether the recursive Wiener filter follows the masks; see
            `streamsep.recursive_wiener`.
    """

    profile: Profile
    sample_rate: int
    channels: int
    targets: tuple[str, ...]
    has_wiener: bool = False

    @property
    def residual(self) -> str:
        """The stem that is not estimated but left over; the last one."""
        return self.targets[-1]

    @property
    def estimated(self) -> tuple[str, ...]:
        """The stems that the engine synthesises: all but the residual."""
        return self.targets[:-1]

    @property
    def hop_s(self) -> float:
        """Seconds per hop."""
        return self.profile.hop / self.sample_rate

    @property
    def latency_samples(self) -> int:
        """Delay of the engine itself, fed hop by hop: S - hop."""
        return self.profile.latency_samples(self.profile.hop)


def find_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        PresetError: There is none; the message lists those that exist.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise PresetError(
            f"profile '{name}' is unknown; choose one of: {', '.join(PROFILES)}"
        ) from None


def find_stem_set(name: str) -> tuple[str, ...]:
    """The stems of the set of that name.

    Raises:
        PresetError: There is none; the message lists those that exist.
    """
    try:
        return STEM_SETS[name]
    except KeyError:
        known = ", ".join(STEM_SETS)
        raise PresetError(f"stem set '{name}' is unknown; choose one of: {known}") from None
