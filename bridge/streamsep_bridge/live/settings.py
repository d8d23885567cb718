"""What a live session plays through what."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from streamsep.presets import Preset, find_preset
from streamsep_bridge.rack.order import RackOrder


@dataclass(frozen=True)
class ModelChoice:
    """Which model separates.

    Attributes:
        preset: Name or path; None takes the best that has the profile and stem set.
        profile: Name; None is the preset's default.
        stem_set: Name; None is the preset's default.
        precision: "float32" or "int8".
        mode: Where it runs: "auto", "inline" or "worker".
        engine: "compiled", or "torch" or "graph", which run in a worker.
    """

    preset: str | None = None
    profile: str | None = None
    stem_set: str | None = None
    precision: str = "float32"
    mode: str = "auto"
    engine: str = "compiled"

    def find(self) -> Preset:
        """The preset.

        Raises:
            PresetError: There is none like that.
        """
        return find_preset(self.preset, self.profile, self.stem_set)


@dataclass(frozen=True)
class AudioChoice:
    """Through which devices.

    Attributes:
        input: Name, part of it, or number; None is the default.
        output: The same.
        sample_rate: In Hz; None is the output's own.
        block_size: Samples per callback; 0 is the device's own.
        channels: Of the input and of every stem, 1 or 2.
        has_stem_outputs: Every stem on channels of its own, at unity.
        is_limited: Whether a soft limiter guards the mix.
        is_split: Input and output are streams of their own, each at its clock.
    """

    input: str | None = None
    output: str | None = None
    sample_rate: int | None = None
    block_size: int = 0
    channels: int = 2
    has_stem_outputs: bool = False
    is_limited: bool = True
    is_split: bool = False


@dataclass(frozen=True)
class SourceChoice:
    """A file that is played instead of an input.

    Attributes:
        path: Of the file.
        is_looped: Whether it begins anew at its end.
        is_paused: Whether it waits.
        start_s: Where it begins, in s.
    """

    path: str
    is_looped: bool = False
    is_paused: bool = False
    start_s: float = 0.0


@dataclass(frozen=True)
class HostOrder:
    """All that the audio process is told at its start.

    Attributes:
        memory: File that names the desk's memory.
        record_frames: Frames of its recorder's ring.
        model: What separates.
        audio: Through which devices.
        matrices: Faders by the stem's name; stems that are not named are at unity.
        master: Gain of all.
        dryness: Share of the dry mixture in what is heard, 0 to 1.
        source: File that is the input; None is a device.
        fx: Racks of plug-ins; None has none.
    """

    memory: str
    record_frames: int
    model: ModelChoice
    audio: AudioChoice
    matrices: dict[str, list[list[float]]]
    master: float = 1.0
    dryness: float = 0.0
    source: SourceChoice | None = None
    fx: RackOrder | None = None

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> HostOrder:
        """What `to_json` wrote."""
        data = json.loads(text)
        data["model"] = ModelChoice(**data["model"])
        data["audio"] = AudioChoice(**data["audio"])
        data["source"] = data["source"] and SourceChoice(**data["source"])
        data["fx"] = data["fx"] and RackOrder(**data["fx"])
        return cls(**data)
