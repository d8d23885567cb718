"""What the engine of a batch works on, and what it refuses."""

from __future__ import annotations

from streamsep.errors import SampleRateError, ShapeError
from streamsep.model import Model
from streamsep.spec import StreamSpec


def stream_spec(model: Model, sample_rate: int, channels: int, wiener: bool) -> StreamSpec:
    """Windows, rate, channels and stems of all streams of a batch.

    Args:
        model: What to run.
        sample_rate: Rate of the streams in Hz.
        channels: Channels of the streams.
        wiener: Whether the recursive Wiener filter follows the masks.

    Raises:
        SampleRateError: The model does not run at that rate.
        ShapeError: The channels cannot be served by the model.
    """
    if sample_rate not in model.sample_rates:
        rates = " and ".join(str(rate) for rate in model.sample_rates)
        raise SampleRateError(
            f"sample_rate={sample_rate} Hz: a batch of this model runs at {rates} Hz; resample outside "
            "(streamsep.resample.StreamingResampler), or use a Separator"
        )
    if channels not in (1, 2):
        raise ShapeError(
            f"{channels} channels: streamsep separates mono or stereo; mix it down first"
        )
    seen = channels if model.channels is None else model.channels
    if seen < channels:
        raise ShapeError(
            f"this model sees {seen} channel, not {channels}; mix the audio down first"
        )
    return StreamSpec(model.profile, sample_rate, seen, model.targets, wiener)
