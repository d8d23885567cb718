"""What stems can be written as: bits, bitrates, rates and channels of every output format.

Depths and rates follow the input where the format can hold them. What a lossy format cannot hold (44.1 kHz
in Opus, 96 kHz in MP3) is resampled to its next rate up, or its highest.

Out of scope: how libsndfile and FFmpeg write them, see `encoders`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamsep.errors import AudioFileError, ParameterError


@dataclass(frozen=True)
class OutputFormat:
    """One way of writing stems.

    Attributes:
        name: What users type; also the extension without its dot.
        bits: Depths on offer, 32 meaning float; empty for lossy formats.
        default_bits: Depth where neither the user nor the input has one; None for lossy formats.
        default_kbps: Bitrate of a stem of two channels; None where there is no choice.
        rates: Sample rates in Hz that it holds, ascending; None holds all.
        channels: Channel counts that it holds.
        is_av: Written by PyAV (extra `formats`), not by libsndfile.
        is_container: One file holds the mixture and all stems.
    """

    name: str
    bits: tuple[int, ...] = ()
    default_bits: int | None = None
    default_kbps: int | None = None
    rates: tuple[int, ...] | None = None
    channels: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    is_av: bool = False
    is_container: bool = False

    @property
    def extension(self) -> str:
        """With its dot."""
        return f".{self.name}"


_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_RATES = (*_MP3_RATES, 64000, 88200, 96000)
_AAC_CHANNELS = (1, 2, 3, 4, 5, 6, 8)

FORMATS: Mapping[str, OutputFormat] = {
    each.name: each
    for each in (
        OutputFormat("wav", (16, 24, 32), 32, channels=tuple(range(1, 65))),
        OutputFormat("flac", (16, 24), 24),
        OutputFormat("ogg", default_kbps=256),
        OutputFormat("mp3", default_kbps=320, rates=_MP3_RATES, channels=(1, 2)),
        OutputFormat("opus", default_kbps=192, rates=(8000, 12000, 16000, 24000, 48000)),
        OutputFormat("m4a", default_kbps=256, rates=_AAC_RATES, channels=_AAC_CHANNELS, is_av=True),
        OutputFormat(
            "stem.mp4",
            default_kbps=256,
            rates=_AAC_RATES,
            channels=_AAC_CHANNELS,
            is_av=True,
            is_container=True,
        ),
    )
}


def find_format(name: str, bits: int | None, kbps: int | None) -> OutputFormat:
    """The format of a name, after a look at what is asked of it.

    Args:
        name: "wav", "stem.mp4".
        bits: Depth asked for; None lets the input decide.
        kbps: Bitrate asked for, in thousands of bits per second; None takes the format's.

    Raises:
        ParameterError: The format is unknown, or has no such depth or no bitrate.
    """
    if name not in FORMATS:
        raise ParameterError(f"--format {name} is unknown; choose one of: {', '.join(FORMATS)}")
    output = FORMATS[name]
    if bits is not None and bits not in output.bits:
        known = " or ".join(map(str, output.bits))
        remedy = f"choose {known}" if known else "leave --bits out, or choose wav or flac"
        raise ParameterError(f"{name} has no {bits} bits; {remedy}")
    if kbps is not None and output.default_kbps is None:
        raise ParameterError(
            f"{name} is lossless, --bitrate {kbps} means nothing; leave it out, or choose mp3"
        )
    if kbps is not None and not 6 <= kbps <= 1024:
        raise ParameterError(f"--bitrate {kbps} is out of range; use 6 to 1024 kbit/s per stem")
    return output


def choose_bits(output: OutputFormat, bits: int | None, source_bits: int | None) -> int | None:
    """Depth of the stems: the one asked for, else the input's as nearly as the format has it.

    Args:
        output: The format.
        bits: Depth asked for.
        source_bits: Of the input, 32 meaning float; None for a lossy input.
    """
    if bits is not None or not output.bits:
        return bits
    if source_bits is None:
        return output.default_bits
    return min((b for b in output.bits if b >= source_bits), default=output.bits[-1])


def choose_rate(output: OutputFormat, sample_rate: int) -> int:
    """Sample rate of the stems in Hz: the input's, or the next above that the format holds."""
    if output.rates is None:
        return sample_rate
    return min((r for r in output.rates if r >= sample_rate), default=output.rates[-1])


def check_channels(output: OutputFormat, channels: int, name: str) -> None:
    """Refuse a song whose channels the format cannot hold.

    Raises:
        AudioFileError: It cannot.
    """
    if channels not in output.channels:
        raise AudioFileError(
            f"{name} has {channels} channels, which {output.name} does not hold; "
            "choose --format wav"
        )
