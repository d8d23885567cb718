"""How stems are written, as chosen by the user: one object, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass

from streamsep_offline.files.clip import check_strategy
from streamsep_offline.files.formats import OutputFormat, find_format
from streamsep_offline.files.naming import check_template


@dataclass(frozen=True)
class OutputOptions:
    """How stems are written.

    Attributes:
        format: "wav", "flac", "ogg", "mp3", "m4a", "opus" or "stem.mp4".
        bits: 16, 24 or 32 (float); None keeps the input's depth where it has one.
        kbps: Bitrate of a stem, in thousands of bits per second; None takes the format's.
        clip: "none", "rescale" or "clamp"; None is rescale, and none for float.
        name_template: As in `naming`; None is "{track}/{stem}.{ext}", or "{track}.{ext}" for one file.
        is_overwriting: Whether existing files are replaced; otherwise they are kept.

    Raises:
        ParameterError: A choice is unknown, or two do not go together.
    """

    format: str = "wav"
    bits: int | None = None
    kbps: int | None = None
    clip: str | None = None
    name_template: str | None = None
    is_overwriting: bool = False

    def __post_init__(self) -> None:
        check_template(self.name_template, self.output_format)
        check_strategy(self.clip)

    @property
    def output_format(self) -> OutputFormat:
        """The format's abilities."""
        return find_format(self.format, self.bits, self.kbps)

    @property
    def template(self) -> str:
        """The template in use."""
        return check_template(self.name_template, self.output_format)
