"""One recording through one separator, block by block, with clocks and levels."""

from __future__ import annotations

import contextlib
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from rich.console import Console

import streamsep
from streamsep.commands.console import waiting
from streamsep.commands.options import SeparationOptions
from streamsep.engine.tap import MaskTap
from streamsep.levels import StemLevels
from streamsep.presets import find_preset
from streamsep.separator import Separator
from streamsep.units import samples_to_ms
from streamsep.whole import separate_blocks


class Session:
    """Separates a recording and knows how it went.

    Args:
        options: What separates.
        sample_rate: Of the recording, in Hz.
        channels: Of the recording.
        console: Told of a wait for the compiler, which there is once on a machine.

    Attributes:
        preset: The preset as selected.
        separator: Its promises (latency, stems) are those of a live stream with the same blocks.
        levels: Of the stems so far.
        n_samples: Samples per channel that came out so far.
        prepare_s: Seconds that the engine took to be ready.
        busy_s: Seconds spent separating, without reading and writing.

    Raises:
        StreamsepError: The preset, profile, stem set, engine or model cannot be had.
    """

    def __init__(
        self, options: SeparationOptions, sample_rate: int, channels: int, console: Console
    ) -> None:
        self.options, self.sample_rate, self.channels = options, sample_rate, channels
        self.preset = find_preset(options.preset, options.profile, options.stem_set)
        start = time.perf_counter()
        with contextlib.ExitStack() as stack:
            model = self.preset.load()
            if options.engine == "compiled" and not _is_compiled(model.kind):
                text = "compiling the engine for this processor, once: about 20 s"
                stack.enter_context(waiting(console, text))
            self.separator = Separator(
                model,
                sample_rate=sample_rate,
                channels=channels,
                engine=options.engine,
                precision=options.precision,
                block_size=options.block_size,
                wiener=self.preset.has_wiener if options.wiener is None else options.wiener,
            )
        self.prepare_s = time.perf_counter() - start
        self.levels = StemLevels(len(self.separator.stems))
        self.n_samples, self.busy_s = 0, 0.0

    def run(
        self,
        blocks: Iterable[np.ndarray],
        mask_listener: Callable[[np.ndarray], None] | None = None,
    ) -> Iterator[np.ndarray]:
        """Separate a recording.

        Args:
            blocks: float32 [channels, n], any n.
            mask_listener: Gets the masks of every hop, float32 [stems, channels, bins].

        Yields:
            float32 [stems, channels, m], aligned with the recording and together as long.
        """
        waited_s = 0.0

        def timed() -> Iterator[np.ndarray]:
            nonlocal waited_s
            source = iter(blocks)
            while True:
                start = time.perf_counter()
                block = next(source, None)
                waited_s += time.perf_counter() - start
                if block is None:
                    return
                yield block

        stream = iter(self._stems(timed(), mask_listener))
        while True:
            waited_s, start = 0.0, time.perf_counter()
            stems = next(stream, None)
            self.busy_s += time.perf_counter() - start - waited_s
            if stems is None:
                return
            self.n_samples += stems.shape[-1]
            self.levels.add(stems)
            yield stems

    def _stems(
        self, blocks: Iterable[np.ndarray], listener: Callable[[np.ndarray], None] | None
    ) -> Iterator[np.ndarray]:
        if listener is None:
            return self.separator.separate_blocks(blocks)
        tap = MaskTap(self.separator.engine, listener)
        return separate_blocks(tap, blocks, self.sample_rate, self.channels)

    @property
    def seconds(self) -> float:
        """Seconds of music that came out so far."""
        return self.n_samples / self.sample_rate

    @property
    def speed(self) -> float:
        """Seconds of music per second of separating."""
        return self.seconds / self.busy_s if self.busy_s > 0.0 else 0.0

    @property
    def load_percent(self) -> float:
        """Share of one core that the same work would take in real time."""
        return 100.0 * self.busy_s / self.seconds if self.n_samples else 0.0

    def title(self) -> str:
        """Preset, stem set, profile and latency in one line."""
        preset = self.preset
        latency = f"{self.separator.latency_ms:.1f} ms late"
        return f"{preset.name}, {preset.stem_set} at {preset.profile}, {latency}"

    def report(self) -> dict[str, Any]:
        """What happened, as JSON values; levels of silence are null."""
        separator, preset = self.separator, self.preset
        levels = zip(separator.stems, self.levels.rms_db, self.levels.peak_db, strict=True)
        return {
            "preset": preset.name,
            "profile": preset.profile,
            "stem_set": preset.stem_set,
            "engine": self.options.engine,
            "precision": self.options.precision,
            "wiener": separator.spec.has_wiener,
            "block_samples": self.options.block_size,
            "engine_sample_rate_hz": separator.spec.sample_rate,
            "latency_samples": separator.latency_samples,
            "latency_ms": round(samples_to_ms(separator.latency_samples, self.sample_rate), 3),
            "duration_s": round(self.seconds, 4),
            "prepare_s": round(self.prepare_s, 3),
            "separate_s": round(self.busy_s, 3),
            "times_real_time": round(self.speed, 2),
            "load_percent_of_one_core": round(self.load_percent, 2),
            "stems": {
                name: {"rms_db": _finite(rms), "peak_db": _finite(peak)}
                for name, rms, peak in levels
            },
            "versions": versions(),
        }


def _finite(level_db: float) -> float | None:
    return round(level_db, 2) if level_db > -400.0 else None


def _is_compiled(kind: str) -> bool:
    from streamsep.engine.compiled.cache import is_cached

    return is_cached(kind)


def versions() -> dict[str, str]:
    """Versions of what decides about the sound and the speed."""
    import numba
    import soundfile
    import soxr

    return {
        "streamsep": streamsep.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "soundfile": soundfile.__version__,
        "libsndfile": soundfile.__libsndfile_version__,
        "soxr": soxr.__version__,
        "system": platform.platform(),
    }
