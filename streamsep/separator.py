"""`Separator`: blocks of music in, blocks of every stem out, while the music plays.

    import numpy as np
    from streamsep import Separator

    separator = Separator.from_preset("classic")
    block = np.zeros((2, 512), np.float32)
    vocals, drums, bass, other = separator.process(block)

Audio is float32 [channels, samples], stems are [stems, channels, samples]. The stems sum to the input
delayed by `latency_samples`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from streamsep.arrays import as_audio
from streamsep.engine import HopEngine, create_engine
from streamsep.engine.rebuffer import Rebuffer
from streamsep.errors import BlockSizeError, PresetError, ShapeError
from streamsep.model import Model
from streamsep.presets import Preset, find_preset
from streamsep.resample import nearest_rate
from streamsep.spec import StreamSpec
from streamsep.units import samples_to_ms
from streamsep.whole import separate_blocks


class Separator:
    """Separates a stream of blocks; see the module's docstring.

    Args:
        model: What to run.
        sample_rate: Rate of the audio in Hz, 8000 to 192000. 44100 and 48000 need no resampling.
        channels: Channels of the audio, 1 or 2.
        engine: "compiled", "torch", or "graph" (on a GPU; without one "compiled" runs, with a warning).
        precision: "float32", or "int8" for int8 weights; "graph" runs "bfloat16" and "float16" instead.
        block_size: Promise that every block is a multiple of so many samples; it lowers the latency.
            None promises nothing.
        wiener: Whether the recursive Wiener filter follows the masks; see `streamsep.recursive_wiener`.

    Attributes:
        model: As given.
        sample_rate: As given.
        channels: As given.
        block_size: As given.
        spec: What the engine works on.

    Building one runs a few hops of silence, so that the first block waits for nothing. The very first time
    on a machine, the compiled engine is translated for its processor: some 10 s, then cached.

    Raises:
        SampleRateError: The rate is out of range.
        ShapeError: The channels cannot be served by the model.
        EngineError: The engine is unknown or cannot run the model.
        BlockSizeError: The promise is not a positive count.

    Latency: `latency_samples`. Thread: one at a time. Allocates: what it returns. In place: own state.
    """

    def __init__(
        self,
        model: Model,
        *,
        sample_rate: int = 44100,
        channels: int = 2,
        engine: str = "compiled",
        precision: str = "float32",
        block_size: int | None = None,
        wiener: bool = False,
    ) -> None:
        if channels not in (1, 2):
            raise ShapeError(
                f"{channels} channels: streamsep separates mono or stereo; mix it down first"
            )
        if block_size is not None and block_size < 1:
            raise BlockSizeError(
                f"block_size={block_size} must be at least 1, or None to promise nothing"
            )
        self.model, self.sample_rate, self.channels = model, sample_rate, channels
        self.block_size = block_size
        seen = channels if model.channels is None else model.channels
        if seen < channels:
            raise ShapeError(
                f"this model sees {seen} channel, not {channels}; mix the audio down first"
            )
        self.spec = StreamSpec(
            model.profile,
            nearest_rate(sample_rate, model.sample_rates),
            seen,
            model.targets,
            wiener,
        )
        self._engine = create_engine(engine, model, self.spec, precision)
        self._stream = Rebuffer(self._engine, sample_rate, channels, block_size)
        self._stream.warm_up()

    @classmethod
    def from_preset(
        cls,
        preset: str | Preset | None = None,
        *,
        profile: str | None = None,
        stem_set: str | None = None,
        sample_rate: int = 44100,
        channels: int = 2,
        engine: str = "compiled",
        precision: str = "float32",
        block_size: int | None = None,
        wiener: bool | None = None,
    ) -> Separator:
        """A separator from a preset's name, its file, or a `Preset`.

        Args:
            preset: "classic", "classic-2stems-tight", a path to a JSON file, or a `Preset`; None takes the
                best that has the profile and stem set.
            profile: "studio", "stage", "tight" or "instant"; None takes the preset's default.
            stem_set: "2stems", "4stems" or "5stems"; None takes the preset's default.
            sample_rate: As for the class.
            channels: As for the class.
            engine: As for the class.
            precision: As for the class.
            block_size: As for the class.
            wiener: As for the class; None is what the preset says.

        Raises:
            PresetError: There is no such preset, profile or stem set.
        """
        if isinstance(preset, Preset):
            if profile is not None or stem_set is not None:
                raise PresetError(
                    "a Preset already selects profile and stem set; pass its name instead"
                )
        else:
            preset = find_preset(preset, profile, stem_set)
        return cls(
            preset.load(),
            sample_rate=sample_rate,
            channels=channels,
            engine=engine,
            precision=precision,
            block_size=block_size,
            wiener=preset.has_wiener if wiener is None else wiener,
        )

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the stems, in the order of the first axis; the last is the residual."""
        return self.spec.targets

    @property
    def engine(self) -> HopEngine:
        """What runs the model; it may be shared by any number of streams, each with a state of its own."""
        return self._engine

    @property
    def latency_samples(self) -> int:
        """Samples by which the stems lag behind the input, at the host's rate."""
        return self._stream.latency_samples

    @property
    def latency_ms(self) -> float:
        """The same in milliseconds."""
        return samples_to_ms(self.latency_samples, self.sample_rate)

    @property
    def masks(self) -> np.ndarray:
        """Masks of the engine's latest frame, float32 [stems, channels, bins]; they sum to 1 over stems."""
        return np.array(self._engine.masks(self._stream.state))

    @property
    def n_hops(self) -> int:
        """Hops that the engine has stepped since the start or the last reset."""
        return self._stream.n_hops

    def process(self, block: np.ndarray) -> np.ndarray:
        """Separate the next block.

        Args:
            block: float32 [channels, n]. Non-finite samples count as 0, those beyond +48 dBFS are clamped.

        Returns:
            float32 [stems, channels, n], `latency_samples` late, zeros first.

        Raises:
            ShapeError: The block is not [channels, n].
            BlockSizeError: n is no multiple of the promised block size.
        """
        block = self._check(block)
        if self.block_size is not None and block.shape[1] % self.block_size:
            raise BlockSizeError(
                f"a block of {block.shape[1]} samples breaks the promise block_size={self.block_size}; "
                "send multiples of it, or build the Separator with block_size=None"
            )
        return self._stream.process(block)

    def flush(self) -> np.ndarray:
        """The tail: the last `latency_samples` of the stems, then a reset.

        Returns:
            float32 [stems, channels, latency_samples].
        """
        n = self.latency_samples
        promised = self.block_size or 1
        silence = np.zeros((self.channels, math.ceil(n / promised) * promised), np.float32)
        tail = self._stream.process(silence)[..., :n]
        self.reset()
        return tail

    def reset(self) -> None:
        """Forget all that was heard; the next block is the start of a stream."""
        self._stream.reset()

    def separate(self, audio: np.ndarray, sample_rate: int | None = None) -> np.ndarray:
        """Separate a whole recording by the same code; the stream at hand is not touched.

        Args:
            audio: float32 [channels, n], 1 or 2 channels.
            sample_rate: Of the audio in Hz; None is that of this separator.

        Returns:
            Aligned with the audio, float32 [stems, channels, n].

        Raises:
            ShapeError: The audio is not [channels, n] with one or two channels.
            SampleRateError: The rate is out of range.
        """
        rate = self.sample_rate if sample_rate is None else sample_rate
        audio = as_audio(audio)
        if (
            audio.shape[0] not in (1, self.spec.channels)
            or nearest_rate(rate, self.model.sample_rates) != self.spec.sample_rate
        ):
            return self._sibling(rate, audio.shape[0]).separate(audio)
        parts = list(separate_blocks(self._engine, [audio], rate, audio.shape[0]))
        return np.concatenate(parts, axis=-1)

    def separate_blocks(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Separate a recording that comes in blocks, in constant memory; the stream at hand is not touched.

        Args:
            blocks: float32 [channels, n], any n, at this separator's rate.

        Yields:
            float32 [stems, channels, m], aligned with the recording and together as long as it.
        """
        checked = (self._check(block) for block in blocks)
        return separate_blocks(self._engine, checked, self.sample_rate, self.channels)

    def _sibling(self, sample_rate: int, channels: int) -> Separator:
        """The same model and engine for audio of another rate or channel count."""
        return Separator(
            self.model,
            sample_rate=sample_rate,
            channels=channels,
            engine=self._engine.name,
            precision=self._engine.precision,
            wiener=self.spec.has_wiener,
        )

    def _check(self, block: np.ndarray) -> np.ndarray:
        block = as_audio(block)
        if block.shape[0] != self.channels:
            raise ShapeError(
                f"a block of shape {block.shape} has {block.shape[0]} channels, this separator has "
                f"{self.channels}; build it with channels={block.shape[0]}, or pass [channels, samples]"
            )
        return block
